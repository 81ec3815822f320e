import type { HttpAnswer } from "#outpost/httpAnswer.ts";
import type { WitnessAnswer } from "./witness.ts";

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
