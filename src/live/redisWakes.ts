import type { Log } from "#packet/log.ts";
import { type Meters, NO_METERS } from "#packet/meters.ts";
import type { PacketId } from "#packet/name.ts";
import { MESSAGE_WAKES_MAX, MESSAGES_UNANSWERED_MAX, PENDING_PACKETS_MAX } from "./limits.ts";
import { RedisLink } from "./redisLink.ts";
import { messageOf, messagePrefix, wakesOf } from "./wakeMessage.ts";
import type { Origin, Wake, Wakes } from "./wakes.ts";

/** What the relay of wake-ups is opened with. */
export interface RedisWakesOptions {
  /** `redis://` or `rediss://`, with its password. */
  readonly url: string;
  /** Names the channel: only nodes of one deployment hear each other. */
  readonly deployment: string;
  /** A UUID of this process alone, by which it knows its own messages. */
  readonly node: string;
  readonly wakes: Pick<Wakes, "announce" | "announceMissed" | "listen">;
  readonly log: Log;
  /** From 0 to 1, another each time. */
  readonly chance: () => number;
  readonly meters?: Pick<Meters, "idle">;
}

/** The relay of wake-ups between the nodes of a deployment. */
export interface RedisWakes {
  /** Whether others are told and heard at present. */
  readonly isConnected: boolean;
  /** Wake-ups of which nobody else was told because Redis was away or slow. */
  readonly dropped: number;
  /** At once; what was not told yet is dropped. */
  close(): void;
}

/**
 * Tells the other nodes that a packet of ours is at a revision, and hears the same of them. Whoever
 * commits never waits for this, and a message is never believed: it is a hint to look
 * at the ledger. Returns at once, whether or not Redis is there, and goes on trying.
 */
export function openRedisWakes(options: RedisWakesOptions): RedisWakes {
  return new OpenRedisWakes(options);
}

class OpenRedisWakes implements RedisWakes {
  readonly #options: RedisWakesOptions;
  readonly #channel: string;
  readonly #own: string;
  readonly #publisher: RedisLink;
  readonly #subscriber: RedisLink;
  readonly #stopListening: () => void;
  /** The newest revision of each packet that nobody else was told of. */
  readonly #pending = new Map<PacketId, number>();
  #flushing: NodeJS.Immediate | null = null;
  #unanswered = 0;
  #dropped = 0;
  #isSaidAway = false;
  #isClosed = false;

  constructor(options: RedisWakesOptions) {
    this.#options = options;
    this.#channel = `holdfast/wakes/${options.deployment}`;
    this.#own = messagePrefix(options.node);
    this.#publisher = this.#link("publishes", () => Promise.resolve());
    this.#subscriber = this.#link("subscribes", async (redis) => {
      await redis.subscribe(this.#channel);
      // Whatever was sent while nobody here listened is lost.
      options.wakes.announceMissed();
    });
    this.#subscriber.redis.on("messageBuffer", (_channel: Buffer, message: Buffer) => {
      this.#hear(message);
    });
    this.#stopListening = options.wakes.listen((moved, origin) => this.#note(moved, origin));
  }

  get isConnected(): boolean {
    return this.#publisher.isUsable && this.#subscriber.isUsable;
  }

  get dropped(): number {
    return this.#dropped;
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    if (this.#flushing !== null) clearImmediate(this.#flushing);
    this.#publisher.close();
    this.#subscriber.close();
  }

  #link(name: string, onReady: (redis: RedisLink["redis"]) => Promise<unknown>): RedisLink {
    const { url, chance } = this.#options;
    return new RedisLink({
      url,
      chance,
      name: `holdfast-${name}`,
      onReady: async (redis) => {
        await onReady(redis);
        // Whether it is usable is known when this has resolved.
        setImmediate(() => this.#sayIfBack());
      },
      onLost: () => this.#sayAway(null),
      onFault: (fault) => this.#sayAway(fault),
    });
  }

  /** After a commit: does no more than take note. */
  #note(moved: readonly Wake[], origin: Origin): void {
    if (origin !== "HERE") return;
    for (const { packet, revision } of moved) {
      const noted = this.#pending.get(packet);
      if (noted === undefined && this.#pending.size >= PENDING_PACKETS_MAX) this.#dropped += 1;
      else if (noted === undefined || noted < revision) this.#pending.set(packet, revision);
    }
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = null;
    if (!this.#publisher.isUsable) {
      this.#dropped += this.#pending.size;
      this.#pending.clear();
      return;
    }
    // Redis is behind: what comes meanwhile goes with the next answer.
    if (this.#unanswered >= MESSAGES_UNANSWERED_MAX) return;
    const moved = [...this.#pending].map(([packet, revision]) => ({ packet, revision }));
    this.#pending.clear();
    while (moved.length > 0) this.#publish(moved.splice(0, MESSAGE_WAKES_MAX));
  }

  #publish(moved: readonly Wake[]): void {
    this.#unanswered += 1;
    const { redis } = this.#publisher;
    redis.publish(this.#channel, messageOf(this.#options.node, moved)).then(
      () => this.#goOn(0),
      () => this.#goOn(moved.length),
    );
  }

  #goOn(dropped: number): void {
    this.#unanswered -= 1;
    this.#dropped += dropped;
    if (this.#pending.size === 0 || this.#isClosed) return;
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #hear(message: Buffer): void {
    if (message.subarray(0, this.#own.length).toString("latin1") === this.#own) return;
    const moved = wakesOf(message);
    const { wakes, meters = NO_METERS } = this.#options;
    if (moved === null) meters.idle(1);
    else wakes.announce(moved, "ELSEWHERE");
  }

  /** Once for each time that it is away, however often it is tried. */
  #sayAway(err: unknown): void {
    if (this.#isSaidAway || this.#isClosed) return;
    this.#isSaidAway = true;
    const message = "Redis is away; what other nodes append is seen a little later";
    this.#options.log.warn(err === null ? {} : { err }, message);
  }

  #sayIfBack(): void {
    if (!this.#isSaidAway || this.#isClosed || !this.isConnected) return;
    this.#isSaidAway = false;
    this.#options.log.info({ dropped: this.#dropped }, "Redis tells wake-ups again");
  }
}
