/** What an iterator takes from. */
export interface Supply<T> {
  /** What comes next, or null while there is nothing: then the nudge is called when there may be. */
  take(): { readonly value: T } | null;
  /** Nothing more is taken. Called at most once. */
  end(): void;
}

/**
 * An iterator that has nothing of its own: each pull takes from the supply, and waits for a
 * nudge where there is nothing yet. It begins in the call of the first pull and ends, also in the middle
 * of one, when the signal aborts, when `return` is called or from outside by `end`.
 */
export class Pull<T> implements AsyncIterableIterator<T, undefined> {
  readonly #begin: (pull: Pull<T>) => Supply<T> | null;
  readonly #signal: AbortSignal;
  readonly #abort = (): void => this.end();
  #supply: Supply<T> | null = null;
  #isOver = false;
  #wake: (() => void) | null = null;
  #latest: Promise<unknown> = Promise.resolve();

  /** `begin` answers null where nothing is given any more. */
  constructor(signal: AbortSignal, begin: (pull: Pull<T>) => Supply<T> | null) {
    this.#signal = signal;
    this.#begin = begin;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#supply === null && !this.#isOver) this.#start();
    // Pulls are served one after the other, whoever asks before the last one is answered.
    const pulled = this.#latest.then(() => this.#pull());
    this.#latest = pulled.catch(() => undefined);
    return pulled;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Says that there may be something to take. */
  nudge(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** Ends the iterator, and with it a pull that waits. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#abort);
    this.#supply?.end();
    this.#supply = null;
    this.nudge();
  }

  async #pull(): Promise<IteratorResult<T, undefined>> {
    while (this.#supply !== null) {
      const taken = this.#supply.take();
      if (taken !== null) return { done: false, value: taken.value };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return { done: true, value: undefined };
  }

  #start(): void {
    this.#supply = this.#signal.aborted ? null : this.#begin(this);
    if (this.#supply === null) this.#isOver = true;
    else this.#signal.addEventListener("abort", this.#abort);
  }
}
