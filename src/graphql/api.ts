import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { GraphQLError } from "graphql";
import { WebSocketServer } from "ws";
import { classesOf } from "#access/classes.ts";
import type { Cursors } from "#feed/cursor.ts";
import type { Feed } from "#feed/feed.ts";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import type { Desk } from "#workflow/desk.ts";
import { type Params, type Refused, readParams, refusalOfHead } from "./body.ts";
import type { Context } from "./context.ts";
import { Documents } from "./documents.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";
import { Operations } from "./operations.ts";
import { type Requests, openRequests } from "./requests.ts";
import { buildSchema } from "./schema.ts";
import { CLOSE, Socket } from "./socket.ts";
import { EventStream } from "./sse.ts";

/** What the API is opened with. */
export interface ApiOptions {
  readonly desk: Desk;
  readonly feed: Feed;
  readonly cursors: Cursors;
  /** Whom an Authorization header speaks for; null for nobody. */
  readonly authenticate: (authorization: string | undefined) => Promise<Actor | null>;
  /** Makes the id of a request. */
  readonly newId: () => string;
  readonly log: Log;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Whether the schema may be asked for, and is shown in a browser. */
  readonly introspection: boolean;
  /** The origins whose pages may open a socket. */
  readonly origins: readonly string[];
  readonly embedded: boolean;
}

/** The API behind a door that listens. */
export interface Api {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every reader to go elsewhere, and resolves when none is left. */
  close(): Promise<void>;
}

const PROTOCOL = "graphql-transport-ws";
const EXPLORER_PATH = "/graphql/explorer";

/** Opens the API: requests by graphql-yoga, streams by an engine of our own. */
export function openApi(options: ApiOptions): Api {
  const schema = buildSchema();
  const documents = new Documents(schema, options.introspection);
  const { log } = options;
  return new OpenApi(options, {
    requests: openRequests(schema, documents, log),
    operations: new Operations(schema, documents, log),
  });
}

interface Engines {
  readonly requests: Requests;
  readonly operations: Operations;
}

class OpenApi implements Api {
  readonly #options: ApiOptions;
  readonly #engines: Engines;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<EventStream>();
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  constructor(options: ApiOptions, engines: Engines) {
    this.#options = options;
    this.#engines = engines;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = this.#options.newId();
    response.setHeader("x-request-id", requestId);
    const path = pathOf(request);
    if (path === EXPLORER_PATH && this.#options.introspection && request.method === "GET") {
      await showExplorer(response);
      return;
    }
    if (path !== "/graphql") {
      refuse(response, { status: 404, code: "NOT_FOUND", message: "ask at /graphql" });
      return;
    }
    const refused = refusalOfHead(request);
    if (refused !== null) {
      refuse(response, refused);
      return;
    }
    const context = await this.#contextFor(request.headers.authorization, requestId);
    if (context === null) {
      refuse(response, NOBODY);
      return;
    }
    const params = await readParams(request);
    if ("status" in params) refuse(response, params);
    else await this.#answer(request, response, params, context);
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    params: Params,
    context: Context,
  ): Promise<void> {
    const accept = request.headers.accept ?? "*/*";
    if (accept.includes("text/event-stream")) {
      await this.#stream(request, response, params, context);
      return;
    }
    const answer = await this.#engines.requests.answer(params, accept, context);
    const body = Buffer.from(await answer.arrayBuffer());
    const type = answer.headers.get("content-type");
    response.writeHead(answer.status, {
      ...(type === null ? {} : { "content-type": type }),
      "content-length": body.length,
      "cache-control": "no-store",
    });
    response.end(body);
  }

  async #stream(
    request: IncomingMessage,
    response: ServerResponse,
    params: Params,
    context: Context,
  ): Promise<void> {
    const { authorization, "last-event-id": lastEventId } = request.headers;
    const resuming = {
      ...context,
      lastEventId: typeof lastEventId === "string" ? lastEventId : null,
    };
    const renew = () => this.#contextFor(authorization, context.requestId);
    const followed = await this.#engines.operations.follow(params, resuming, renew);
    if (followed.kind === "REFUSED") {
      refuseWith(response, 400, followed.errors);
      return;
    }
    const stream = new EventStream(request, response);
    this.#streams.add(stream);
    await stream.carry(followed.deliveries).finally(() => this.#streams.delete(stream));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origin } = request.headers;
    if (
      pathOf(request) !== "/graphql" ||
      (origin !== undefined && !this.#options.origins.includes(origin))
    ) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      if (opened.protocol !== PROTOCOL) {
        opened.on("error", () => undefined);
        opened.close(4406, `speak ${PROTOCOL}`);
        return;
      }
      const { authorization } = request.headers;
      const requestId = this.#options.newId();
      const speaking = new Socket(opened, {
        operations: this.#engines.operations,
        contextFor: (told) => this.#contextFor(told, requestId),
        now: this.#options.now,
        authorization,
      });
      this.#sockets.add(speaking);
      opened.once("close", () => this.#sockets.delete(speaking));
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets)
      socket.close(CLOSE.goingAway, "going away: come back with your cursor");
    for (const stream of this.#streams) stream.cut();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  async #contextFor(authorization: string | undefined, requestId: string): Promise<Context | null> {
    const { authenticate, desk, feed, cursors, embedded, log } = this.#options;
    const actor = await authenticate(authorization);
    if (actor === null) return null;
    const classes = new Set(classesOf(actor));
    return { actor, classes, desk, feed, cursors, embedded, log, requestId, lastEventId: null };
  }
}

const NOBODY: Refused = {
  status: 401,
  code: "UNAUTHENTICATED",
  message: "say who you are with the header authorization: Bearer and your token",
  headers: { "www-authenticate": 'Bearer realm="holdfast"' },
};

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

function refuse(response: ServerResponse, { status, code, message, headers = {} }: Refused): void {
  const error = { message, extensions: { code } };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  refuseWith(response, status, [error]);
}

function refuseWith(
  response: ServerResponse,
  status: number,
  errors: readonly (GraphQLError | { readonly message: string })[],
): void {
  const body = JSON.stringify({ errors });
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** The schema to look at and try out in a browser; everything that it needs comes from here. */
async function showExplorer(response: ServerResponse): Promise<void> {
  // Nine megabytes that a server does not need to start.
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const page = renderGraphiQL({ title: "Holdfast", endpoint: "/graphql" });
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(page);
}
