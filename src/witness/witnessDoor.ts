import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { sha256Hex } from "#proof/digest.ts";
import { type HttpAnswer, httpAnswerOf, send } from "./answers.ts";
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

/** A witness that can be reached. */
export interface WitnessDoor {
  /** Such as `http://127.0.0.1:4100`: both prefixes of C2SP tlog-witness. */
  readonly url: string;
  /** Stops listening, answers what it has received, for at most a second, and cuts off the rest. */
  close(): Promise<void>;
}

/** The address cannot be listened on. */
export class WitnessCannotListen extends Error {
  override readonly name = "WitnessCannotListen";

  constructor(url: string, cause: Error) {
    super(
      `cannot listen on ${url}: ${cause.message}: set HOLDFAST_WITNESS_HOST and HOLDFAST_WITNESS_PORT to a free address of this machine`,
      { cause },
    );
  }
}

/** 63 hashes, and a checkpoint with more signatures of the largest kind than witnesses exist. */
const BODY_BYTES_MAX = 262_144;

/** So much is read before a longer request is refused: who has sent all hears why. */
const READ_BYTES_MAX = 4 * BODY_BYTES_MAX;

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 60_000;
const TIMEOUTS_CHECKED_MS = 1_000;
const CONNECTIONS_MAX = 256;
const HEADERS_MAX = 50;
const DRAIN_MS = 1_000;

/**
 * Listens for logs and auditors:
 *
 * - `POST /add-checkpoint` as in C2SP tlog-witness.
 * - `GET /checkpoint/<log>`: the last cosigned checkpoint of a log as a signed note, where `<log>`
 *   is its origin, percent-encoded, or the SHA-256 of its origin in lower-case hex digits.
 * - `GET /live`: that it runs.
 *
 * @throws {WitnessCannotListen}
 */
export async function openWitnessDoor(options: WitnessDoorOptions): Promise<WitnessDoor> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUTS_CHECKED_MS,
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.maxHeadersCount = HEADERS_MAX;
  const originsByName = new Map(
    options.origins.flatMap((origin) => [
      [origin, origin],
      [sha256Hex(origin), origin],
    ]),
  );
  server.on("request", (request, response) => {
    answerTo(request, options, originsByName)
      .catch((fault: unknown) => {
        // Who goes away in the middle of a request is nobody's fault here.
        if (request.complete) options.report(asError(fault));
        return { status: 500, body: "the witness cannot answer: its own output says why\n" };
      })
      .then((answer: HttpAnswer) => {
        // What is still to come is not read, and then the connection is of no more use.
        const rest: Record<string, string> = request.complete ? {} : { connection: "close" };
        send(response, { ...answer, headers: { ...answer.headers, ...rest } });
      })
      .catch((fault: unknown) => {
        response.destroy();
        options.report(asError(fault));
      });
  });
  await listen(server, options);
  return {
    url: urlOf(options.host, (server.address() as AddressInfo).port),
    close: () => close(server),
  };
}

async function answerTo(
  request: IncomingMessage,
  { witness }: WitnessDoorOptions,
  originsByName: ReadonlyMap<string, string>,
): Promise<HttpAnswer> {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const isReading = request.method === "GET" || request.method === "HEAD";
  if (path === "/add-checkpoint") {
    if (request.method !== "POST") return notAllowed("POST");
    const body = await bodyOf(request);
    if (body === null)
      return { status: 413, body: `a request has ${BODY_BYTES_MAX} bytes at most\n` };
    return httpAnswerOf(await witness.addCheckpoint(body));
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

function notAllowed(allow: string): HttpAnswer {
  return { status: 405, body: `ask with ${allow}\n`, headers: { allow } };
}

function asError(fault: unknown): Error {
  return fault instanceof Error ? fault : new Error("no Error was thrown");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Null if it is too long, however long it says that it is. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const parts: Buffer[] = [];
  let length = 0;
  // Left in the middle, the loop would cut the connection before it is told why.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    const bytes = part as Buffer;
    length += bytes.length;
    if (length > READ_BYTES_MAX) break;
    if (length <= BODY_BYTES_MAX) parts.push(bytes);
  }
  return length > BODY_BYTES_MAX ? null : Buffer.concat(parts);
}

function listen(server: Server, { host, port }: WitnessDoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (fault: Error): void => {
      reject(new WitnessCannotListen(urlOf(host, port), fault));
    };
    server.once("error", refuse);
    server.listen({ host, port }, () => {
      server.off("error", refuse);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
