/**
 * Lets what is done for one key run one at a time, in order of arrival, and keeps the number of
 * those that wait within a limit. Different keys do not wait for each other.
 */
export class Turns {
  readonly #waitingMax: number;
  readonly #last = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, number>();

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** What the work resolves to; null, without doing it, where too many wait for this key. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result | null> {
    const waiting = this.#waiting.get(key) ?? 0;
    if (waiting >= this.#waitingMax) return null;
    this.#waiting.set(key, waiting + 1);
    const before = this.#last.get(key);
    const result = before === undefined ? work() : before.then(work);
    const done = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, done);
    try {
      return await result;
    } finally {
      const left = (this.#waiting.get(key) ?? 1) - 1;
      if (left > 0) this.#waiting.set(key, left);
      else {
        this.#waiting.delete(key);
        this.#last.delete(key);
      }
    }
  }
}
