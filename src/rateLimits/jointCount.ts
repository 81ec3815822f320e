import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { COUNTED_APART_MAX, PLENTY, WINDOW_SECONDS } from "./limits.ts";
import type { SharedCounts } from "./sharedCounts.ts";

/** What is counted, under which name, and how much of it a key has within a minute. */
export interface JointCountOptions {
  readonly prefix: string;
  readonly perMinute: number;
  readonly counts: SharedCounts;
  /** Whether a key that has plenty left is let through while it is counted. */
  readonly trails: boolean;
}

/** What a key had left when it was counted last, and what is being counted. */
interface Known {
  remaining: number;
  counting: number;
}

/** One limit for all nodes together. While the Redis does not answer it lets everything through. */
export class JointCount {
  readonly #limiter: RateLimiterRedis;
  readonly #counts: SharedCounts;
  readonly #plenty: number;
  /** Those whose counts were asked for longest ago come first. */
  readonly #known = new Map<string, Known>();

  constructor({ prefix, perMinute, counts, trails }: JointCountOptions) {
    this.#counts = counts;
    this.#plenty = trails ? perMinute * PLENTY : Number.POSITIVE_INFINITY;
    this.#limiter = new RateLimiterRedis({
      points: perMinute,
      duration: WINDOW_SECONDS,
      storeClient: counts.redis,
      keyPrefix: prefix,
      rejectIfRedisNotReady: true,
    });
  }

  /** Null where the key has so much left, else in how many whole seconds it may come again. */
  async take(key: string, amount: number): Promise<number | null> {
    if (!this.#counts.isUsable) return null;
    const known = this.#of(key);
    const counted = this.#count(key, amount, known);
    return known.remaining - known.counting >= this.#plenty ? null : counted;
  }

  #of(key: string): Known {
    const known = this.#known.get(key) ?? { remaining: 0, counting: 0 };
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > COUNTED_APART_MAX && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  /** Never rejects. */
  async #count(key: string, amount: number, known: Known): Promise<number | null> {
    known.counting += amount;
    try {
      known.remaining = (await this.#limiter.consume(key, amount)).remainingPoints;
      return null;
    } catch (fault) {
      known.remaining = 0;
      if (fault instanceof RateLimiterRes) return secondsUntil(fault);
      this.#counts.lose(fault);
      return null;
    } finally {
      known.counting -= amount;
    }
  }
}

/** In how many whole seconds whoever is refused may come again. */
export function secondsUntil({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1_000));
}
