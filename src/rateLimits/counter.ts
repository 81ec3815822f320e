import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { WINDOW_SECONDS } from "./limits.ts";
import type { SharedCounts } from "./sharedCounts.ts";

/** What is counted: under which name, and how much of it a key has within a minute. */
export interface CounterOptions {
  readonly name: string;
  readonly perMinute: number;
  /** Where nodes count together; null for a node that is alone. */
  readonly shared: SharedCounts | null;
  /** Tells this deployment's keys from another's in the same Redis. */
  readonly deployment: string;
}

/**
 * One limit. This node always counts for itself, so that a Redis that is away leaves a limit
 * for each node and never none; where there is one, all nodes are counted together beside that.
 */
export class Counter {
  readonly #own: RateLimiterMemory;
  readonly #shared: { readonly counts: SharedCounts; readonly limiter: RateLimiterRedis } | null;

  constructor({ name, perMinute, shared, deployment }: CounterOptions) {
    const limit = { points: perMinute, duration: WINDOW_SECONDS };
    this.#own = new RateLimiterMemory({ ...limit, keyPrefix: name });
    this.#shared =
      shared === null
        ? null
        : {
            counts: shared,
            limiter: new RateLimiterRedis({
              ...limit,
              storeClient: shared.redis,
              keyPrefix: `holdfast:${deployment}:rate:${name}`,
              rejectIfRedisNotReady: true,
            }),
          };
  }

  /** Null where the key has so much left, else in how many whole seconds it may come again. */
  async take(key: string, amount = 1): Promise<number | null> {
    const own = await taken(this.#own, key, amount);
    if (own !== null || this.#shared === null || !this.#shared.counts.isUsable) return own;
    const { counts, limiter } = this.#shared;
    try {
      return await taken(limiter, key, amount);
    } catch (fault) {
      counts.lose(fault);
      return null;
    }
  }
}

async function taken(
  limiter: RateLimiterMemory | RateLimiterRedis,
  key: string,
  amount: number,
): Promise<number | null> {
  try {
    await limiter.consume(key, amount);
    return null;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return Math.max(1, Math.ceil(refused.msBeforeNext / 1_000));
  }
}
