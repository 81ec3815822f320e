import type { Item } from "./feed.ts";
import type { Supply } from "./pull.ts";
import type { Tail } from "./tail.ts";
import type { SetTimer } from "./timer.ts";

/** How a follower is told that nothing happens. */
export interface Quiet {
  readonly heartbeatMs: number;
  readonly setTimer: SetTimer;
  /** Whether the ledger cannot be asked at present: then nobody knows that nothing happens. */
  readonly isBlind: () => boolean;
}

/** One follower of a tail: all that it has is a position. */
export class Following<T> implements Supply<Item<T>> {
  readonly #tail: Tail<T>;
  readonly #quiet: Quiet;
  readonly #nudge: () => void;
  readonly #leave: () => void;
  #position: bigint;
  /** Held weakly, so that a follower whose consumer stopped keeps no memory busy. */
  #page: { readonly after: bigint; readonly items: WeakRef<readonly T[]> } | null = null;
  #turning: Promise<void> | null = null;
  #isHeartbeatDue = true;
  #hasCaughtUp = false;
  #cancelTimer: (() => void) | null = null;

  constructor(tail: Tail<T>, after: bigint, nudge: () => void, quiet: Quiet) {
    this.#tail = tail;
    this.#position = after;
    this.#nudge = nudge;
    this.#quiet = quiet;
    this.#leave = tail.follow(nudge);
    tail.hear(after, "FOLLOWER");
  }

  take(): { readonly value: Item<T> } | null {
    const value = this.#next();
    if (value !== undefined) {
      this.#position += 1n;
      this.#stopTimer();
      this.#isHeartbeatDue = !this.#hasCaughtUp;
      return { value: { kind: "ITEM", position: this.#position, value } };
    }
    const head = this.#tail.newest;
    if (head === null || this.#position < head || !this.#tail.isSettled) return null;
    if (this.#quiet.isBlind()) return null;
    if (this.#isHeartbeatDue) {
      this.#hasCaughtUp = true;
      this.#isHeartbeatDue = false;
      return { value: { kind: "HEARTBEAT", head } };
    }
    this.#startTimer();
    return null;
  }

  end(): void {
    this.#stopTimer();
    this.#leave();
  }

  #next(): T | undefined {
    const { newest } = this.#tail;
    if (newest === null || this.#position >= newest) return undefined;
    const item = this.#tail.after(this.#position) ?? this.#onPage();
    if (item === undefined && this.#turning === null) {
      this.#turning = this.#turnPage(this.#position);
    }
    return item;
  }

  #onPage(): T | undefined {
    if (this.#page === null) return undefined;
    const { after, items } = this.#page;
    return this.#position < after ? undefined : items.deref()?.[Number(this.#position - after)];
  }

  async #turnPage(after: bigint): Promise<void> {
    const page = await this.#tail.page(after);
    this.#turning = null;
    if (page === null) return;
    this.#page = { after: page.after, items: new WeakRef(page.items) };
    this.#nudge();
  }

  #startTimer(): void {
    this.#cancelTimer ??= this.#quiet.setTimer(() => {
      this.#cancelTimer = null;
      this.#isHeartbeatDue = true;
      this.#nudge();
    }, this.#quiet.heartbeatMs);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
