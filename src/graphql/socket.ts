import {
  CloseCode,
  MessageType,
  type Message,
  type SubscribePayload,
  parseMessage,
  stringifyMessage,
} from "graphql-ws";
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
} from "graphql";
import type { RawData, WebSocket } from "ws";
import type { Context } from "./context.ts";
import type { Operations, Delivery } from "./operations.ts";
import {
  INTRODUCTION_MS,
  KEEP_ALIVE_MS,
  MESSAGES_PER_SECOND_MAX,
  STALLED_MS,
  SUBSCRIPTIONS_MAX,
} from "./limits.ts";

/** Close codes of our own, beside those of the protocol. */
export const CLOSE = {
  goingAway: 1001,
  notText: 1003,
  /** A reader that took none of its events for too long; it goes on from its last cursor. */
  consumerTooSlow: 4013,
} as const;

/** What a socket works with. */
export interface SocketNeeds {
  readonly operations: Operations;
  /** A context of this moment for these credentials; null for nobody. */
  readonly contextFor: (authorization: string | undefined) => Promise<Context | null>;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** What the request that opened the socket brought. */
  readonly authorization: string | undefined;
}

interface Running {
  /** Null while it is being opened. */
  deliveries: AsyncIterableIterator<Delivery> | null;
  isOver: boolean;
}

/**
 * One socket that speaks graphql-transport-ws. Nothing that is wrong with one operation
 * touches its neighbours; only what breaks the protocol closes the socket.
 */
export class Socket {
  readonly #socket: WebSocket;
  readonly #needs: SocketNeeds;
  readonly #running = new Map<string, Running>();
  readonly #introduction: NodeJS.Timeout;
  readonly #keepAlive: NodeJS.Timeout;
  #state: "NEW" | "INTRODUCING" | "READY" | "CLOSED" = "NEW";
  #authorization: string | undefined;
  #isAnswering = true;
  #second = 0;
  #messages = 0;

  constructor(socket: WebSocket, needs: SocketNeeds) {
    this.#socket = socket;
    this.#needs = needs;
    this.#introduction = setTimeout(
      () => this.close(CloseCode.ConnectionInitialisationTimeout, "introduce yourself"),
      INTRODUCTION_MS,
    );
    this.#keepAlive = setInterval(() => this.#ask(), KEEP_ALIVE_MS);
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("pong", () => {
      this.#isAnswering = true;
    });
    // A fault of the connection is followed by its close.
    socket.on("error", () => undefined);
    socket.once("close", () => this.#end());
  }

  /** Closes with a code that tells the reader what to do. */
  close(code: number, reason: string): void {
    this.#end();
    this.#socket.close(code, reason);
  }

  /** Whoever no longer answers a ping is gone. */
  #ask(): void {
    if (!this.#isAnswering) {
      this.#socket.terminate();
      return;
    }
    this.#isAnswering = false;
    this.#socket.ping();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#state === "CLOSED") return;
    if (isBinary) {
      this.close(CLOSE.notText, "send text");
      return;
    }
    if (this.#isFlood()) {
      this.close(CloseCode.TooManyInitialisationRequests, "too many messages");
      return;
    }
    let message: Message;
    try {
      message = parseMessage((data as Buffer).toString());
    } catch {
      this.close(CloseCode.BadRequest, "that is no message of graphql-transport-ws");
      return;
    }
    this.#obey(message);
  }

  #isFlood(): boolean {
    const second = Math.floor(this.#needs.now() / 1000);
    if (second !== this.#second) this.#messages = 0;
    this.#second = second;
    this.#messages += 1;
    return this.#messages > MESSAGES_PER_SECOND_MAX;
  }

  #obey(message: Message): void {
    switch (message.type) {
      case MessageType.ConnectionInit:
        this.#introduce(message.payload);
        return;
      case MessageType.Ping:
        this.#send({
          type: MessageType.Pong,
          ...(message.payload === undefined ? {} : { payload: message.payload }),
        });
        return;
      case MessageType.Pong:
        this.#isAnswering = true;
        return;
      case MessageType.Subscribe:
        this.#subscribe(message.id, message.payload);
        return;
      case MessageType.Complete:
        this.#leave(message.id);
        return;
      default:
        this.close(CloseCode.BadRequest, "only a server sends that");
    }
  }

  #introduce(payload: Readonly<Record<string, unknown>> | undefined): void {
    if (this.#state !== "NEW") {
      this.close(CloseCode.TooManyInitialisationRequests, "you have introduced yourself already");
      return;
    }
    this.#state = "INTRODUCING";
    const told = payload?.["authorization"];
    this.#authorization = typeof told === "string" ? told : this.#needs.authorization;
    this.#needs.contextFor(this.#authorization).then(
      (context) => {
        if (this.#state !== "INTRODUCING") return;
        if (context === null) {
          this.close(CloseCode.Forbidden, "nobody you say you are is known");
          return;
        }
        clearTimeout(this.#introduction);
        this.#state = "READY";
        this.#send({ type: MessageType.ConnectionAck });
      },
      () => this.close(CloseCode.InternalServerError, "it is not known who you are"),
    );
  }

  #subscribe(id: string, payload: SubscribePayload): void {
    if (this.#state !== "READY") {
      this.close(CloseCode.Unauthorized, "introduce yourself first");
      return;
    }
    if (this.#running.has(id)) {
      this.close(CloseCode.SubscriberAlreadyExists, "an operation of that id runs already");
      return;
    }
    if (this.#running.size >= SUBSCRIPTIONS_MAX) {
      const message = `a socket has at most ${SUBSCRIPTIONS_MAX} subscriptions`;
      this.#sendErrors(id, [{ message, extensions: { code: "SUBSCRIPTION_LIMIT" } }]);
      return;
    }
    const running: Running = { deliveries: null, isOver: false };
    this.#running.set(id, running);
    this.#run(id, payload, running).catch(() => {
      if (running.isOver) return;
      this.#finish(id, running);
      const extensions = { code: "INTERNAL" };
      this.#sendErrors(id, [
        { message: "something went wrong here: the log says what", extensions },
      ]);
    });
  }

  async #run(id: string, payload: SubscribePayload, running: Running): Promise<void> {
    const context = await this.#renew();
    if (context === null) return;
    const followed = await this.#needs.operations.follow(payload, context, () => this.#renew());
    if (followed.kind === "REFUSED") {
      if (running.isOver) return;
      this.#finish(id, running);
      this.#sendErrors(id, followed.errors);
      return;
    }
    running.deliveries = followed.deliveries;
    if (running.isOver) {
      await followed.deliveries.return?.();
      return;
    }
    for await (const { result } of followed.deliveries) {
      if (running.isOver) break;
      await this.#deliver({ id, type: MessageType.Next, payload: formatted(result) });
    }
    if (running.isOver) return;
    this.#finish(id, running);
    this.#send({ id, type: MessageType.Complete });
  }

  /** A context of this moment; the socket closes when its reader is nobody any more. */
  async #renew(): Promise<Context | null> {
    const context = await this.#needs.contextFor(this.#authorization);
    if (context === null) this.close(CloseCode.Forbidden, "you are not known any more");
    return context;
  }

  #leave(id: string): void {
    const running = this.#running.get(id);
    if (running !== undefined) this.#finish(id, running);
  }

  #finish(id: string, running: Running): void {
    running.isOver = true;
    if (this.#running.get(id) === running) this.#running.delete(id);
    running.deliveries?.return?.().catch(() => undefined);
  }

  #sendErrors(id: string, errors: readonly (GraphQLError | GraphQLFormattedError)[]): void {
    this.#send({ id, type: MessageType.Error, payload: errors.map(formattedError) });
  }

  #send(message: Message): void {
    if (this.#state !== "CLOSED") this.#socket.send(stringifyMessage(message));
  }

  /** Sends one event and waits until the reader has taken it, so that at most one of each operation is in the air. */
  #deliver(message: Message): Promise<void> {
    return new Promise((resolve) => {
      const stalled = setTimeout(() => {
        this.#end();
        this.#socket.close(CLOSE.consumerTooSlow, "you take your events too slowly");
        this.#socket.terminate();
        resolve();
      }, STALLED_MS);
      this.#socket.send(stringifyMessage(message), () => {
        clearTimeout(stalled);
        resolve();
      });
    });
  }

  #end(): void {
    if (this.#state === "CLOSED") return;
    this.#state = "CLOSED";
    clearTimeout(this.#introduction);
    clearInterval(this.#keepAlive);
    for (const [id, running] of this.#running) this.#finish(id, running);
  }
}

function formatted({ errors, ...result }: ExecutionResult): FormattedExecutionResult {
  return errors === undefined ? result : { ...result, errors: errors.map(formattedError) };
}

function formattedError(error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError {
  return error instanceof GraphQLError ? error.toJSON() : error;
}
