import { HINT_PAUSE_MS, IDLE_LOOKS_MAX, PAGE_ITEMS } from "./limits.ts";
import { Patience } from "./patience.ts";
import { pageStart, type Shelf } from "./shelf.ts";
import type { SetTimer } from "./timer.ts";

/** Where the items of a stream are: each has a position, from 1 without gaps. */
export interface Stream<T> {
  /** Tells it from all others on its shelf. */
  readonly name: string;
  /** The newest position there is. */
  head(): Promise<bigint>;
  /** Like `read`, where there may be nothing; it may also end earlier, and goes on where it is asked again. */
  look(after: bigint): Promise<readonly T[]>;
  /** The items after a position, in order: {@link PAGE_ITEMS}, or fewer where the stream ends. */
  read(after: bigint): Promise<readonly T[]>;
  positionOf(item: T): bigint;
}

/** Who says that there is something. */
export type Hint = "WAKE" | "SWEEP" | "FOLLOWER";

/** What came of the hints of wake-ups and of sweeps. */
export interface Told {
  woken(items: number): void;
  repaired(items: number): void;
  idle(hints: number): void;
}

export interface TailNeeds<T> {
  readonly shelf: Shelf<T>;
  readonly setTimer: SetTimer;
  readonly onFault: (fault: unknown) => void;
  /** Called when the last follower left. */
  readonly onDeserted: () => void;
  readonly told: Told;
}

/** Items that were read together. */
export interface TailPage<T> {
  readonly after: bigint;
  readonly items: readonly T[];
}

/**
 * The end of one stream, for all who follow it: what is new is read once and kept for a while.
 * It knows nothing that it did not read; what it hears only makes it look.
 */
export class Tail<T> {
  readonly #stream: Stream<T>;
  readonly #needs: TailNeeds<T>;
  readonly #patience: Patience;
  readonly #nudges = new Set<() => void>();
  readonly #pages = new Map<bigint, Promise<readonly T[] | null>>();
  /** Null until the head was read. */
  #newest: bigint | null = null;
  /** What the next look has to reach. */
  #wanted: bigint | "ANYTHING" | null = null;
  /** Wake-ups that the next look answers, and whether a sweep asked for it. */
  #wakes = 0;
  #isSwept = false;
  #looking: Promise<void> | null = null;
  #idleLooks = 0;
  #cancelPause: (() => void) | null = null;

  constructor(stream: Stream<T>, needs: TailNeeds<T>) {
    this.#stream = stream;
    this.#needs = needs;
    this.#patience = new Patience(needs.setTimer, needs.onFault);
  }

  /** The newest position that was read; null while none was. */
  get newest(): bigint | null {
    return this.#newest;
  }

  /** Whether no look is under way. */
  get isSettled(): boolean {
    return this.#newest !== null && this.#looking === null;
  }

  /** Has the nudge called whenever there may be more, until what is returned is called. */
  follow(nudge: () => void): () => void {
    this.#nudges.add(nudge);
    return () => {
      if (this.#nudges.delete(nudge) && this.#nudges.size === 0) this.#needs.onDeserted();
    };
  }

  /** Somebody says that there is an item at this position, or that there may be something: a hint to look. */
  hear(position: bigint | null, hint: Hint): void {
    const isNew = this.#newest === null || position === null || position > this.#newest;
    if (hint === "WAKE" && !isNew) this.#needs.told.idle(1);
    if (!isNew) return;
    if (hint === "WAKE") this.#wakes += 1;
    if (hint === "SWEEP") this.#isSwept = true;
    if (position === null) this.#wanted = "ANYTHING";
    else if (this.#wanted === null || (this.#wanted !== "ANYTHING" && position > this.#wanted)) {
      this.#wanted = position;
    }
    this.#lookIfBehind();
  }

  /** The item after a position, if it is kept. */
  after(position: bigint): T | undefined {
    return this.#needs.shelf.after(this.#stream.name, position);
  }

  /** The page that has the item after a position before the newest; null once the tail is closed. */
  async page(after: bigint): Promise<TailPage<T> | null> {
    const start = pageStart(after);
    for (;;) {
      const items = await (this.#pages.get(start) ?? this.#readPage(start, after));
      if (items === null) return null;
      // Whoever began to read it may have wanted less of it.
      if (start + BigInt(items.length) > after) return { after: start, items };
    }
  }

  /** Has every follower look again, and a read that failed made again at once. */
  refresh(): void {
    this.#patience.hurry();
    for (const nudge of this.#nudges) nudge();
  }

  /** Resolves when no read is under way that is in time; none begins any more. */
  close(): Promise<void> {
    this.#cancelPause?.();
    return this.#patience.close();
  }

  #isBehind(): boolean {
    if (this.#newest === null || this.#wanted === "ANYTHING") return true;
    return this.#wanted !== null && this.#wanted > this.#newest;
  }

  #lookIfBehind(): void {
    if (this.#cancelPause === null && this.#isBehind()) this.#looking ??= this.#look();
  }

  async #look(): Promise<void> {
    while (this.#cancelPause === null && this.#isBehind()) {
      const [newest, wanted] = [this.#newest, this.#wanted];
      if (newest !== null || wanted === "ANYTHING") this.#wanted = null;
      if (!(await (newest === null ? this.#lookFirst() : this.#lookOn(newest)))) return;
      // What is known without a read may end before what somebody told of.
      if (newest !== this.#newest && wanted !== "ANYTHING") this.#wanted ??= wanted;
    }
    this.#looking = null;
    this.#nudgeAll();
  }

  /** False once the tail is closed. */
  async #lookFirst(): Promise<boolean> {
    const head = await this.#patience.insist(() => this.#stream.head());
    if (head === null) return false;
    this.#newest = head;
    [this.#wakes, this.#isSwept] = [0, false];
    return true;
  }

  /** False once the tail is closed. */
  async #lookOn(after: bigint): Promise<boolean> {
    const [wakes, isSwept] = [this.#wakes, this.#isSwept];
    [this.#wakes, this.#isSwept] = [0, false];
    const items = await this.#patience.insist(async () =>
      this.#unbroken(after, await this.#stream.look(after)),
    );
    if (items === null) return false;
    this.#needs.shelf.keep(this.#stream.name, after, items);
    this.#newest = after + BigInt(items.length);
    if (items.length === PAGE_ITEMS) this.#wanted = "ANYTHING";
    if (items.length > 0) this.#nudgeAll();
    this.#tell(items.length, wakes, isSwept);
    this.#idleLooks = items.length > 0 ? 0 : this.#idleLooks + 1;
    if (this.#idleLooks >= IDLE_LOOKS_MAX) this.#pauseHints();
    return true;
  }

  #tell(found: number, wakes: number, isSwept: boolean): void {
    const { told } = this.#needs;
    if (found === 0) {
      if (wakes > 0) told.idle(wakes);
    } else if (wakes > 0) told.woken(found);
    else if (isSwept) told.repaired(found);
  }

  /** Hints that are false come as fast as somebody likes; each would cost a read. One is taken at the end. */
  #pauseHints(): void {
    this.#cancelPause = this.#needs.setTimer(() => {
      this.#cancelPause = null;
      this.#idleLooks = IDLE_LOOKS_MAX - 1;
      if (this.#isBehind()) this.#lookIfBehind();
      else this.#idleLooks = 0;
    }, HINT_PAUSE_MS);
  }

  #readPage(start: bigint, after: bigint): Promise<readonly T[] | null> {
    const { name } = this.#stream;
    const reading = this.#patience
      .insist(async () => {
        const items = this.#unbroken(start, await this.#stream.read(start));
        if (start + BigInt(items.length) <= after) {
          throw new Error(`there is nothing after position ${after}`);
        }
        return this.#needs.shelf.keep(name, start, items);
      })
      .finally(() => this.#pages.delete(start));
    this.#pages.set(start, reading);
    return reading;
  }

  #nudgeAll(): void {
    for (const nudge of this.#nudges) nudge();
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
