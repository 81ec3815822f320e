import { COUNTED_APART_MAX, WINDOW_SECONDS } from "./limits.ts";

/** How much there may be in a minute, and a clock in milliseconds of which only differences count. */
export interface SteadyRateOptions {
  readonly perMinute: number;
  readonly now: () => number;
}

/** What of a minute's amount may come at once. */
const AT_ONCE = 1 / 10;

/**
 * A rate that is spread over the minute, for what this process does itself one after the other: a
 * tenth may come at once, and after that so much as time has passed (the generic cell rate
 * algorithm of ITU-T I.371). Other nodes count for themselves.
 */
export class SteadyRate {
  readonly #intervalMs: number;
  readonly #aheadMsMax: number;
  readonly #now: () => number;
  /** When each would have used up what it took, had it taken it evenly. The longest unused come first. */
  readonly #until = new Map<string, number>();

  constructor({ perMinute, now }: SteadyRateOptions) {
    this.#intervalMs = (WINDOW_SECONDS * 1_000) / perMinute;
    this.#aheadMsMax = (Math.max(1, Math.floor(perMinute * AT_ONCE)) - 1) * this.#intervalMs;
    this.#now = now;
  }

  /** Null where the key has one left, else in how many whole seconds it may come again. */
  take(key: string): number | null {
    const now = this.#now();
    const known = this.#until.get(key) ?? now;
    // Further ahead than anybody can get is whoever was counted before the clock was set back.
    const isPast = known < now || known > now + this.#aheadMsMax + this.#intervalMs;
    const from = isPast ? now : known;
    const lateMs = from - now - this.#aheadMsMax;
    if (lateMs > 0) return Math.max(1, Math.ceil(lateMs / 1_000));
    this.#until.delete(key);
    this.#until.set(key, from + this.#intervalMs);
    if (this.#until.size > COUNTED_APART_MAX) this.#forgetOldest();
    return null;
  }

  #forgetOldest(): void {
    const [oldest] = this.#until.keys();
    if (oldest !== undefined) this.#until.delete(oldest);
  }
}
