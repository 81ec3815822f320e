/** The largest serial number of a certificate. */
const SERIAL_MAX = 0xff_ff_ff_ff_ff_ff_ff_ffn;

/** Bits in a byte of a bitmap, and the bytes that stand for a run of nothing and of everything. */
const BYTE_BITS = 8;
const NONE_SET = 0;
const ALL_SET = 0xff;

/** How many ranges there is room for at first. */
const ROOM = 4;

/**
 * Serial numbers, as disjoint ranges in order: sixteen bytes for each range, however long it is.
 */
export class SerialSet {
  readonly #lows: BigUint64Array;
  readonly #highs: BigUint64Array;

  constructor(lows: BigUint64Array, highs: BigUint64Array) {
    this.#lows = lows;
    this.#highs = highs;
  }

  /** Whether a serial number is in one of the ranges; by halving, so that a million take twenty looks. */
  has(serial: bigint): boolean {
    let from = 0;
    let to = this.#lows.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#lows[middle] ?? 0n) <= serial) from = middle + 1;
      else to = middle;
    }
    return from > 0 && serial <= (this.#highs[from - 1] ?? 0n);
  }
}

/** Collects ranges of serial numbers in any order, overlapping or not. */
export class SerialCollector {
  #lows = new BigUint64Array();
  #highs = new BigUint64Array();
  #count = 0;

  /** Takes a range in, both ends with it. */
  add(low: bigint, high: bigint): void {
    if (this.#count === this.#lows.length) this.#grow();
    this.#lows[this.#count] = low;
    this.#highs[this.#count] = high;
    this.#count += 1;
  }

  /**
   * The union. Ends are sorted apart from starts: a union has a gap before a start exactly where as
   * many ranges have ended as have started before it.
   */
  union(): SerialSet {
    const starts = this.#lows.slice(0, this.#count).sort();
    const ends = this.#highs.slice(0, this.#count).sort();
    let kept = 0;
    for (const [at, start] of starts.entries()) {
      if (at > 0 && start - 1n > (ends[at - 1] ?? 0n)) {
        ends[kept] = ends[at - 1] ?? 0n;
        kept += 1;
        starts[kept] = start;
      }
    }
    if (this.#count > 0) ends[kept] = ends[this.#count - 1] ?? 0n;
    const length = this.#count === 0 ? 0 : kept + 1;
    return new SerialSet(starts.slice(0, length), ends.slice(0, length));
  }

  #grow(): void {
    const room = Math.max(ROOM, 2 * this.#count);
    const [lows, highs] = [new BigUint64Array(room), new BigUint64Array(room)];
    lows.set(this.#lows);
    highs.set(this.#highs);
    [this.#lows, this.#highs] = [lows, highs];
  }
}

/**
 * Whether the bits of a bitmap, big-endian, stand for serial numbers from `offset` on that are all
 * below 2^64.
 */
export function bitmapFits(offset: bigint, bitmap: Uint8Array): boolean {
  const first = bitmap.findIndex((byte) => byte !== NONE_SET);
  if (first < 0) return true;
  const bits = BYTE_BITS * (bitmap.length - first) - (Math.clz32(bitmap[first] ?? 0) - 24);
  return offset + BigInt(bits - 1) <= SERIAL_MAX;
}

/** The runs of bits that are set, as first and last, lowest first; the bitmap is big-endian. */
export function* runsOf(bitmap: Uint8Array): Generator<readonly [number, number]> {
  let since = -1;
  for (let index = 0; index < bitmap.length; index += 1) {
    const byte = bitmap[bitmap.length - 1 - index] ?? 0;
    if (byte === (since < 0 ? NONE_SET : ALL_SET)) continue;
    for (let bit = 0; bit < BYTE_BITS; bit += 1) {
      const isSet = ((byte >> bit) & 1) === 1;
      if (isSet === since >= 0) continue;
      const at = BYTE_BITS * index + bit;
      if (!isSet) yield [since, at - 1];
      since = isSet ? at : -1;
    }
  }
  if (since >= 0) yield [since, BYTE_BITS * bitmap.length - 1];
}
