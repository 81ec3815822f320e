import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Api, ApiOptions } from "#graphql/api.ts";

/** A small API whose requests wait until the test lets them go. */
export interface WaitingRoom {
  /** What the server opened it with. */
  readonly options: ApiOptions;
  /** Resolves when so many requests have come to `/graphql/wait`. */
  arrived(count: number): Promise<void>;
  /** Answers the requests that wait. */
  letGo(): void;
  /** What was closed, in order, as far as it shows in here. */
  readonly closed: readonly string[];
}

/** The room, and how a server opens it. */
export function waitingRoom(): {
  readonly room: Promise<WaitingRoom>;
  readonly openApi: (options: ApiOptions) => Api;
} {
  let enter: (room: WaitingRoom) => void = () => undefined;
  const room = new Promise<WaitingRoom>((resolve) => {
    enter = resolve;
  });
  return {
    room,
    openApi(options) {
      const api = new RoomApi(options);
      enter(api);
      return api;
    },
  };
}

class RoomApi implements Api, WaitingRoom {
  readonly options: ApiOptions;
  readonly closed: string[] = [];
  readonly #waiting: ServerResponse[] = [];
  readonly #arrivals = new EventEmitter();
  #arrivalCount = 0;

  constructor(options: ApiOptions) {
    this.options = options;
  }

  async arrived(count: number): Promise<void> {
    while (this.#arrivalCount < count) await once(this.#arrivals, "one");
  }

  letGo(): void {
    for (const response of this.#waiting.splice(0)) response.end("answered");
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === "/graphql/crash") throw new Error("nobody may read this");
    if (request.url === "/graphql/who") {
      const actor = await this.options.authenticate(request.headers.authorization);
      response.end(actor?.actor ?? "nobody");
    } else if (request.url === "/graphql/stream") {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      response.write(": open\n\n");
    } else {
      this.#waiting.push(response);
      this.#arrivalCount += 1;
      this.#arrivals.emit("one");
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex): void {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  }

  async close(): Promise<void> {
    // The ledger is open for as long as the API is: what it has begun it can end.
    await this.options.desk.ledger.moment();
    this.closed.push("api");
  }
}
