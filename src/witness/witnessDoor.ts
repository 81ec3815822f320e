import { type HttpAnswer, notAllowed } from "#outpost/httpAnswer.ts";
import { openSmallDoor, type SmallDoor, type SmallRequest } from "#outpost/smallDoor.ts";
import { sha256Hex } from "#proof/digest.ts";
import { httpAnswerOf } from "./answers.ts";
import type { Witness } from "./witness.ts";

/** Where a witness listens, and for which logs. */
export interface WitnessDoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly witness: Pick<Witness, "addCheckpoint" | "latest">;
  /** The origins of the logs that it watches. */
  readonly origins: readonly string[];
  /** Told of everything that went wrong here and that a caller is told nothing of. */
  readonly report: (fault: Error) => void;
}

/** 63 hashes, and a checkpoint with more signatures of the largest kind than witnesses exist. */
const BODY_BYTES_MAX = 262_144;

/**
 * Listens for logs and auditors:
 *
 * - `POST /add-checkpoint` as in C2SP tlog-witness.
 * - `GET /checkpoint/<log>`: the last cosigned checkpoint of a log as a signed note, where `<log>`
 *   is its origin, percent-encoded, or the SHA-256 of its origin in lower-case hex digits.
 * - `GET /live`: that it runs.
 *
 * @throws {CannotListenThere}
 */
export function openWitnessDoor(options: WitnessDoorOptions): Promise<SmallDoor> {
  const { host, port, report } = options;
  const originsByName = new Map(
    options.origins.flatMap((origin) => [
      [origin, origin],
      [sha256Hex(origin), origin],
    ]),
  );
  return openSmallDoor({
    who: "the witness",
    host,
    port,
    variables: "HOLDFAST_WITNESS_HOST and HOLDFAST_WITNESS_PORT",
    bodyBytesMax: BODY_BYTES_MAX,
    answer: (request) => answerTo(request, options, originsByName),
    report,
  });
}

async function answerTo(
  { method, path, body }: SmallRequest,
  { witness }: WitnessDoorOptions,
  originsByName: ReadonlyMap<string, string>,
): Promise<HttpAnswer> {
  const isReading = method === "GET" || method === "HEAD";
  if (path === "/add-checkpoint") {
    if (method !== "POST") return notAllowed("POST");
    const bytes = await body();
    if (bytes === null)
      return { status: 413, body: `a request has ${BODY_BYTES_MAX} bytes at most\n` };
    return httpAnswerOf(await witness.addCheckpoint(bytes));
  }
  const log = /^\/checkpoint\/([^/]+)$/.exec(path)?.[1];
  if (log !== undefined) {
    if (!isReading) return notAllowed("GET, HEAD");
    const origin = originsByName.get(decoded(log));
    const note = origin === undefined ? null : await witness.latest(origin);
    return note === null
      ? { status: 404, body: "no checkpoint of that log was cosigned here\n" }
      : { status: 200, body: note };
  }
  if (path !== "/live")
    return {
      status: 404,
      body: "here are POST /add-checkpoint, GET /checkpoint/<log>, GET /live\n",
    };
  return isReading ? { status: 200, body: "live\n" } : notAllowed("GET, HEAD");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
