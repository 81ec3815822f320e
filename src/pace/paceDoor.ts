import { type HttpAnswer, notAllowed } from "#outpost/httpAnswer.ts";
import { openSmallDoor, type SmallDoor, type SmallRequest } from "#outpost/smallDoor.ts";
import { canonical, type CanonicalValue } from "#proof/canonical.ts";
import type { ChangeAnswer, Pace, PolicyAnswer } from "./pace.ts";

/** Where a change-rate service listens. */
export interface PaceDoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly pace: Pace;
  /** Told of everything that went wrong here and that a caller is told nothing of. */
  readonly report: (fault: Error) => void;
}

const BODY_BYTES_MAX = 131_072;
const PAGE_MAX = 1_000;
const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Listens for those who ask, those who set policies, and those who verify:
 *
 * - `POST /changes`: a signed request (200 with a token, 409 with every reason, 403, 400).
 * - `GET /changes?after=N`: the tokens given so far, without who asked and why.
 * - `POST /policy`, `GET /policy`: sets and shows the policy in force.
 * - `GET /keys`: the key set (RFC 7517).
 * - `GET /live`: that it runs.
 *
 * @throws {CannotListenThere}
 */
export function openPaceDoor({ host, port, pace, report }: PaceDoorOptions): Promise<SmallDoor> {
  return openSmallDoor({
    who: "the change-rate service",
    host,
    port,
    variables: "HOLDFAST_PACE_HOST and HOLDFAST_PACE_PORT",
    bodyBytesMax: BODY_BYTES_MAX,
    answer: (request) => answerTo(request, pace),
    report,
  });
}

const READS: Readonly<Record<string, (pace: Pace, query: URLSearchParams) => HttpAnswer>> = {
  "/changes": grantsTold,
  "/policy": policyTold,
  "/keys": ({ keySet }) => ({ status: 200, body: `${JSON.stringify(keySet)}\n`, type: JSON_TYPE }),
  "/live": () => ({ status: 200, body: "live\n" }),
};

const CHANGES: Readonly<Record<string, (pace: Pace, body: Uint8Array) => Promise<HttpAnswer>>> = {
  "/changes": async (pace, body) => changeAnswered(await pace.allow(body)),
  "/policy": async (pace, body) => policyAnswered(await pace.setPolicy(body)),
};

async function answerTo(
  { method, path, query, body }: SmallRequest,
  pace: Pace,
): Promise<HttpAnswer> {
  const [read, change] = [READS[path], CHANGES[path]];
  if (method === "POST" && change !== undefined) {
    const bytes = await body();
    if (bytes !== null) return change(pace, bytes);
    return { status: 413, body: `a request has ${BODY_BYTES_MAX} bytes at most\n` };
  }
  if (read === undefined) {
    const there = "here are GET and POST /changes, GET and POST /policy, GET /keys, GET /live\n";
    return { status: 404, body: there };
  }
  if (method === "GET" || method === "HEAD") return read(pace, query);
  return notAllowed(change === undefined ? "GET, HEAD" : "GET, HEAD, POST");
}

function told(status: number, value: CanonicalValue): HttpAnswer {
  return { status, body: `${canonical(value)}\n`, type: JSON_TYPE };
}

function changeAnswered(answer: ChangeAnswer): HttpAnswer {
  switch (answer.kind) {
    case "ALLOWED": {
      const { token, claims, isRepeated } = answer;
      return told(200, { token, claims: { ...claims }, repeated: isRepeated });
    }
    case "NOT_ALLOWED": {
      const { reasons, possibleFrom } = answer.review;
      return told(409, {
        refused: "NOT_ALLOWED",
        reasons: reasons.map((reason) => ({ ...reason })),
        possibleFrom,
      });
    }
    case "KEY_USED":
      return told(409, {
        refused: "IDEMPOTENCY_CONFLICT",
        message: "this idempotency key was used with another request: choose a new one",
      });
    default:
      return unanswered(answer);
  }
}

function policyAnswered(answer: PolicyAnswer): HttpAnswer {
  switch (answer.kind) {
    case "IN_FORCE":
      return told(200, { number: answer.number, digest: answer.digest });
    case "DOES_NOT_FOLLOW":
      return told(409, {
        refused: "DOES_NOT_FOLLOW",
        message: "the next policy names the number and the digest of the one in force",
        number: answer.number,
        digest: answer.digest,
      });
    default:
      return unanswered(answer);
  }
}

function unanswered(
  answer: Extract<ChangeAnswer & PolicyAnswer, { kind: "MALFORMED" | "NOT_SIGNED" | "BUSY" }>,
): HttpAnswer {
  if (answer.kind === "MALFORMED") {
    return told(400, { refused: "MALFORMED", faults: [...answer.faults] });
  }
  if (answer.kind === "NOT_SIGNED") {
    return told(403, { refused: "NOT_SIGNED", message: answer.reason });
  }
  const busy = told(503, { refused: "BUSY", message: "too many wait: ask again in a moment" });
  return { ...busy, headers: { "retry-after": "1" } };
}

/** Who asked and why is in the history alone, for whoever runs the service to read. */
function grantsTold(pace: Pace, query: URLSearchParams): HttpAnswer {
  const after = query.get("after") ?? "0";
  if (!/^(?:0|[1-9][0-9]{0,8})$/.test(after)) {
    return told(400, { refused: "MALFORMED", faults: ["after: must be a whole number"] });
  }
  const changes = pace.grants(Number(after), PAGE_MAX).map(({ at, token }) => ({ at, ...token }));
  return told(200, { changes, next: Number(after) + changes.length });
}

function policyTold({ policy }: Pace): HttpAnswer {
  if (policy === null) return told(404, { refused: "NO_POLICY", message: "no policy is set yet" });
  const { text, signature, digest, policy: said } = policy;
  return told(200, { number: said.number, digest, text, signature });
}
