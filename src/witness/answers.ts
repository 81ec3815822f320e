import type { ServerResponse } from "node:http";
import type { WitnessAnswer } from "./witness.ts";

/** One whole answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Plain text where it is not said. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const PLAIN = "text/plain; charset=utf-8";

/** The answer to `add-checkpoint` with the statuses of C2SP tlog-witness. */
export function httpAnswerOf(answer: WitnessAnswer): HttpAnswer {
  switch (answer.kind) {
    case "COSIGNED":
      return { status: 200, body: answer.lines };
    case "MALFORMED":
      return { status: 400, body: `${answer.reason}\n` };
    case "UNSIGNED":
      return { status: 403, body: `${answer.reason}\n` };
    case "UNKNOWN_LOG":
      return { status: 404, body: `${answer.reason}\n` };
    case "OTHER_SIZE":
      return { status: 409, body: `${answer.size}\n`, type: "text/x.tlog.size" };
    case "OTHER_ROOT":
      return { status: 409, body: `${answer.reason}\n` };
    case "NOT_CONSISTENT":
      return { status: 422, body: `${answer.reason}\n` };
    case "BUSY":
      return {
        status: 503,
        body: "too many requests for this log wait: ask again in a moment\n",
        headers: { "retry-after": "1" },
      };
  }
}

/** Sends an answer as a whole; what it says is never kept by anybody between. */
export function send(response: ServerResponse, answer: HttpAnswer): void {
  const body = Buffer.from(answer.body, "utf8");
  response.writeHead(answer.status, {
    "content-type": answer.type ?? PLAIN,
    "content-length": body.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  response.end(body);
}
