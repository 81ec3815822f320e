/** The newest items of a stream without gaps, bounded by count and by bytes. */
export class Ring<T> {
  readonly #items: T[] = [];
  readonly #sizeOf: (item: T) => number;
  readonly #itemsMax: number;
  readonly #bytesMax: number;
  #bytes = 0;
  /** The position before that of the first item kept. */
  #floor: bigint;

  /** Empty, after a position. `sizeOf` is in bytes. */
  constructor(
    floor: bigint,
    sizeOf: (item: T) => number,
    max: { readonly items: number; readonly bytes: number },
  ) {
    this.#floor = floor;
    this.#sizeOf = sizeOf;
    this.#itemsMax = max.items;
    this.#bytesMax = max.bytes;
  }

  /** The position of the last item, or the one the ring began after. */
  get newest(): bigint {
    return this.#floor + BigInt(this.#items.length);
  }

  /** Adds the item after the newest, and lets the oldest go when there are too many. */
  push(item: T): void {
    this.#items.push(item);
    this.#bytes += this.#sizeOf(item);
    while (this.#items.length > this.#itemsMax || this.#bytes > this.#bytesMax) {
      const [oldest] = this.#items;
      if (oldest === undefined || this.#items.length === 1) return;
      this.#items.shift();
      this.#bytes -= this.#sizeOf(oldest);
      this.#floor += 1n;
    }
  }

  /** The item after a position; undefined when it is not kept any more, or not there yet. */
  after(position: bigint): T | undefined {
    return position < this.#floor || position >= this.newest
      ? undefined
      : this.#items[Number(position - this.#floor)];
  }
}
