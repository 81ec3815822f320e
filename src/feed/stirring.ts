import { HINT_PAUSE_MS } from "./limits.ts";
import type { Supply } from "./pull.ts";
import type { SetTimer } from "./timer.ts";

/** One who wants to know that something may have changed, and no more than that. */
export class Stirring implements Supply<void> {
  readonly #nudge: () => void;
  readonly #setTimer: SetTimer;
  #isStirred = true;
  #hasHeard = false;
  #cancelPause: (() => void) | null = null;
  /** The head at the last sweep; none before the first. */
  #seen: number | null = null;

  /** Stirred from the start, so that the first answer is given. */
  constructor(nudge: () => void, setTimer: SetTimer) {
    this.#nudge = nudge;
    this.#setTimer = setTimer;
  }

  /** However often this is called between two takes, they are one. */
  stir(): void {
    this.#isStirred = true;
    this.#nudge();
  }

  /** A wake-up, true or false: the first stirs at once, those that follow soon after are one. */
  hear(): void {
    this.#hasHeard = true;
    if (this.#cancelPause === null) this.#stirAndPause();
  }

  /** What a sweep saw of the packet; 0 for one that is not there. */
  see(revision: number): void {
    if (revision === this.#seen) return;
    this.#seen = revision;
    this.stir();
  }

  take(): { readonly value: void } | null {
    if (!this.#isStirred) return null;
    this.#isStirred = false;
    return { value: undefined };
  }

  end(): void {
    this.#isStirred = false;
    this.#cancelPause?.();
  }

  #stirAndPause(): void {
    this.#hasHeard = false;
    this.stir();
    this.#cancelPause = this.#setTimer(() => {
      this.#cancelPause = null;
      if (this.#hasHeard) this.#stirAndPause();
    }, HINT_PAUSE_MS);
  }
}
