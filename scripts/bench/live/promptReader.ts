import { once } from "node:events";
import { MessageType } from "graphql-ws";
import { WebSocket } from "ws";
import type { Dashboard } from "./dashboards.ts";
import { NUMBER_KEY, OPERATION } from "./dialect.ts";
import { machineMs } from "./usage.ts";

const FAULTS_KEPT = 3;
const ZERO = 48;
const NINE = 57;

/** A dashboard that takes events as they come and looks at the number of each. */
export class PromptReader {
  readonly faults: string[] = [];
  /** When each event since `expect` came, by the machine's clock. */
  arrivals = new Float64Array(0);
  /** The number that it stood at when it began to expect events. */
  base: number | null = null;
  got = 0;
  message = "";
  readonly #dashboard: Dashboard;
  readonly #onComplete: () => void;
  #socket: WebSocket | null = null;
  #last: number | null = null;

  /** `onComplete` is called when everything that is expected has come. */
  constructor(dashboard: Dashboard, onComplete: () => void) {
    this.#dashboard = dashboard;
    this.#onComplete = onComplete;
  }

  /** Resolves when it has asked for its events. */
  async open(): Promise<void> {
    const { url, dialect, token } = this.#dashboard;
    const protocols = dialect === "PLAIN" ? [] : ["graphql-transport-ws"];
    const options = { perMessageDeflate: false, skipUTF8Validation: true };
    const socket = new WebSocket(url, protocols, options);
    this.#socket = socket;
    await once(socket, "open");
    socket.on("error", (fault) => this.#fault(fault.message));
    socket.on("close", (code) => this.#fault(`its socket was closed with ${code}`));
    if (dialect === "PLAIN") {
      socket.on("message", (data) => this.#hear(data as Buffer));
      return;
    }
    const acknowledged = new Promise<void>((resolve, reject) => {
      socket.on("message", (data) => this.#hear(data as Buffer, resolve));
      socket.once("close", (code) => reject(new Error(`a server closed a new socket: ${code}`)));
    });
    const payload = token === null ? {} : { authorization: `Bearer ${token}` };
    socket.send(JSON.stringify({ type: MessageType.ConnectionInit, payload }));
    await acknowledged;
    socket.send(subscribeMessage(this.#dashboard));
  }

  /** Goes on from where it stands: so many more are to come. */
  expect(count: number): void {
    this.faults.length = 0;
    this.arrivals = new Float64Array(count);
    this.base = this.#last;
    this.got = 0;
  }

  #hear(message: Buffer, onAcknowledged: () => void = () => undefined): void {
    const at = message.indexOf(NUMBER_KEY);
    if (at < 0) {
      this.#hearOther(message.toString(), onAcknowledged);
      return;
    }
    const now = machineMs();
    let number = 0;
    for (let index = at + NUMBER_KEY.length; index < message.length; index += 1) {
      const digit = message[index] ?? 0;
      if (digit < ZERO || digit > NINE) break;
      number = number * 10 + digit - ZERO;
    }
    if (this.#last !== null && number !== this.#last + 1) {
      this.#fault(`event ${number} came after ${this.#last}`);
    }
    this.#last = number;
    this.base ??= number - 1;
    if (this.got === this.arrivals.length) this.#fault(`event ${number} came beyond the last`);
    this.arrivals[this.got] = now;
    this.got += 1;
    if (this.got !== this.arrivals.length) return;
    this.message = message.toString();
    this.#onComplete();
  }

  #hearOther(text: string, onAcknowledged: () => void): void {
    const { type, payload } = JSON.parse(text) as { type: MessageType; payload?: object };
    if (type === MessageType.ConnectionAck) onAcknowledged();
    else if (type === MessageType.Ping) {
      this.#socket?.send(JSON.stringify({ type: MessageType.Pong }));
    } else if (type !== MessageType.Next || (payload !== undefined && "errors" in payload)) {
      this.#fault(`it was told ${text}`);
    }
  }

  #fault(fault: string): void {
    if (this.faults.length < FAULTS_KEPT) this.faults.push(fault);
  }
}

/** The message that asks for a dashboard's events. */
export function subscribeMessage({ query, packet }: Dashboard): string {
  const payload = { query, variables: { packet } };
  return JSON.stringify({ id: OPERATION, type: MessageType.Subscribe, payload });
}
