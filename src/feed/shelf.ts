import { PAGE_ITEMS } from "./limits.ts";

const PAGE = BigInt(PAGE_ITEMS);

/** The position after which the page begins that has the item after this one. */
export function pageStart(position: bigint): bigint {
  return position - (position % PAGE);
}

interface Page<T> {
  /** By their place on the page; there may be holes. */
  readonly items: (T | undefined)[];
  bytes: number;
}

/**
 * Items of streams without gaps, which never change once they are there: kept by pages that
 * begin at multiples of their length, so that readers of all positions share them. What was used
 * the longest ago goes first when there are too many bytes.
 */
export class Shelf<T> {
  readonly #sizeOf: (item: T) => number;
  readonly #bytesMax: number;
  /** The least recently used first. */
  readonly #pages = new Map<string, Page<T>>();
  #bytes = 0;

  /** `sizeOf` is in bytes. */
  constructor(sizeOf: (item: T) => number, bytesMax: number) {
    this.#sizeOf = sizeOf;
    this.#bytesMax = bytesMax;
  }

  /** The bytes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The item of a stream after a position; undefined when it is not kept. */
  after(stream: string, position: bigint): T | undefined {
    const start = pageStart(position);
    const name = nameOf(stream, start);
    const page = this.#pages.get(name);
    const item = page?.items[Number(position - start)];
    if (page === undefined || item === undefined) return undefined;
    this.#pages.delete(name);
    this.#pages.set(name, page);
    return item;
  }

  /**
   * Keeps the items after a position. Answers them, each as the object that is kept already if one is:
   * all readers of a position have the identical one.
   */
  keep(stream: string, after: bigint, items: readonly T[]): T[] {
    const kept = items.map((item, index) => this.#keepOne(stream, after + BigInt(index), item));
    for (const [name, page] of this.#pages) {
      // The newest page stays whatever its size: somebody is about to read it.
      if (this.#bytes <= this.#bytesMax || this.#pages.size === 1) break;
      this.#pages.delete(name);
      this.#bytes -= page.bytes;
    }
    return kept;
  }

  #keepOne(stream: string, after: bigint, item: T): T {
    const start = pageStart(after);
    const name = nameOf(stream, start);
    const page = this.#pages.get(name) ?? { items: [], bytes: 0 };
    this.#pages.delete(name);
    this.#pages.set(name, page);
    const place = Number(after - start);
    const there = page.items[place];
    if (there !== undefined) return there;
    page.items[place] = item;
    const size = this.#sizeOf(item);
    page.bytes += size;
    this.#bytes += size;
    return item;
  }
}

function nameOf(stream: string, start: bigint): string {
  return `${stream} ${start}`;
}
