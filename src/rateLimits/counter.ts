import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { JointCount, secondsUntil } from "./jointCount.ts";
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
  /** Whether a key that has plenty left is let through while nodes count it together. */
  readonly trails: boolean;
}

/**
 * One limit. This node always counts for itself, so that a Redis that is away leaves a limit
 * for each node and never none; where there is one, all nodes are counted together beside that.
 */
export class Counter {
  readonly #own: RateLimiterMemory;
  readonly #joint: JointCount | null;

  constructor({ name, perMinute, shared, deployment, trails }: CounterOptions) {
    const own = { points: perMinute, duration: WINDOW_SECONDS, keyPrefix: name };
    const prefix = `holdfast:${deployment}:rate:${name}`;
    this.#own = new RateLimiterMemory(own);
    this.#joint = shared && new JointCount({ prefix, perMinute, counts: shared, trails });
  }

  /** Null where the key has so much left, else in how many whole seconds it may come again. */
  async take(key: string, amount = 1): Promise<number | null> {
    const own = await this.#takeHere(key, amount);
    return own ?? (await this.#joint?.take(key, amount)) ?? null;
  }

  async #takeHere(key: string, amount: number): Promise<number | null> {
    try {
      await this.#own.consume(key, amount);
      return null;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return secondsUntil(refused);
    }
  }
}
