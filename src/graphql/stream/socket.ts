import {
  CloseCode,
  MessageType,
  type Message,
  type SubscribePayload,
  parseMessage,
} from "graphql-ws";
import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import type { Log } from "#packet/log.ts";
import { CLOSE } from "./closeCodes.ts";
import type { Follower } from "./follower.ts";
import type { Sink } from "./sink.ts";
import { type IntroductionNeeds, introduce } from "./introduction.ts";
import type { Followed, Following } from "./operations.ts";
import { MessageRate } from "./messageRate.ts";
import { Outbox, endingOf, errorsOf, openingOf } from "./outbox.ts";
import type { Allowance } from "./principals.ts";
import type { Reader } from "./reader.ts";
import type { StreamLimits } from "./streamLimits.ts";

/** What a socket works with. */
export interface SocketNeeds extends IntroductionNeeds {
  /** Begins a subscription, or says why not; never rejects. */
  readonly follow: (following: Following, reader: Reader) => Promise<Followed>;
  readonly limits: StreamLimits;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** What the request that opened the socket brought. */
  readonly authorization: string | undefined;
  /** In every log line about the socket. */
  readonly requestId: string;
  readonly log: Log;
}

interface Running {
  /** Null while it is being opened. */
  follower: Follower | null;
  isOver: boolean;
  /** Gives its places back. */
  readonly release: () => void;
}

/**
 * One socket that speaks graphql-transport-ws. Nothing that is wrong with one operation
 * touches its neighbours; only what breaks the protocol closes the socket.
 */
export class Socket {
  readonly #socket: WebSocket;
  readonly #needs: SocketNeeds;
  readonly #outbox: Outbox;
  readonly #running = new Map<string, Running>();
  readonly #introduction: NodeJS.Timeout;
  readonly #keepAlive: NodeJS.Timeout;
  #state: "NEW" | "INTRODUCING" | "READY" | "CLOSED" = "NEW";
  #reader: Reader | null = null;
  #allowance: Allowance | null = null;
  #closedWith: number | null = null;
  #isAnswering = true;
  readonly #messages: MessageRate;

  /** `wire` is the connection that the socket was opened on. */
  constructor(socket: WebSocket, wire: Duplex, needs: SocketNeeds) {
    const { introductionMs, keepAliveMs, messagesPerSecondMax } = needs.limits;
    this.#socket = socket;
    this.#needs = needs;
    this.#messages = new MessageRate(messagesPerSecondMax, needs.now);
    this.#outbox = new Outbox(socket, wire, needs.limits, () => this.#stall());
    this.#introduction = setTimeout(
      () => this.close(CloseCode.ConnectionInitialisationTimeout, "introduce yourself"),
      introductionMs,
    );
    this.#keepAlive = setInterval(() => this.#ask(), keepAliveMs);
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("ping", () => this.#count());
    socket.on("pong", () => {
      // Whoever only answers is not closed for what their principal's other sockets send.
      if (this.#isAnswering) this.#count();
      this.#isAnswering = true;
    });
    // A fault of the connection is followed by its close.
    socket.on("error", () => undefined);
    socket.once("close", () => this.#end());
  }

  /** How many bytes wait for the reader to take them. */
  get depthBytes(): number {
    return this.#outbox.untaken.bytes;
  }

  /** With what it was closed from here; null where it was not, or its reader was first. */
  get closedWith(): number | null {
    return this.#closedWith;
  }

  /** Closes with a code that tells the reader what to do. */
  close(code: number, reason: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#closedWith = code;
    this.#end();
    this.#socket.close(code, reason);
  }

  /** Closes the socket if its reader's rights are not any more what they were in this generation. */
  async check(generation: number): Promise<void> {
    if (this.#state !== "READY") return;
    if ((await this.#reader?.mayStay(generation)) === false) this.#forbid();
  }

  #forbid(): void {
    this.close(CloseCode.Forbidden, "you are not known any more, or have lost a role");
  }

  #stall(): void {
    this.close(CLOSE.consumerTooSlow, "you take too slowly: come back with your last cursor");
  }

  #fail(err: unknown, message: string): void {
    this.#needs.log.error({ err, requestId: this.#needs.requestId }, message);
    this.close(CloseCode.InternalServerError, "something went wrong here: the log says what");
  }

  /** Whoever no longer answers a ping is gone, or takes nothing of what is sent. */
  #ask(): void {
    if (this.#isAnswering) {
      this.#isAnswering = false;
      this.#socket.ping();
      return;
    }
    // What has come while this process was busy is read before this runs.
    setImmediate(() => {
      if (this.#isAnswering || this.#hasLeft()) return;
      if (this.#socket.bufferedAmount > 0) this.#stall();
      else this.#socket.terminate();
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#count();
    if (this.#state === "CLOSED") return;
    if (isBinary) {
      this.close(CLOSE.notText, "send text");
      return;
    }
    const bytes = data as Buffer;
    let message: Message;
    try {
      message = parseMessage(bytes.toString());
    } catch {
      this.close(CloseCode.BadRequest, "that is no message of graphql-transport-ws");
      return;
    }
    this.#obey(message, bytes.length);
  }

  #count(): void {
    const isBounded = this.#messages.take();
    if (this.#state === "CLOSED") return;
    if (!isBounded || this.#allowance?.mayTell() === false)
      this.close(CloseCode.TooManyInitialisationRequests, "too many messages");
  }

  #obey(message: Message, bytes: number): void {
    switch (message.type) {
      case MessageType.ConnectionInit:
        this.#introduce(message.payload).catch((err: unknown) => {
          this.#fail(err, "it could not be found out who opened a socket");
        });
        return;
      case MessageType.Ping: {
        const { payload } = message;
        this.#answer({ type: MessageType.Pong, ...(payload === undefined ? {} : { payload }) });
        return;
      }
      case MessageType.Pong:
        this.#isAnswering = true;
        return;
      case MessageType.Subscribe:
        this.#subscribe(message.id, message.payload, bytes);
        return;
      case MessageType.Complete:
        this.#leave(message.id);
        return;
      default:
        this.close(CloseCode.BadRequest, "only a server sends that");
    }
  }

  async #introduce(payload: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    if (this.#state !== "NEW") {
      this.close(CloseCode.TooManyInitialisationRequests, "you have introduced yourself already");
      return;
    }
    this.#state = "INTRODUCING";
    const { authorization: told = this.#needs.authorization } = payload ?? {};
    const introduced = await introduce(this.#needs, typeof told === "string" ? told : undefined);
    if (introduced.kind === "TURNED_AWAY") {
      this.close(introduced.code, introduced.reason);
      return;
    }
    const { reader, allowance } = introduced;
    if (this.#hasLeft()) {
      allowance.release();
      return;
    }
    clearTimeout(this.#introduction);
    this.#allowance = allowance;
    this.#reader = reader;
    this.#state = "READY";
    this.#answer({ type: MessageType.ConnectionAck });
  }

  #subscribe(id: string, payload: SubscribePayload, bytes: number): void {
    if (this.#state !== "READY" || this.#reader === null || this.#allowance === null) {
      this.close(CloseCode.Unauthorized, "introduce yourself first");
      return;
    }
    if (this.#running.has(id)) {
      this.close(CloseCode.SubscriberAlreadyExists, "an operation of that id runs already");
      return;
    }
    const release = this.#allowance.subscribe(this.#running.size, bytes);
    if (typeof release !== "function") {
      this.#answer(errorsOf(id, [release]));
      return;
    }
    const running: Running = { follower: null, isOver: false, release };
    this.#running.set(id, running);
    this.#run(id, payload, running, this.#reader).catch((err: unknown) => {
      this.#fail(err, "a socket could not be served");
    });
  }

  async #run(
    id: string,
    payload: SubscribePayload,
    running: Running,
    reader: Reader,
  ): Promise<void> {
    const followed = await this.#needs.follow(payload, reader);
    if (running.isOver) return;
    if (followed.kind === "FORBIDDEN") this.#forbid();
    else if (followed.kind === "REFUSED") this.#finish(id, running, errorsOf(id, followed.errors));
    else {
      running.follower = followed.to(this.#sinkOf(id, running), "websocket");
      await running.follower.run();
    }
  }

  /** Where the events of one operation go. */
  #sinkOf(id: string, running: Running): Sink {
    const opening = openingOf(id);
    return {
      event: (told) => running.isOver || this.#outbox.event(opening, told),
      untaken: this.#outbox.untaken,
      end: (errors) => this.#finish(id, running, endingOf(id, errors)),
      tooSlow: () => this.#stall(),
      forbid: () => this.#forbid(),
    };
  }

  /** The reader wants no more of it. */
  #leave(id: string): void {
    const running = this.#running.get(id);
    if (running !== undefined) this.#stop(id, running);
  }

  /** Ends an operation from here, unless it has ended, and says so. */
  #finish(id: string, running: Running, last: Message): void {
    if (running.isOver) return;
    this.#stop(id, running);
    this.#answer(last);
  }

  #stop(id: string, running: Running): void {
    running.isOver = true;
    this.#running.delete(id);
    running.release();
    running.follower?.stop();
  }

  #answer(message: Message): void {
    if (this.#state !== "CLOSED") this.#outbox.answer(message);
  }

  /** Asked anew: the socket may have closed while something was awaited. */
  #hasLeft(): boolean {
    return this.#state === "CLOSED";
  }

  #end(): void {
    if (this.#state === "CLOSED") return;
    this.#state = "CLOSED";
    clearTimeout(this.#introduction);
    clearInterval(this.#keepAlive);
    this.#allowance?.release();
    for (const [id, running] of this.#running) this.#stop(id, running);
  }
}
