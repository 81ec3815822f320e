import { randomBytes } from "node:crypto";
import { type Socket, connect } from "node:net";
import { MessageType } from "graphql-ws";
import type { Dashboard } from "./dashboards.ts";
import { subscribeMessage } from "./promptReader.ts";

/** About one event: what is read at a time. */
const READ_BYTES = 2_048;
const PAUSE_MS = 1_000;

const TEXT_FRAME = 0x81;
const MASKED = 0x80;
const SHORT_MAX = 125;
const TWO_BYTES = 126;

/**
 * A dashboard that takes nothing, or about an event a second, once it has asked for its events.
 * It reads from the connection itself: a library would take whatever has come at once.
 */
export class SlowReader {
  readonly #dashboard: Dashboard;
  #socket: Socket | null = null;
  #text = "";
  #isAsking = true;

  constructor(dashboard: Dashboard) {
    this.#dashboard = dashboard;
  }

  /** Resolves when it has asked for its events. */
  open(): Promise<void> {
    const { hostname, port, pathname, host } = new URL(this.#dashboard.url);
    return new Promise((resolve, reject) => {
      const onread = {
        buffer: Buffer.alloc(READ_BYTES),
        callback: (bytes: number, buffer: Uint8Array): boolean =>
          this.#read(Buffer.from(buffer.subarray(0, bytes)).toString("latin1"), resolve),
      };
      const socket = connect({ host: hostname, port: Number(port), onread }, () => {
        const key = randomBytes(16).toString("base64");
        const head = [
          `GET ${pathname} HTTP/1.1`,
          `Host: ${host}`,
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Protocol: graphql-transport-ws",
          `Sec-WebSocket-Key: ${key}`,
        ];
        socket.write(`${head.join("\r\n")}\r\n\r\n`);
      });
      socket.on("error", reject);
      this.#socket = socket;
    });
  }

  /** Cuts the connection. */
  leave(): void {
    this.#socket?.destroy();
  }

  /** Says whether to go on reading. */
  #read(text: string, onAsked: () => void): boolean {
    if (this.#isAsking) {
      this.#text += text;
      this.#ask(onAsked);
      if (this.#isAsking) return true;
    }
    if (this.#dashboard.pace === "SLOW") setTimeout(() => this.#socket?.resume(), PAUSE_MS);
    return false;
  }

  #ask(onAsked: () => void): void {
    if (this.#text.includes(MessageType.ConnectionAck)) {
      this.#isAsking = false;
      this.#socket?.write(frame(subscribeMessage(this.#dashboard)));
      onAsked();
    } else if (this.#text.includes("\r\n\r\n")) {
      this.#text = "";
      const payload = { authorization: `Bearer ${this.#dashboard.token ?? ""}` };
      this.#socket?.write(frame(JSON.stringify({ type: MessageType.ConnectionInit, payload })));
    }
  }
}

/** RFC 6455, 5.2: a text of a client, under a mask that changes nothing. */
function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const mask = Buffer.alloc(4);
  if (body.length <= SHORT_MAX) {
    return Buffer.concat([Buffer.from([TEXT_FRAME, MASKED | body.length]), mask, body]);
  }
  const head = Buffer.from([TEXT_FRAME, MASKED | TWO_BYTES, 0, 0]);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, mask, body]);
}
