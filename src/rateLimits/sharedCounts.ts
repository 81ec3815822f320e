import { Redis } from "ioredis";
import type { Log } from "#packet/log.ts";
import { ANSWER_MS_MAX, CONNECT_MS_MAX, RECONNECT_JITTER_MS, RECONNECT_MS } from "./limits.ts";

/** Which Redis, and for whom. */
export interface SharedCountsOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** From 0 to 1, another each time: nodes that lost their Redis together come back apart. */
  readonly chance: () => number;
  readonly log: Log;
}

/** The connection to the Redis in which nodes count together. */
export class SharedCounts {
  readonly redis: Redis;
  readonly #log: Log;
  #isTold = false;

  constructor({ url, chance, log }: SharedCountsOptions) {
    this.#log = log;
    this.redis = new Redis(url, {
      connectionName: "holdfast rate limits",
      connectTimeout: CONNECT_MS_MAX,
      commandTimeout: ANSWER_MS_MAX,
      retryStrategy: () => RECONNECT_MS + chance() * RECONNECT_JITTER_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    this.redis.on("error", (err) => this.#tell(err));
    this.redis.on("ready", () => {
      this.#isTold = false;
    });
  }

  get isUsable(): boolean {
    return this.redis.status === "ready";
  }

  /** Gives the connection up: one that does not answer would hold up every request. */
  lose(fault: unknown): void {
    this.#tell(fault);
    const stream: Redis["stream"] | undefined = this.redis.stream;
    stream?.destroy();
  }

  /** For good, and at once. */
  close(): void {
    this.redis.disconnect();
    const stream: Redis["stream"] | undefined = this.redis.stream;
    stream?.destroy();
  }

  #tell(err: unknown): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#log.warn({ err }, "rates are counted by this node alone until the Redis answers again");
  }
}
