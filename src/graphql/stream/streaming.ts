import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode } from "graphql-ws";
import { WebSocketServer } from "ws";
import { authorizationOf } from "#identity/authorization.ts";
import type { Log } from "#packet/log.ts";
import type { Meters } from "#packet/meters.ts";
import type { Name } from "#packet/name.ts";
import type { AddressedRequest } from "#rateLimits/clientAddress.ts";
import type { Entered } from "#reception/reception.ts";
import type { Params, Refused } from "../request/body.ts";
import type { Context } from "../context.ts";
import { MESSAGE_BYTES_MAX } from "../limits.ts";
import { CLOSE } from "./closeCodes.ts";
import type { Follower } from "./follower.ts";
import type { Sink } from "./sink.ts";
import type { Followed, Following, Operations } from "./operations.ts";
import { Places } from "./places.ts";
import { Principals } from "./principals.ts";
import { Reader } from "./reader.ts";
import { isForeignPage } from "../request/origins.ts";
import { rateLimited } from "../request/rates.ts";
import { NOBODY, pathOf, refuse, refuseFor } from "../request/refusing.ts";
import { Socket } from "./socket.ts";
import { EventStream } from "./sse.ts";
import type { StreamLimits } from "./streamLimits.ts";

/** What streams work with. */
export interface StreamsNeeds {
  readonly operations: Operations;
  readonly limits: StreamLimits;
  /** Lets somebody in, once for each connection: they are counted and recorded. */
  readonly enter: (authorization: string | undefined, address: string) => Promise<Entered>;
  /** Counts one request of somebody who was let in; in how many seconds to come again where they ask too often. */
  readonly count: (actor: Name, address: string) => Promise<number | null>;
  /** A context of this moment for these credentials; null for nobody. */
  readonly contextFor: (
    authorization: string | undefined,
    requestId: string,
    address: string,
  ) => Promise<Context | null>;
  /** Where a request comes from. */
  readonly addressOf: (request: AddressedRequest) => string;
  /** The generation of everybody's rights as they are now. */
  readonly look: () => Promise<number>;
  /** Makes the id of a request. */
  readonly newId: () => string;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** The origins whose pages may open a socket. */
  readonly origins: readonly string[];
  readonly meters: Meters;
  readonly log: Log;
}

const PROTOCOL = "graphql-transport-ws";

const TOO_MANY: Refused = {
  status: 429,
  code: "TOO_MANY_STREAMS",
  message: "you have too many sockets and streams open: end some",
};

const TOO_MANY_SOCKETS =
  "HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** Everything that is open for longer than an answer takes: sockets, and streams of events. */
export class Streams {
  readonly #needs: StreamsNeeds;
  readonly #open = new Set<Socket | EventStream>();
  readonly #carrying = new Set<Promise<void>>();
  readonly #principals: Principals;
  readonly #addresses: Places;
  readonly #server: WebSocketServer;
  readonly #checking: NodeJS.Timeout;
  #isClosed = false;

  constructor(needs: StreamsNeeds) {
    this.#needs = needs;
    this.#principals = new Principals(needs.limits, needs.now);
    this.#addresses = new Places(needs.limits.socketsOfAddressMax);
    this.#server = openSockets(needs.limits);
    needs.meters.observeQueue(() => this.#depthBytes());
    this.#checking = setInterval(() => {
      this.#check().catch((err: unknown) => {
        needs.log.error({ err }, "the rights of streams could not be looked at");
      });
    }, needs.limits.rightsMs).unref();
  }

  /** Answers a request with a stream, or says why not. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    params: Params,
    { requestId, actor, address }: Context,
  ): Promise<void> {
    const allowance = this.#principals.admit(actor.actor);
    if (allowance === null) {
      refuse(response, TOO_MANY);
      return;
    }
    const lastEventId = lastEventIdOf(request);
    const reader = this.#readerOf(authorizationOf(request), requestId, address, lastEventId);
    try {
      const followed = await this.#needs.operations.follow(params, reader);
      if (followed.kind === "REFUSED") refuseFor(response, followed.errors);
      else if (followed.kind === "FORBIDDEN") refuse(response, NOBODY);
      else await this.#carry(response, (sink) => followed.to(sink, "sse"), reader);
    } finally {
      allowance.release();
    }
  }

  async #carry(
    response: ServerResponse,
    to: (sink: Sink) => Follower,
    reader: Reader,
  ): Promise<void> {
    const stream = new EventStream(response, { to, reader, limits: this.#needs.limits });
    this.#open.add(stream);
    if (this.#isClosed) stream.cut();
    const carrying = stream.carry().then((reason) => {
      this.#open.delete(stream);
      this.#carrying.delete(carrying);
      this.#needs.meters.closed("sse", reason);
    });
    this.#carrying.add(carrying);
    await carrying;
  }

  /** Opens a socket for a page of our own origins, or for a program. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (pathOf(request) !== "/graphql" || !this.#isOfOrigin(request)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const address = this.#needs.addressOf(request);
    const leave = this.#addresses.take(address);
    if (leave === null) {
      socket.end(TOO_MANY_SOCKETS);
      return;
    }
    socket.once("close", leave);
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      if (opened.protocol !== PROTOCOL) {
        opened.on("error", () => undefined);
        opened.close(CloseCode.SubprotocolNotAcceptable, `speak ${PROTOCOL}`);
        return;
      }
      const requestId = this.#needs.newId();
      const speaking = new Socket(opened, socket, {
        follow: (following, reader) => this.#follow(following, reader, address),
        limits: this.#needs.limits,
        enter: (authorization) => this.#needs.enter(authorization, address),
        readerOf: (authorization) => this.#readerOf(authorization, requestId, address),
        admit: (actor) => this.#principals.admit(actor),
        now: this.#needs.now,
        authorization: authorizationOf(request),
        requestId,
        log: this.#needs.log,
      });
      this.#open.add(speaking);
      opened.once("close", (code) => {
        this.#open.delete(speaking);
        // A close that nobody answers ends like a connection that was cut.
        this.#needs.meters.closed("websocket", `${speaking.closedWith ?? code}`);
      });
    });
  }

  /** Whoever asks over a socket is counted as often as whoever asks by HTTP. */
  async #follow(following: Following, reader: Reader, address: string): Promise<Followed> {
    const { actor } = reader;
    const laterSeconds = actor === null ? null : await this.#needs.count(actor, address);
    if (laterSeconds === null) return this.#needs.operations.follow(following, reader);
    return { kind: "REFUSED", errors: [rateLimited("you ask too often", laterSeconds)] };
  }

  /** How many bytes wait for readers to take them. */
  #depthBytes(): number {
    return [...this.#open].reduce((sum, { depthBytes }) => sum + depthBytes, 0);
  }

  /** A cookie without an origin comes from a browser that does not say for which page. */
  #isOfOrigin(request: IncomingMessage): boolean {
    const { origin, cookie } = request.headers;
    if (origin === undefined) return cookie === undefined;
    return !isForeignPage(request, this.#needs.origins);
  }

  /** Tells every reader to go elsewhere, and resolves when none is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#checking);
    for (const stream of this.#open) {
      if (stream instanceof EventStream) stream.cut();
      else stream.close(CLOSE.goingAway, "going away: come back with your cursor");
    }
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
    await Promise.allSettled(this.#carrying);
  }

  /** Closes what has nothing to tell, and whose reader may no longer wait for it. */
  async #check(): Promise<void> {
    if (this.#open.size === 0) return;
    const generation = await this.#needs.look();
    await Promise.all([...this.#open].map((stream) => stream.check(generation)));
  }

  #readerOf(
    authorization: string | undefined,
    requestId: string,
    address: string,
    lastEventId: string | null = null,
  ): Reader {
    return new Reader(requestId, async () => {
      const context = await this.#needs.contextFor(authorization, requestId, address);
      return context === null ? null : { ...context, lastEventId };
    });
  }
}

function openSockets({ closeMs }: StreamLimits): WebSocketServer {
  const options = {
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: true,
    closeTimeout: closeMs,
    handleProtocols: (offered: Set<string>) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  } as const;
  return new WebSocketServer(options);
}

function lastEventIdOf({ headers }: IncomingMessage): string | null {
  const { "last-event-id": lastEventId } = headers;
  return typeof lastEventId === "string" ? lastEventId : null;
}
