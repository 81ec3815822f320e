import type { Supply } from "./pull.ts";

/** One who wants to know that something may have changed, and no more than that. */
export class Stirring implements Supply<void> {
  readonly #nudge: () => void;
  #isStirred = true;
  /** The head at the last sweep; none before the first. */
  #seen: number | null = null;

  /** Stirred from the start, so that the first answer is given. */
  constructor(nudge: () => void) {
    this.#nudge = nudge;
  }

  /** However often this is called between two takes, they are one. */
  stir(): void {
    this.#isStirred = true;
    this.#nudge();
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
  }
}
