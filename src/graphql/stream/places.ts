/** How many places each has taken of those that there are for one. */
export class Places {
  readonly #max: number;
  readonly #taken = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes so many places, and answers how to give them back, once; null when not as many are left. */
  take(actor: string, count = 1): (() => void) | null {
    const taken = (this.#taken.get(actor) ?? 0) + count;
    if (taken > this.#max) return null;
    this.#taken.set(actor, taken);
    return () => {
      const left = (this.#taken.get(actor) ?? count) - count;
      if (left === 0) this.#taken.delete(actor);
      else this.#taken.set(actor, left);
    };
  }
}
