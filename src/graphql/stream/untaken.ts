import type { Writable } from "node:stream";
import type { StreamLimits } from "./streamLimits.ts";
import { Turns } from "./turns.ts";

/**
 * What was written to one reader and waits for them to take it. It is little: whoever has an event
 * asks whether there is room before it is written, and waits for the reader where there is none.
 */
export class Untaken {
  /** For those who have something made for the reader alone, of which one at a time may wait here. */
  readonly turns = new Turns();
  readonly #wire: Writable;
  readonly #limits: StreamLimits;
  readonly #onStalled: () => void;
  #taking: Promise<void> | null = null;

  /** `onStalled` is called when the reader takes nothing for too long. */
  constructor(wire: Writable, limits: StreamLimits, onStalled: () => void) {
    this.#wire = wire;
    this.#limits = limits;
    this.#onStalled = onStalled;
  }

  get bytes(): number {
    return this.#wire.writableLength;
  }

  /** Whether the reader may be written more: not from when too much waits until they have taken all of it. */
  get hasRoom(): boolean {
    return this.#taking === null && !this.#isFull;
  }

  /** Writes an event, for which there is room. */
  write(event: Buffer | string): void {
    if (!this.#wire.write(event) && this.#isFull) this.#watch();
  }

  /** Resolves when there is room again, or the reader is gone; null where there is room. */
  taken(): Promise<void> | null {
    if (this.#isFull) this.#watch();
    return this.#taking;
  }

  /** What is never drained is no reason to wait. */
  get #isFull(): boolean {
    return this.bytes > this.#limits.queueBytesMax && this.#wire.writableNeedDrain;
  }

  #watch(): void {
    this.#taking ??= this.#untilTaken();
  }

  #untilTaken(): Promise<void> {
    return new Promise((resolve) => {
      let leftBytes = this.bytes;
      const watch = setInterval(() => {
        if (this.bytes >= leftBytes) this.#onStalled();
        leftBytes = this.bytes;
      }, this.#limits.stalledMs);
      const done = (): void => {
        clearInterval(watch);
        this.#wire.off("drain", done).off("close", done);
        this.#taking = null;
        resolve();
      };
      this.#wire.once("drain", done).once("close", done);
    });
  }
}
