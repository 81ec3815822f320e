import type { Writable } from "node:stream";
import type { StreamLimits } from "./streamLimits.ts";

/**
 * What was written to one reader and waits for them to take it. It is little: whoever writes asks
 * whether there is room, and waits for the reader where there is none.
 */
export class Untaken {
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

  /** Whether the reader may be written more before they take what there is. */
  get hasRoom(): boolean {
    return this.bytes <= this.#limits.queueBytesMax;
  }

  /** Resolves when the reader has taken everything, or is gone. */
  taken(): Promise<void> {
    if (!this.#wire.writableNeedDrain || this.#wire.destroyed) return Promise.resolve();
    this.#taking ??= this.#untilTaken().finally(() => {
      this.#taking = null;
    });
    return this.#taking;
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
        resolve();
      };
      this.#wire.once("drain", done).once("close", done);
    });
  }
}
