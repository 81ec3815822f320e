/** How many sockets and streams each principal has open. */
export class Places {
  readonly #max: number;
  readonly #taken = new Map<string, number>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Answers how to give the place back, once; null when all are taken. */
  take(actor: string): (() => void) | null {
    const taken = this.#taken.get(actor) ?? 0;
    if (taken >= this.#max) return null;
    this.#taken.set(actor, taken + 1);
    return () => {
      const left = (this.#taken.get(actor) ?? 1) - 1;
      if (left === 0) this.#taken.delete(actor);
      else this.#taken.set(actor, left);
    };
  }
}
