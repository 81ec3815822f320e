import { PAGE_ITEMS, RING_BYTES_MAX, RING_ITEMS_MAX } from "./limits.ts";
import { Patience } from "./patience.ts";
import { Ring } from "./ring.ts";
import type { SetTimer } from "./timer.ts";

/** Where the items of a stream are: each has a position, from 1 without gaps. */
export interface Stream<T> {
  /** The newest position there is. */
  head(): Promise<bigint>;
  /** Like `read`, where there may be nothing. */
  look(after: bigint, limit: number): Promise<readonly T[]>;
  /** The items after a position, in order, at most `limit`. */
  read(after: bigint, limit: number): Promise<readonly T[]>;
  positionOf(item: T): bigint;
  /** In bytes. */
  sizeOf(item: T): number;
}

/**
 * The end of one stream, for all who follow it: what is new is read once and kept for a while.
 * It knows nothing that it did not read; what it hears only makes it look.
 */
export class Tail<T> {
  readonly #stream: Stream<T>;
  readonly #patience: Patience;
  readonly #onDeserted: () => void;
  readonly #nudges = new Set<() => void>();
  readonly #pages = new Map<bigint, Promise<readonly T[] | null>>();
  /** Null until the head was read. */
  #ring: Ring<T> | null = null;
  /** What the next look has to reach. */
  #wanted: bigint | "ANYTHING" | null = null;
  #looking: Promise<void> | null = null;

  /** `onDeserted` is called when the last follower left. */
  constructor(
    stream: Stream<T>,
    told: {
      readonly setTimer: SetTimer;
      readonly onFault: (fault: unknown) => void;
      readonly onDeserted: () => void;
    },
  ) {
    this.#stream = stream;
    this.#patience = new Patience(told.setTimer, told.onFault);
    this.#onDeserted = told.onDeserted;
  }

  /** The newest position that was read; null while none was. */
  get newest(): bigint | null {
    return this.#ring?.newest ?? null;
  }

  /** Whether all that was heard of has been looked for. */
  get isSettled(): boolean {
    return this.#ring !== null && this.#looking === null;
  }

  /** Has the nudge called whenever there may be more, until what is returned is called. */
  follow(nudge: () => void): () => void {
    this.#nudges.add(nudge);
    return () => {
      if (this.#nudges.delete(nudge) && this.#nudges.size === 0) this.#onDeserted();
    };
  }

  /** Somebody says that there is an item at this position, or that there may be something: a hint to look. */
  hear(position: bigint | null): void {
    if (position === null) this.#wanted = "ANYTHING";
    else if (this.#wanted === null || (this.#wanted !== "ANYTHING" && position > this.#wanted)) {
      this.#wanted = position;
    }
    if (this.#isBehind()) this.#looking ??= this.#look();
  }

  /** The item after a position, if it is one of the newest. */
  after(position: bigint): T | undefined {
    return this.#ring?.after(position);
  }

  /** Items after a position that is before the newest; null once the tail is closed. */
  page(after: bigint): Promise<readonly T[] | null> {
    const known = this.#pages.get(after);
    if (known !== undefined) return known;
    const reading = this.#patience
      .insist(async () => {
        const items = await this.#stream.read(after, PAGE_ITEMS);
        if (items.length === 0) throw new Error(`there is nothing after position ${after}`);
        return this.#unbroken(after, items);
      })
      .finally(() => this.#pages.delete(after));
    this.#pages.set(after, reading);
    return reading;
  }

  /** Has every follower look again. */
  nudgeAll(): void {
    for (const nudge of this.#nudges) nudge();
  }

  /** Resolves when no read is under way; none begins any more. */
  close(): Promise<void> {
    return this.#patience.close();
  }

  #isBehind(): boolean {
    if (this.#ring === null || this.#wanted === "ANYTHING") return true;
    return this.#wanted !== null && this.#wanted > this.#ring.newest;
  }

  async #look(): Promise<void> {
    while (this.#isBehind()) {
      this.#wanted = this.#ring === null && this.#wanted !== "ANYTHING" ? this.#wanted : null;
      if (!(await (this.#ring === null ? this.#lookFirst() : this.#lookOn(this.#ring)))) return;
    }
    this.#looking = null;
    this.nudgeAll();
  }

  /** False once the tail is closed. */
  async #lookFirst(): Promise<boolean> {
    const head = await this.#patience.insist(() => this.#stream.head());
    if (head === null) return false;
    const max = { items: RING_ITEMS_MAX, bytes: RING_BYTES_MAX };
    this.#ring = new Ring(head, (item) => this.#stream.sizeOf(item), max);
    return true;
  }

  /** False once the tail is closed. */
  async #lookOn(ring: Ring<T>): Promise<boolean> {
    const items = await this.#patience.insist(async () => {
      const after = ring.newest;
      return this.#unbroken(after, await this.#stream.look(after, PAGE_ITEMS));
    });
    if (items === null) return false;
    for (const item of items) ring.push(item);
    if (items.length === PAGE_ITEMS) this.#wanted = "ANYTHING";
    if (items.length > 0) this.nudgeAll();
    return true;
  }

  /** Nobody is ever given what follows a gap: the read fails, and is made again. */
  #unbroken(after: bigint, items: readonly T[]): readonly T[] {
    for (const [index, item] of items.entries()) {
      const expected = after + BigInt(index) + 1n;
      const found = this.#stream.positionOf(item);
      if (found !== expected) throw new Error(`position ${found} came instead of ${expected}`);
    }
    return items;
  }
}
