import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import { type Passport, bearer } from "../identity/passports.ts";

export const PROTOCOL = "graphql-transport-ws";

/** A message of the protocol as it came. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A socket that sends whatever it is told to. */
export class RawSocket {
  readonly socket: WebSocket;
  /** Resolves to the code of its close. */
  readonly closed: Promise<number>;
  readonly #messages: Message[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(url: string, options: ClientOptions = {}, protocols: readonly string[] = [PROTOCOL]) {
    this.socket = new WebSocket(url, [...protocols], options);
    // A fault of the connection is followed by its close.
    this.socket.on("error", () => undefined);
    this.socket.on("message", (data: Buffer) => {
      this.#messages.push(JSON.parse(data.toString()) as Message);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.once("close", (code) => {
        this.#isClosed = true;
        this.#wake();
        resolve(code);
      });
    });
  }

  async opened(): Promise<this> {
    await once(this.socket, "open");
    return this;
  }

  /** Text as it is, anything else as JSON. */
  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Opens the socket and introduces its user. */
  async introduce(by: Passport): Promise<this> {
    await this.opened();
    this.send({ type: "connection_init", payload: { authorization: bearer(by) } });
    const { type } = await this.next();
    if (type !== "connection_ack") throw new Error(`${type} came instead of the acknowledgement`);
    return this;
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.send({ type: "subscribe", id, payload: { query, variables } });
  }

  /** The next message; throws once the socket is closed and there is none. */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#isClosed) throw new Error("the socket is closed");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Everything that comes before the answer to a ping that is sent now. */
  async untilPong(): Promise<Message[]> {
    this.send({ type: "ping" });
    const before: Message[] = [];
    for (;;) {
      const message = await this.next();
      if (message.type === "pong") return before;
      before.push(message);
    }
  }
}
