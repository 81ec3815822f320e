import type { ServerResponse } from "node:http";
import { GraphQLError } from "graphql";
import type { ToldEvent } from "./broadcast.ts";
import type { Follower } from "./follower.ts";
import type { Sink } from "./sink.ts";
import type { Reader } from "./reader.ts";
import type { StreamLimits } from "./streamLimits.ts";
import { Untaken } from "./untaken.ts";

/** What a stream of events carries, and for whom. */
export interface Carried {
  readonly to: (sink: Sink) => Follower;
  readonly reader: Reader;
  readonly limits: StreamLimits;
}

/** Why a stream is over. */
export type Reason = "complete" | "failed" | "forbidden" | "going_away" | "left" | "too_slow";

/**
 * Server-sent events (WHATWG HTML, section 9.2) in the form of GraphQL over SSE, distinct
 * connections: `next` with a result and its cursor as the id, `complete` at the end. What goes
 * wrong in the middle is a `next` with errors and without an id, before `complete`.
 */
export class EventStream implements Sink {
  readonly #response: ServerResponse;
  readonly #carried: Carried;
  readonly #keepAlive: NodeJS.Timeout;
  readonly #follower: Follower;
  readonly untaken: Untaken;
  #isOver = false;
  #reason: Reason = "left";

  constructor(response: ServerResponse, carried: Carried) {
    this.#response = response;
    this.#carried = carried;
    this.#follower = carried.to(this);
    this.untaken = new Untaken(response, carried.limits, () => this.#cutOff());
    // A proxy between may cut what is quiet; a comment is no event.
    this.#keepAlive = setInterval(() => this.#comment(), carried.limits.keepAliveMs);
    response.once("close", () => this.#stop());
    response.on("error", () => this.#stop());
    // Whoever left while the stream was being opened is not told of again.
    if (response.destroyed) this.#stop();
    else this.#begin();
  }

  /** Sends every event, and resolves when the stream is over to why it is. Never rejects. */
  async carry(): Promise<Reason> {
    if (!this.#isOver) await this.#follower.run();
    return this.#reason;
  }

  /** How many bytes wait for the reader to take them. */
  get depthBytes(): number {
    return this.untaken.bytes;
  }

  event({ text, cursor }: ToldEvent): boolean {
    if (this.#isOver) return true;
    if (!this.untaken.hasRoom) return false;
    this.untaken.write(`event: next\nid: ${cursor}\ndata: ${text}\n\n`);
    return true;
  }

  tooSlow(): void {
    this.#cutOff();
  }

  end(errors: readonly GraphQLError[]): void {
    if (this.#isOver) return;
    this.#reason = errors.length === 0 ? "complete" : "failed";
    this.#stop();
    const last = errors.length === 0 ? "" : `event: next\ndata: ${JSON.stringify({ errors })}\n\n`;
    this.#response.end(`${last}event: complete\ndata:\n\n`);
  }

  forbid(): void {
    if (this.#isOver) return;
    this.end([FORBIDDEN]);
    this.#reason = "forbidden";
  }

  /** Ends the stream in the middle: the reader comes back with its last id. */
  cut(): void {
    this.#reason = "going_away";
    this.#stop();
    this.#response.end();
  }

  /** Ends the stream if its reader's rights are not any more what they were in this generation. */
  async check(generation: number): Promise<void> {
    if (!(await this.#carried.reader.mayStay(generation))) this.forbid();
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

  #cutOff(): void {
    this.#reason = "too_slow";
    this.#response.destroy();
  }

  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#keepAlive);
    this.#follower.stop();
  }
}

const FORBIDDEN = new GraphQLError(
  "you are not known any more, or have lost a role: ask again with the rights that you have",
  { extensions: { code: "FORBIDDEN" } },
);
