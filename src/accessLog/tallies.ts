import type { AccessCode, AccessEvent } from "#packet/accessEvent.ts";
import { TALLIES_MAX, WINDOW_MS } from "./limits.ts";

/** One event, and how often the like of it came since. */
export interface Tally {
  readonly event: AccessEvent;
  /** When the window began, by the caller's clock. */
  readonly sinceMs: number;
  /** How many came that no record tells of yet. */
  count: number;
  /** The record of the first one, once it is being written; null before. */
  kept: Promise<void> | null;
}

/** What stands for all that are not told apart any more. */
const OTHERS = "OTHERS";

/** Counts what is like something within its window; its size is bounded by {@link TALLIES_MAX}. */
export class Tallies {
  readonly #tallies = new Map<string, Tally>();
  readonly #sizes = new Map<AccessCode, number>();

  /** The tally of what is like this, begun now where there is none; null where there is no room. */
  of(event: AccessEvent, nowMs: number): Tally | null {
    const key = keyOf(event);
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    if (this.#sizeOf(event.code) >= TALLIES_MAX[event.code]) return null;
    return this.#begin(key, event, nowMs);
  }

  /** The one tally of a code for what has none of its own. */
  ofOthers(code: AccessCode, nowMs: number): Tally {
    const event: AccessEvent = { code, actor: null, subject: OTHERS };
    const key = keyOf(event);
    return this.#tallies.get(key) ?? this.#begin(key, event, nowMs);
  }

  /** Ends a window: what comes next begins another. */
  end(tally: Tally): void {
    const { event } = tally;
    const key = keyOf(event);
    if (this.#tallies.get(key) !== tally) return;
    this.#tallies.delete(key);
    this.#sizes.set(event.code, this.#sizeOf(event.code) - 1);
  }

  /** Ends the windows that are over by now, or every window, and gives them. */
  endAll(nowMs: number | null): Tally[] {
    const over = [...this.#tallies.values()].filter(
      ({ event, sinceMs }) => nowMs === null || nowMs - sinceMs >= WINDOW_MS[event.code],
    );
    for (const tally of over) this.end(tally);
    return over;
  }

  /** Counts on with what could not be written, whether or not its window has ended meanwhile. */
  restore(tally: Tally, count: number): void {
    const key = keyOf(tally.event);
    const begun = this.#tallies.get(key);
    if (begun !== undefined) begun.count += count;
    else {
      tally.count = count;
      this.#tallies.set(key, tally);
      this.#sizes.set(tally.event.code, this.#sizeOf(tally.event.code) + 1);
    }
  }

  #begin(key: string, event: AccessEvent, sinceMs: number): Tally {
    const tally: Tally = { event, sinceMs, count: 0, kept: null };
    this.#tallies.set(key, tally);
    this.#sizes.set(event.code, this.#sizeOf(event.code) + 1);
    return tally;
  }

  #sizeOf(code: AccessCode): number {
    return this.#sizes.get(code) ?? 0;
  }
}

/** Whoever comes from elsewhere, or with other roles, is told apart. */
function keyOf({ code, actor, address, packet, subject, after }: AccessEvent): string {
  return JSON.stringify([code, actor, address, packet, subject, after]);
}
