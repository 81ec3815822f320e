/** One look at a time. */
export class Looks {
  readonly #look: () => Promise<void>;
  #present: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  /** The look that is under way, or null; rejects as it does. */
  get underWay(): Promise<void> | null {
    return this.#present;
  }

  /**
   * A look that begins after this call. What one under way saw may be older than the call, so
   * whoever comes meanwhile shares the one after it. Rejects as that look does.
   */
  anew(): Promise<void> {
    if (this.#next !== null) return this.#next;
    if (this.#present === null) return this.#begin();
    const begin = (): Promise<void> => {
      this.#next = null;
      return this.#begin();
    };
    this.#next = this.#present.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<void> {
    const present = this.#look().finally(() => {
      if (this.#present === present) this.#present = null;
    });
    this.#present = present;
    return present;
  }
}
