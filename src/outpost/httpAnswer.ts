import type { ServerResponse } from "node:http";

/** One whole answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** Plain text where it is not said. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const PLAIN = "text/plain; charset=utf-8";

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

/** The answer to a method that a path does not take. */
export function notAllowed(allow: string): HttpAnswer {
  return { status: 405, body: `ask with ${allow}\n`, headers: { allow } };
}
