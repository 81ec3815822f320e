import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { classesOf } from "#access/classes.ts";
import type { Cursors } from "#feed/cursor.ts";
import type { Feed } from "#feed/feed.ts";
import { authorizationOf } from "#identity/authorization.ts";
import type { LedgerWord } from "#identity/offlineGround.ts";
import type { LastKnownPacket } from "#lastKnown/lastKnownPacket.ts";
import type { AccessLog } from "#packet/accessEvent.ts";
import type { Actor } from "#packet/actor.ts";
import type { Notary } from "#notary/notary.ts";
import type { Log } from "#packet/log.ts";
import type { Meters } from "#packet/meters.ts";
import type { AddressedRequest } from "#rateLimits/clientAddress.ts";
import type { RateLimits } from "#rateLimits/rateLimits.ts";
import { Reception } from "#reception/reception.ts";
import type { Desk } from "#workflow/desk.ts";
import type { AccessRecords } from "./accessRecords.ts";
import { BUNDLE_PATH, Bundles } from "./request/bundles.ts";
import { type Params, readParams, refusalOfHead } from "./request/body.ts";
import type { Context } from "./context.ts";
import { Documents } from "./request/documents.ts";
import { RecordedReads } from "./governedReads.ts";
import { maskError } from "./request/errors.ts";
import { decisionsIn, tooManyNew, tooOften } from "./request/rates.ts";
import { NewDocuments } from "./request/newDocuments.ts";
import { Operations } from "./stream/operations.ts";
import { Presence } from "./stream/presence.ts";
import { isForeignPage } from "./request/origins.ts";
import { FOREIGN, NOBODY, pathOf, refuse, refuseWith } from "./request/refusing.ts";
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
  /** Where it is recorded who came, and what they saw or were refused. */
  readonly access: AccessLog;
  /** The same records, to be read. */
  readonly records: AccessRecords;
  readonly rates: RateLimits;
  /** Told of whoever came in with a key of their own. */
  readonly cameOffline?: (actor: Actor) => Promise<void>;
  /** This node's own copies of packets; absent where it keeps none. */
  readonly lastKnown?: { all(): Promise<readonly LastKnownPacket[]> };
  /** Where a request comes from. */
  readonly addressOf: (request: AddressedRequest) => string;
  /** Everybody's rights: looked at anew, and answered by a number that is another whenever they may be others. */
  readonly rights: { look(word: LedgerWord): Promise<number> };
  readonly meters: Meters;
  /** Makes the id of a request. */
  readonly newId: () => string;
  readonly log: Log;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallNow: () => number;
  /** Whether developers may ask for the schema, and a page that shows it is served. */
  readonly introspection: boolean;
  /** The origins whose pages may ask and open sockets. */
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
  readonly #documents: Documents;
  readonly #newDocuments: NewDocuments;
  readonly #reception: Reception;
  readonly #presence = new Presence();

  constructor(options: ApiOptions) {
    const { log, newId, now, origins, limits } = options;
    const schema = buildSchema();
    const documents = new Documents(schema, options.introspection);
    this.#options = options;
    this.#documents = documents;
    this.#newDocuments = new NewDocuments({
      documents,
      count: (actor) => options.rates.newDocument(actor),
    });
    this.#reception = new Reception(options);
    this.#requests = openRequests(schema, documents, log);
    const { rights, meters, wallNow } = options;
    const look = (word: LedgerWord): Promise<number> => rights.look(word);
    const admit = (query: string, context: Context) => this.#admit(query, context);
    const bounds = { ...STREAM_LIMITS, ...limits };
    const { slowMs } = bounds;
    const watched = { look, meters, wallNow, slowMs, log };
    this.#operations = new Operations({ schema, documents, admit, ...watched });
    this.#bundles = new Bundles(bounds);
    this.#streams = new Streams({
      operations: this.#operations,
      look: () => look("LAST"),
      limits: bounds,
      enter: (authorization, address) => this.#reception.enter(authorization, address),
      count: (actor, address) => this.#reception.count(actor, address),
      contextFor: async (authorization, requestId, address) => {
        const actor = await options.authenticate(authorization);
        return actor === null ? null : this.#contextOf(actor, requestId, address);
      },
      addressOf: options.addressOf,
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
    if (isForeignPage(request, this.#options.origins)) {
      refuse(response, FOREIGN);
      return;
    }
    const path = pathOf(request);
    if (path === EXPLORER_PATH && this.#options.introspection && request.method === "GET") {
      await showExplorer(response);
      return;
    }
    if (path.startsWith(BUNDLE_PATH)) {
      const context = await this.#enter(request, response, requestId);
      if (context !== null) await this.#bundles.answer(request, response, context);
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
    const context = await this.#enter(request, response, requestId);
    if (context === null) return;
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
    const laterSeconds = await this.#admit(params.query, context);
    if (laterSeconds !== null) {
      refuse(response, tooManyNew(laterSeconds));
      return;
    }
    const retryAfterSeconds = await this.#overDecisions(params, context);
    if (retryAfterSeconds !== null) {
      refuse(response, tooOften(retryAfterSeconds));
      return;
    }
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

  /** The context of whoever may come in; null once whoever may not is answered. */
  async #enter(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): Promise<Context | null> {
    const address = this.#options.addressOf(request);
    try {
      const entered = await this.#reception.enter(authorizationOf(request), address);
      if (entered.kind === "KNOWN") return this.#contextOf(entered.actor, requestId, address);
      const isUnknown = entered.kind === "UNKNOWN";
      refuse(response, isUnknown ? NOBODY : tooOften(entered.retryAfterSeconds));
    } catch (fault) {
      refuseWith(response, 503, [maskError(fault, requestId, this.#options.log)]);
    }
    return null;
  }

  /** Has a document judged that nobody has sent yet; in how many seconds to come again where they are too many. */
  async #admit(query: string, context: Context): Promise<number | null> {
    const retryAfterSeconds = await this.#newDocuments.admit(query, context);
    if (retryAfterSeconds !== null) {
      const { actor, address } = context;
      const subject = "documents RATE_LIMITED";
      this.#options.access.note({ code: "REFUSED", actor: actor.actor, address, subject });
    }
    return retryAfterSeconds;
  }

  /** Counts the decisions that are asked for; what cannot be read has none. */
  async #overDecisions(
    { query, operationName = null }: Params,
    { actor: { actor }, address }: Context,
  ): Promise<number | null> {
    const { rates, access } = this.#options;
    let decisions = 0;
    try {
      decisions = decisionsIn(this.#documents.parse(query), operationName);
    } catch {
      return null;
    }
    if (decisions === 0) return null;
    const retryAfterSeconds = await rates.decisions(actor, decisions);
    if (retryAfterSeconds !== null) {
      access.note({ code: "REFUSED", actor, address, subject: "decisions RATE_LIMITED" });
    }
    return retryAfterSeconds;
  }

  #contextOf(actor: Actor, requestId: string, address: string): Context {
    const { desk, feed, cursors, notary, embedded, log, access, records } = this.#options;
    const classes = new Set(classesOf(actor));
    const reads = new RecordedReads(access, { actor: actor.actor, address });
    const lastKnown = (): Promise<readonly LastKnownPacket[]> =>
      this.#options.lastKnown?.all() ?? Promise.resolve([]);
    const shown = { actor, classes, requestId, address, reads, lastKnown, lastEventId: null };
    const presence = this.#presence;
    return { ...shown, desk, feed, cursors, presence, notary, embedded, log, access, records };
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
