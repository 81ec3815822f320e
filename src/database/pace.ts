/** How fast something may be done again and again. */
export interface PaceOptions {
  /** How often at once, and after a rest. */
  readonly burst: number;
  /** How long for each time more, in milliseconds. */
  readonly everyMs: number;
}

/** Lets things through at a bounded rate, in the order of asking. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #waiting: (() => void)[] = [];
  #left: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#left = options.burst;
  }

  /** Resolves when it is the caller's turn. */
  async turn(): Promise<void> {
    const timer = this.#arm();
    if (this.#left > 0) {
      this.#left -= 1;
      return;
    }
    // Only somebody who waits keeps the process alive.
    timer.ref();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #arm(): NodeJS.Timeout {
    return (this.#timer ??= setTimeout(() => this.#refill(), this.#options.everyMs).unref());
  }

  #refill(): void {
    this.#timer = null;
    const next = this.#waiting.shift();
    if (next === undefined) this.#left += 1;
    else next();
    if (this.#left === this.#options.burst) return;
    const timer = this.#arm();
    if (this.#waiting.length > 0) timer.ref();
  }
}
