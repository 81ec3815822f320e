import { RETRY_PAUSE_MS, RETRY_PAUSE_MS_MAX } from "./limits.ts";
import type { SetTimer } from "./timer.ts";

/** Makes a read again, with growing pauses, until it succeeds or nobody wants it any more. */
export class Patience {
  readonly #setTimer: SetTimer;
  readonly #onFault: (fault: unknown) => void;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #pausing = new Set<() => void>();
  #isOver = false;

  constructor(setTimer: SetTimer, onFault: (fault: unknown) => void) {
    this.#setTimer = setTimer;
    this.#onFault = onFault;
  }

  /** What was read; null once this was closed. Never rejects. */
  async insist<R>(read: () => Promise<R>): Promise<R | null> {
    const insisting = this.#insist(read);
    this.#underWay.add(insisting);
    try {
      return await insisting;
    } finally {
      this.#underWay.delete(insisting);
    }
  }

  /** Ends every pause at once, and resolves when no read is under way. */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const resume of this.#pausing) resume();
    await Promise.all(this.#underWay);
  }

  async #insist<R>(read: () => Promise<R>): Promise<R | null> {
    let pauseMs = RETRY_PAUSE_MS;
    while (!this.#isOver) {
      try {
        const found = await read();
        return this.#over() ? null : found;
      } catch (fault) {
        this.#onFault(fault);
      }
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, RETRY_PAUSE_MS_MAX);
    }
    return null;
  }

  /** Asked anew: it may have been closed while something was awaited. */
  #over(): boolean {
    return this.#isOver;
  }

  async #pause(lengthMs: number): Promise<void> {
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      const resume = (): void => {
        cancel();
        this.#pausing.delete(resume);
        resolve();
      };
      const cancel = this.#setTimer(resume, lengthMs);
      this.#pausing.add(resume);
    });
  }
}
