import type { ServerResponse } from "node:http";
import { GraphQLError } from "graphql";
import type { Delivery } from "./operations.ts";
import type { Reader } from "./reader.ts";
import type { StreamLimits } from "./streamLimits.ts";

/** What a stream of events carries, and for whom. */
export interface Carried {
  readonly deliveries: AsyncIterableIterator<Delivery>;
  readonly reader: Reader;
  readonly limits: StreamLimits;
}

/**
 * Server-sent events (WHATWG HTML, section 9.2) in the form of GraphQL over SSE, distinct
 * connections: `next` with a result and its cursor as the id, `complete` at the end. What goes
 * wrong in the middle is a `next` with errors and without an id, before `complete`.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #carried: Carried;
  readonly #keepAlive: NodeJS.Timeout;
  #isOver = false;
  #go: () => void = () => undefined;

  constructor(response: ServerResponse, carried: Carried) {
    this.#response = response;
    this.#carried = carried;
    // A proxy between may cut what is quiet; a comment is no event.
    this.#keepAlive = setInterval(() => this.#comment(), carried.limits.keepAliveMs);
    response.once("close", () => this.#stop());
    response.on("error", () => this.#stop());
    // Whoever left while the stream was being opened is not told of again.
    if (response.destroyed) this.#stop();
    else this.#begin();
  }

  /** Sends every event as fast as the reader takes them, and ends; a reader who stays stalled is cut off. */
  async carry(): Promise<void> {
    for await (const delivery of this.#carried.deliveries) {
      if (this.#isOver) return;
      if (delivery.kind === "EVENT") {
        const id = delivery.cursor === null ? "" : `id: ${delivery.cursor}\n`;
        await this.#write(`event: next\n${id}data: ${JSON.stringify(delivery.result)}\n\n`);
      } else if (delivery.kind === "FAILED") this.#end(delivery.errors);
      else this.#end([FORBIDDEN]);
    }
    this.#end([]);
  }

  /** Ends the stream in the middle: the reader comes back with its last id. */
  cut(): void {
    this.#stop();
    this.#response.end();
  }

  /** Ends the stream if its reader's rights are not any more what they were. */
  async check(): Promise<void> {
    if ((await this.#carried.reader.renew()) === null) this.#end([FORBIDDEN]);
  }

  #begin(): void {
    this.#response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    this.#response.flushHeaders();
  }

  #comment(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(":\n\n");
  }

  #end(errors: readonly GraphQLError[]): void {
    if (this.#isOver) return;
    this.#stop();
    const last = errors.length === 0 ? "" : `event: next\ndata: ${JSON.stringify({ errors })}\n\n`;
    this.#response.end(`${last}event: complete\ndata:\n\n`);
  }

  async #write(text: string): Promise<void> {
    if (this.#response.write(text)) return;
    await new Promise<void>((resolve) => {
      const stalled = setTimeout(() => this.#response.destroy(), this.#carried.limits.stalledMs);
      this.#go = () => {
        clearTimeout(stalled);
        this.#response.off("drain", this.#go);
        resolve();
      };
      this.#response.once("drain", this.#go);
    });
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#keepAlive);
    this.#carried.deliveries.return?.().catch(() => undefined);
    this.#go();
  }
}

const FORBIDDEN = new GraphQLError(
  "you are not known any more, or have lost a role: ask again with the rights that you have",
  { extensions: { code: "FORBIDDEN" } },
);
