/** How many messages come over one socket within a second. */
export class MessageRate {
  readonly #perSecondMax: number;
  readonly #now: () => number;
  #second = 0;
  #count = 0;

  /** `now` is in milliseconds; only differences count. */
  constructor(perSecondMax: number, now: () => number) {
    this.#perSecondMax = perSecondMax;
    this.#now = now;
  }

  /** Counts a message; false for one too many. */
  take(): boolean {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) this.#count = 0;
    this.#second = second;
    this.#count += 1;
    return this.#count <= this.#perSecondMax;
  }
}
