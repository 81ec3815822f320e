import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Log } from "#packet/log.ts";
import { answerJson, isAmbiguous, isReading, isStream, pathOf, refuseUpgrade } from "./answers.ts";
import {
  CONNECTIONS_MAX,
  HEAD_BYTES_MAX,
  HEADERS_MAX,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  REQUESTS_PER_CONNECTION_MAX,
  TIMEOUTS_CHECKED_MS,
} from "./limits.ts";
import { METRICS_PATH, type MetricsPage } from "./metricsPage.ts";
import type { Phase, Readiness } from "./readiness.ts";
import { isOfRevocation, type RevocationPage } from "./revocationPage.ts";

/** Where the API is; everything below this path is its own. */
export const API_PATH = "/graphql";

/** Where whoever is to sign in offline learns for which deployment and when. */
const SIGN_IN_PATH = "/sign-in";

const OPEN_PATHS: readonly string[] = ["/live", "/ready", SIGN_IN_PATH, METRICS_PATH];

/** What answers behind the door, whatever it speaks. */
export interface Face {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Where to listen, and for whom. */
export interface HttpDoorOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly readiness: Readiness;
  readonly metrics: Pick<MetricsPage, "answer">;
  readonly revocation: Pick<RevocationPage, "answer">;
  /** What anybody is told who is to sign in offline. */
  readonly signIn: () => Promise<{ readonly deployment: string; readonly epoch: string | null }>;
  readonly log: Log;
}

/** The address cannot be listened on. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
  readonly code: string;

  constructor({ host, port }: HttpDoorOptions, fault: NodeJS.ErrnoException) {
    const reason =
      fault.code === "EADDRINUSE"
        ? "another process listens there: stop it, or set HOLDFAST_PORT to another port, or to 0"
        : `${fault.code ?? fault.message}: set HOLDFAST_HOST and HOLDFAST_PORT to an address of this machine`;
    super(`cannot listen on ${originOf(host, port)}: ${reason}`, { cause: fault });
    this.code = fault.code ?? "";
  }
}

/** Listens on an address; until a face is there, it answers probes and metrics alone. Throws {@link CannotListen}. */
export async function openHttpDoor(options: HttpDoorOptions): Promise<HttpDoor> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUTS_CHECKED_MS,
    maxHeaderSize: HEAD_BYTES_MAX,
  });
  server.maxHeadersCount = HEADERS_MAX;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX;
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, options);
  return new HttpDoor(server, options);
}

function listen(server: Server, options: HttpDoorOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (fault: NodeJS.ErrnoException): void => {
      reject(new CannotListen(options, fault));
    };
    server.once("error", refuse);
    server.listen({ host: options.host, port: options.port }, () => {
      server.off("error", refuse);
      resolve();
    });
  });
}

function originOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The one listening address of a server: probes, metrics, the API, and an end in good order. */
export class HttpDoor {
  /** Without a path, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly #server: Server;
  readonly #options: HttpDoorOptions;
  /** With the answers that run on each. */
  readonly #connections = new Map<Socket, Set<ServerResponse>>();
  readonly #closed: Promise<void>;
  #face: Face | null = null;
  #isDraining = false;
  #answered: () => void = () => undefined;

  constructor(server: Server, options: HttpDoorOptions) {
    this.#server = server;
    this.#options = options;
    this.url = originOf(options.host, (server.address() as AddressInfo).port);
    this.#closed = new Promise((resolve) => {
      server.once("close", resolve);
    });
    server.on("connection", (socket: Socket) => {
      this.#connections.set(socket, new Set());
      // Answers that wait their turn on a connection are not told when it ends (Node 20).
      socket.once("close", () => {
        this.#connections.delete(socket);
        this.#tellAnswered();
      });
    });
    server.on("request", (request, response) => this.#receive(request, response));
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
      socket.on("error", () => socket.destroy());
      refuseUpgrade(socket, "405 Method Not Allowed");
    });
    // Such as a want of file handles for one more connection: those that are open go on.
    server.on("error", (err) => options.log.error({ err }, "a connection could not be accepted"));
  }

  /** Puts the API behind the door. */
  serve(face: Face): void {
    this.#face = face;
  }

  /**
   * Stops listening and resolves when the running requests are answered, or after `limitMs`.
   * Streams are not waited for: they end when what they follow does.
   */
  async drain(limitMs: number): Promise<void> {
    this.#stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    const answered = new Promise<void>((resolve) => {
      this.#answered = resolve;
    });
    this.#tellAnswered();
    await Promise.race([answered, late]);
    clearTimeout(timer);
    const requests = this.#unanswered();
    if (requests > 0) this.#options.log.warn({ requests }, "requests were cut off unanswered");
  }

  /** Ends every connection that is left, and resolves when none is. */
  async close(): Promise<void> {
    this.#stop();
    for (const socket of this.#connections.keys()) socket.destroy();
    await this.#closed;
  }

  #stop(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#server.close();
  }

  #tellAnswered(): void {
    if (this.#isDraining && this.#unanswered() === 0) this.#answered();
  }

  #unanswered(): number {
    const running = [...this.#connections.values()].flatMap((answers) => [...answers]);
    return running.filter((response) => !isStream(response)).length;
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const running = this.#connections.get(request.socket);
    running?.add(response);
    response.once("close", () => {
      running?.delete(response);
      this.#tellAnswered();
    });
    // Also makes Node keep the headers that are given with the status, for isStream to see.
    response.setHeader("x-content-type-options", "nosniff");
    if (this.#isDraining) response.setHeader("connection", "close");
    this.#answer(request, response).catch((err: unknown) => {
      this.#options.log.error({ err, path: pathOf(request) }, "a request was not answered");
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { error: "INTERNAL", message: "the log says what happened" });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    if (isAmbiguous(request)) {
      response.setHeader("connection", "close");
      const message = "a header that may be there once is there twice";
      return answerJson(response, 400, { error: "BAD_REQUEST", message });
    }
    if (isOfApi(path)) {
      if (this.#face !== null) return this.#face.handle(request, response);
      return answerJson(response, 503, { error: "STARTING", message: "ask again in a moment" });
    }
    if (isOfRevocation(path)) return this.#options.revocation.answer(request, response);
    if (!OPEN_PATHS.includes(path)) {
      const message = `there is nothing here: the API is at ${API_PATH}`;
      return answerJson(response, 404, { error: "NOT_FOUND", message });
    }
    if (!isReading(request)) {
      response.setHeader("allow", "GET, HEAD");
      return answerJson(response, 405, { error: "METHOD_NOT_ALLOWED", message: "ask with GET" });
    }
    if (path === "/live") return answerJson(response, 200, { status: "LIVE" });
    if (path === SIGN_IN_PATH) return answerJson(response, 200, await this.#options.signIn());
    if (path === METRICS_PATH) return this.#options.metrics.answer(request, response);
    const answer = await this.#options.readiness.check(this.#phase());
    answerJson(response, answer.status === "READY" ? 200 : 503, answer);
  }

  #phase(): Phase {
    if (this.#isDraining) return "DRAINING";
    return this.#face === null ? "STARTING" : "SERVING";
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Node leaves an upgraded connection without one, and a reset would then end the process.
    socket.on("error", () => socket.destroy());
    if (!isOfApi(pathOf(request))) refuseUpgrade(socket, "404 Not Found");
    else if (isAmbiguous(request) || request.headers.upgrade?.toLowerCase() !== "websocket") {
      refuseUpgrade(socket, "400 Bad Request");
    } else if (this.#face === null || this.#isDraining) {
      refuseUpgrade(socket, "503 Service Unavailable");
    } else this.#face.upgrade(request, socket, head);
  }
}

function isOfApi(path: string): boolean {
  return path === API_PATH || path.startsWith(`${API_PATH}/`);
}
