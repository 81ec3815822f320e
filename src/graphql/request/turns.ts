/**
 * One turn of the event loop for each of those who wait, so that what they do with it cannot hold
 * up all others for longer than one of them takes. Each key has its turn before any has its second.
 */
export class Turns {
  readonly #waiting = new Map<string, (() => void)[]>();
  #isTaken = false;

  /** Resolves when it is the caller's turn, which ends when the loop goes on. */
  take(key: string): Promise<void> {
    if (!this.#isTaken) {
      this.#pass();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const own = this.#waiting.get(key);
      if (own === undefined) this.#waiting.set(key, [resolve]);
      else own.push(resolve);
    });
  }

  #pass(): void {
    this.#isTaken = true;
    setImmediate(() => this.#next());
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#isTaken = false;
      return;
    }
    const [key, [begin, ...later]] = first;
    this.#waiting.delete(key);
    // Behind everybody else who waits.
    if (later.length > 0) this.#waiting.set(key, later);
    this.#pass();
    begin?.();
  }
}
