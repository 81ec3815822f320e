import type { IncomingMessage, ServerResponse } from "node:http";
import type { Delivery } from "./operations.ts";
import { KEEP_ALIVE_MS, STALLED_MS } from "./limits.ts";

/**
 * Server-sent events (WHATWG HTML, section 9.2) in the form of GraphQL over SSE, distinct
 * connections: `next` with a result and its cursor as the id, `complete` at the end.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #ended = new AbortController();
  readonly #keepAlive: NodeJS.Timeout;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    // A proxy between may cut what is quiet; a comment is no event.
    this.#keepAlive = setInterval(() => response.write(":\n\n"), KEEP_ALIVE_MS);
    response.once("close", () => this.#stop());
    request.once("error", () => this.#stop());
    response.once("error", () => this.#stop());
  }

  /** Sends every event as fast as the reader takes them, and ends; a reader who stays stalled is cut off. */
  async carry(deliveries: AsyncIterableIterator<Delivery>): Promise<void> {
    const leave = (): void => {
      deliveries.return?.().catch(() => undefined);
    };
    this.#ended.signal.addEventListener("abort", leave, { once: true });
    if (this.#ended.signal.aborted) leave();
    for await (const { result, cursor } of deliveries) {
      if (this.#ended.signal.aborted) break;
      const id = cursor === null ? "" : `id: ${cursor}\n`;
      await this.#write(`event: next\n${id}data: ${JSON.stringify(result)}\n\n`);
    }
    if (!this.#ended.signal.aborted) this.#response.end("event: complete\ndata:\n\n");
    this.#stop();
  }

  /** Ends the stream in the middle: the reader comes back with its last id. */
  cut(): void {
    this.#stop();
    this.#response.end();
  }

  async #write(text: string): Promise<void> {
    if (this.#response.write(text)) return;
    await new Promise<void>((resolve) => {
      const stalled = setTimeout(() => this.#response.destroy(), STALLED_MS);
      const go = (): void => {
        clearTimeout(stalled);
        this.#response.off("drain", go);
        this.#ended.signal.removeEventListener("abort", go);
        resolve();
      };
      this.#response.once("drain", go);
      this.#ended.signal.addEventListener("abort", go, { once: true });
    });
  }

  #stop(): void {
    clearInterval(this.#keepAlive);
    this.#ended.abort();
  }
}
