import { Redis } from "ioredis";
import { CONNECT_MS_MAX, PING_MS, RECONNECT_JITTER_MS, RECONNECT_MS } from "./limits.ts";

/** How a connection is kept. */
export interface LinkOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Shown in Redis' list of clients. */
  readonly name: string;
  /** From 0 to 1, another each time: nodes that lost their Redis together come back apart. */
  readonly chance: () => number;
  /** Called each time that it can be used; what fails here gives the connection up. */
  readonly onReady: (redis: Redis) => Promise<unknown>;
  readonly onLost: () => void;
  readonly onFault: (fault: unknown) => void;
}

/**
 * One connection to Redis, for ever: it is opened again whenever it is lost, and given up when a PING is
 * not answered, because one that is open at our end alone says nothing at all. What is asked
 * while it is away fails at once; nothing is kept for later.
 */
export class RedisLink {
  readonly redis: Redis;
  readonly #options: LinkOptions;
  readonly #pinging: NodeJS.Timeout;
  #isUsable = false;
  #isAsked = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { url, name, chance, onFault } = options;
    this.redis = new Redis(url, {
      connectionName: name,
      connectTimeout: CONNECT_MS_MAX,
      socketTimeout: CONNECT_MS_MAX,
      retryStrategy: () => RECONNECT_MS + chance() * RECONNECT_JITTER_MS,
      enableOfflineQueue: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      // What is not answered when the connection is lost fails then, and not later.
      maxRetriesPerRequest: 0,
    });
    this.redis.on("error", onFault);
    this.redis.on("ready", () => void this.#begin());
    this.redis.on("close", () => this.#lose());
    this.#pinging = setInterval(() => this.#ping(), PING_MS).unref();
  }

  /** Whether it is open and `onReady` has succeeded. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** For good, and at once. */
  close(): void {
    clearInterval(this.#pinging);
    this.redis.disconnect();
    // Where nobody answers any more, the socket's own farewell would keep the process.
    this.#cut();
  }

  async #begin(): Promise<void> {
    this.#isAsked = false;
    try {
      await this.#options.onReady(this.redis);
      this.#isUsable = this.redis.status === "ready";
    } catch (fault) {
      this.#options.onFault(fault);
      this.#cut();
    }
  }

  #lose(): void {
    this.#isUsable = false;
    this.#options.onLost();
  }

  #ping(): void {
    if (this.redis.status !== "ready") return;
    if (this.#isAsked) {
      this.#cut();
      return;
    }
    this.#isAsked = true;
    const answered = (): void => {
      this.#isAsked = false;
    };
    // A PING that fails does so because the connection was lost, which is told otherwise.
    this.redis.ping().then(answered, answered);
  }

  #cut(): void {
    // There is none before the first attempt to connect.
    const stream: Redis["stream"] | undefined = this.redis.stream;
    stream?.destroy();
  }
}
