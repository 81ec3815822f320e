import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type HttpAnswer, send } from "./httpAnswer.ts";

/** A request whose body was not read yet. */
export interface SmallRequest {
  readonly method: string;
  /** Without what was asked behind a question mark. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Null if it is too long, however long it says that it is. */
  readonly body: () => Promise<Uint8Array | null>;
}

/** Where a small process listens, and what it answers. */
export interface SmallDoorOptions {
  /** Such as "the witness". */
  readonly who: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The variables that say where, such as `A and B`. */
  readonly variables: string;
  readonly bodyBytesMax: number;
  readonly answer: (request: SmallRequest) => Promise<HttpAnswer>;
  /** Told of everything that went wrong here and that a caller is told nothing of. */
  readonly report: (fault: Error) => void;
}

/** A small process that can be reached. */
export interface SmallDoor {
  /** Such as `http://127.0.0.1:4100`. */
  readonly url: string;
  /** Stops listening, answers what it has received, for at most a second, and cuts off the rest. */
  close(): Promise<void>;
}

/** The address cannot be listened on. */
export class CannotListenThere extends Error {
  override readonly name = "CannotListenThere";

  constructor(url: string, variables: string, cause: Error) {
    super(
      `cannot listen on ${url}: ${cause.message}: set ${variables} to a free address of this machine`,
      { cause },
    );
  }
}

/** So many times the longest body is read before a longer one is refused: who has sent all hears why. */
const READ_TIMES_MAX = 4;

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 60_000;
const TIMEOUTS_CHECKED_MS = 1_000;
const CONNECTIONS_MAX = 256;
const HEADERS_MAX = 50;
const DRAIN_MS = 1_000;

/**
 * Listens, with a limit on everything that a caller may make last long or grow.
 *
 * @throws {CannotListenThere}
 */
export async function openSmallDoor(options: SmallDoorOptions): Promise<SmallDoor> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUTS_CHECKED_MS,
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.maxHeadersCount = HEADERS_MAX;
  server.on("request", (request, response) => {
    options
      .answer(requestOf(request, options.bodyBytesMax))
      .catch((fault: unknown) => {
        // Who goes away in the middle of a request is nobody's fault here.
        if (request.complete) options.report(asError(fault));
        return { status: 500, body: `${options.who} cannot answer: its own output says why\n` };
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

function requestOf(request: IncomingMessage, bodyBytesMax: number): SmallRequest {
  const [path = "", query = ""] = (request.url ?? "").split("?", 2);
  return {
    method: request.method ?? "",
    path,
    query: new URLSearchParams(query),
    body: () => bodyOf(request, bodyBytesMax),
  };
}

function asError(fault: unknown): Error {
  return fault instanceof Error ? fault : new Error("no Error was thrown");
}

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | null> {
  const parts: Buffer[] = [];
  let length = 0;
  // Left in the middle, the loop would cut the connection before it is told why.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    const bytes = part as Buffer;
    length += bytes.length;
    if (length > READ_TIMES_MAX * bytesMax) break;
    if (length <= bytesMax) parts.push(bytes);
  }
  return length > bytesMax ? null : Buffer.concat(parts);
}

function listen(server: Server, { host, port, variables }: SmallDoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (fault: Error): void => {
      reject(new CannotListenThere(urlOf(host, port), variables, fault));
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
