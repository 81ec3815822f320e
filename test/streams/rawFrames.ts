import { once } from "node:events";
import { type Socket, createConnection } from "node:net";

/** A connection that writes WebSocket frames byte by byte (RFC 6455, section 5.2). */
export class RawFrames {
  readonly #socket: Socket;
  #read = Buffer.alloc(0);
  #head = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#read = Buffer.concat([this.#read, bytes]);
      const end = this.#read.indexOf("\r\n\r\n");
      if (this.#head !== "" || end === -1) return;
      this.#head = this.#read.subarray(0, end).toString();
      this.#read = this.#read.subarray(end + 4);
    });
    socket.on("error", () => undefined);
  }

  /** Asks for an upgrade with these headers beside the necessary ones. */
  static async open(url: string, headers: Readonly<Record<string, string>>): Promise<RawFrames> {
    const { hostname, port, pathname } = new URL(url);
    const socket = createConnection(Number(port), hostname);
    const all = {
      host: hostname,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n`);
    const frames = new RawFrames(socket);
    while (frames.head === "") await once(socket, "data");
    return frames;
  }

  /** The answer's status line and headers. */
  get head(): string {
    return this.#head;
  }

  /** Writes one frame; the mask is of zeros, which leaves the payload as it is. */
  write(first: number, payload: Uint8Array, isMasked = true): void {
    const mask = isMasked ? [0, 0, 0, 0] : [];
    const length = payload.length | (isMasked ? 0x80 : 0);
    this.#socket.write(Buffer.from([first, length, ...mask, ...payload]));
  }

  /** The code of the close frame with which the server ends it, once it has; passes over all else. */
  async closeCode(): Promise<number> {
    for (;;) {
      const [first = 0, length = 0] = this.#read;
      if (this.#read.length >= 2 + length && this.#read.length >= 2) {
        if ((first & 0x0f) === 8) return this.#read.readUInt16BE(2);
        this.#read = this.#read.subarray(2 + length);
      } else await once(this.#socket, "data");
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}
