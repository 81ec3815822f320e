import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { classesOf } from "#access/classes.ts";
import type { Cursors } from "#feed/cursor.ts";
import type { Feed } from "#feed/feed.ts";
import type { Actor } from "#packet/actor.ts";
import type { Notary } from "#notary/notary.ts";
import type { Log } from "#packet/log.ts";
import type { Meters } from "#packet/meters.ts";
import type { Desk } from "#workflow/desk.ts";
import { BUNDLE_PATH, Bundles } from "./request/bundles.ts";
import { type Params, readParams, refusalOfHead } from "./request/body.ts";
import type { Context } from "./context.ts";
import { Documents } from "./request/documents.ts";
import { Operations } from "./stream/operations.ts";
import { Presence } from "./stream/presence.ts";
import { NOBODY, pathOf, refuse } from "./request/refusing.ts";
import { type Requests, openRequests } from "./request/requests.ts";
import { buildSchema } from "./schema.ts";
import { STREAM_LIMITS, type StreamLimits } from "./stream/streamLimits.ts";
import { Streams } from "./stream/streaming.ts";

/** What the API is opened with. */
export interface ApiOptions {
  readonly desk: Desk;
  readonly feed: Feed;
  readonly cursors: Cursors;
  readonly notary: Notary;
  /** Whom an Authorization header speaks for; null for nobody. */
  readonly authenticate: (authorization: string | undefined) => Promise<Actor | null>;
  /** Everybody's rights: looked at anew, and answered by a number that is another whenever they may be others. */
  readonly rights: { look(): Promise<number> };
  readonly meters: Meters;
  /** Makes the id of a request. */
  readonly newId: () => string;
  readonly log: Log;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
  /** Whether the schema may be asked for, and is shown in a browser. */
  readonly introspection: boolean;
  /** The origins whose pages may open a socket. */
  readonly origins: readonly string[];
  readonly embedded: boolean;
  /** Where sockets and streams are bounded otherwise than usual. */
  readonly limits?: Partial<StreamLimits>;
}

/** The API behind a door that listens. */
export interface Api {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells every reader to go elsewhere, and resolves when none is left. */
  close(): Promise<void>;
}

const TAKES_JSON = /application\/(?:json|graphql-response\+json|graphql\+json|\*)|\*\/\*/;
const EXPLORER_PATH = "/graphql/explorer";

/** Opens the API: requests by graphql-yoga, streams by an engine of our own. */
export function openApi(options: ApiOptions): Api {
  return new OpenApi(options);
}

class OpenApi implements Api {
  readonly #options: ApiOptions;
  readonly #requests: Requests;
  readonly #operations: Operations;
  readonly #streams: Streams;
  readonly #bundles: Bundles;
  readonly #presence = new Presence();

  constructor(options: ApiOptions) {
    const { log, newId, now, origins, limits } = options;
    const schema = buildSchema();
    const documents = new Documents(schema, options.introspection);
    this.#options = options;
    this.#requests = openRequests(schema, documents, log);
    const { rights, meters, wallNow } = options;
    const look = (): Promise<number> => rights.look();
    this.#operations = new Operations({ schema, documents, look, meters, wallNow, log });
    this.#bundles = new Bundles({ ...STREAM_LIMITS, ...limits });
    this.#streams = new Streams({
      operations: this.#operations,
      limits: { ...STREAM_LIMITS, ...limits },
      contextFor: (authorization, requestId) => this.#contextFor(authorization, requestId),
      newId,
      now,
      origins,
      meters,
      log,
    });
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = this.#options.newId();
    response.setHeader("x-request-id", requestId);
    const path = pathOf(request);
    if (path === EXPLORER_PATH && this.#options.introspection && request.method === "GET") {
      await showExplorer(response);
      return;
    }
    if (path.startsWith(BUNDLE_PATH)) {
      const context = await this.#contextFor(request.headers.authorization, requestId);
      if (context === null) refuse(response, NOBODY);
      else await this.#bundles.answer(request, response, context);
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
    if (this.#isStream(accept, params)) {
      await this.#streams.answer(request, response, params, context);
      return;
    }
    const answer = await this.#requests.answer(params, accept, context);
    const body = Buffer.from(await answer.arrayBuffer());
    const type = answer.headers.get("content-type");
    response.writeHead(answer.status, {
      ...(type === null ? {} : { "content-type": type }),
      "content-length": body.length,
      "cache-control": "no-store",
    });
    response.end(body);
  }

  /** A client that takes both has its subscriptions as a stream, and all else as an answer. */
  #isStream(accept: string, params: Params): boolean {
    if (!accept.includes("text/event-stream")) return false;
    return !TAKES_JSON.test(accept) || this.#operations.isSubscription(params);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#streams.upgrade(request, socket, head);
  }

  close(): Promise<void> {
    return this.#streams.close();
  }

  async #contextFor(authorization: string | undefined, requestId: string): Promise<Context | null> {
    const { authenticate, desk, feed, cursors, notary, embedded, log } = this.#options;
    const actor = await authenticate(authorization);
    if (actor === null) return null;
    const classes = new Set(classesOf(actor));
    const shown = { actor, classes, requestId, lastEventId: null };
    return { ...shown, desk, feed, cursors, presence: this.#presence, notary, embedded, log };
  }
}

/** The schema to look at and try out in a browser; everything that it needs comes from here. */
async function showExplorer(response: ServerResponse): Promise<void> {
  // Nine megabytes that a server does not need to start.
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql");
  const page = renderGraphiQL({
    title: "Holdfast",
    endpoint: "/graphql",
    headers: '{ "authorization": "Bearer paste-your-token-here" }',
    defaultQuery: "{ viewer { name roles } deployment { database epoch } }",
    shouldPersistHeaders: false,
    subscriptionsProtocol: "GRAPHQL_SSE",
  });
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(page);
}
