import type { PacketId } from "#packet/name.ts";
import type { LoggedRevision, Revision } from "#ledger/ledger.ts";
import type { Wake, Wakes } from "#live/wakes.ts";
import { Following, type Quiet } from "./following.ts";
import { Pull, type Supply } from "./pull.ts";
import { Stirring } from "./stirring.ts";
import { type Followed, logOf, revisionsOf } from "./streams.ts";
import { Sweeper } from "./sweeper.ts";
import { type Stream, Tail } from "./tail.ts";
import { type SetTimer, setLoopTimer } from "./timer.ts";

/** What a follower gets: what is next, or word that nothing is, and where the stream ends. */
export type Item<T> =
  | { readonly kind: "ITEM"; readonly position: bigint; readonly value: T }
  | { readonly kind: "HEARTBEAT"; readonly head: bigint };

/**
 * Streams out of the ledger. A follower pulls what comes after its position, so nothing is
 * queued for it and nothing can be lost. Every stream ends when its signal aborts; while the
 * ledger cannot be read, followers wait and get no heartbeat.
 */
export interface Feed {
  /**
   * The revisions of a packet after a position, which is a number of a revision or 0: in order,
   * without gap or double, then live. A heartbeat as soon as it has caught up, and whenever
   * nothing came for `heartbeatMs`. A packet that is not there yet is waited for.
   */
  revisions(packet: PacketId, after: bigint, signal: AbortSignal): AsyncIterable<Item<Revision>>;
  /** The same over all packets, by log position. */
  log(after: bigint, signal: AbortSignal): AsyncIterable<Item<LoggedRevision>>;
  /**
   * Yields at once, and then whenever the packet may have moved or the deployment's time has: the
   * epoch or the doubt about it. What happens while nobody pulls is one.
   */
  stirs(packet: PacketId, signal: AbortSignal): AsyncIterable<void>;
  /** Ends every follower, and resolves when no read is under way. */
  close(): Promise<void>;
}

/** What a feed is opened with; the ledger is closed after it. */
export interface FeedOptions {
  readonly ledger: Followed;
  readonly wakes: Pick<Wakes, "listen">;
  readonly heartbeatMs: number;
  /** How long a revision of which no wake-up told may stay unseen. */
  readonly sweepMs: number;
  readonly setTimer?: SetTimer;
  /** Told of reads that failed; they are made again. */
  readonly onFault?: (fault: unknown) => void;
}

/** Opens the streams of a ledger. Without followers it reads nothing and runs no timer. */
export function openFeed(options: FeedOptions): Feed {
  return new OpenFeed(options);
}

class OpenFeed implements Feed {
  readonly #ledger: Followed;
  readonly #setTimer: SetTimer;
  readonly #onFault: (fault: unknown) => void;
  readonly #quiet: Quiet;
  readonly #sweeper: Sweeper;
  readonly #stopListening: () => void;
  readonly #tails = new Map<PacketId, Tail<Revision>>();
  #log: Tail<LoggedRevision> | null = null;
  readonly #stirrings = new Map<PacketId, Set<Stirring>>();
  readonly #pulls = new Set<{ end(): void }>();
  readonly #closing = new Set<Promise<unknown>>();
  /** The epoch and the doubt about it at the last sweep. */
  #time = "";
  #isClosed = false;

  constructor(options: FeedOptions) {
    const { ledger, wakes, heartbeatMs, sweepMs } = options;
    const { setTimer = setLoopTimer, onFault = () => undefined } = options;
    this.#ledger = ledger;
    this.#setTimer = setTimer;
    this.#onFault = onFault;
    this.#sweeper = new Sweeper({
      sweepMs,
      setTimer,
      onFault,
      sweep: () => this.#sweep(),
      onSight: () => this.#nudgeAll(),
    });
    this.#quiet = { heartbeatMs, setTimer, isBlind: () => this.#sweeper.isBlind };
    this.#stopListening = wakes.listen((moved) => this.#hear(moved));
  }

  revisions(packet: PacketId, after: bigint, signal: AbortSignal): AsyncIterable<Item<Revision>> {
    requirePosition(after);
    return this.#pull(signal, (nudge) => {
      const tail = this.#tails.get(packet) ?? this.#watch(packet);
      return new Following(tail, after, nudge, this.#quiet);
    });
  }

  log(after: bigint, signal: AbortSignal): AsyncIterable<Item<LoggedRevision>> {
    requirePosition(after);
    return this.#pull(signal, (nudge) => {
      this.#log ??= this.#tailOf(logOf(this.#ledger), () => {
        this.#log = null;
      });
      return new Following(this.#log, after, nudge, this.#quiet);
    });
  }

  stirs(packet: PacketId, signal: AbortSignal): AsyncIterable<void> {
    return this.#pull(signal, (nudge) => {
      const stirring = new Stirring(nudge);
      const others = this.#stirrings.get(packet) ?? new Set();
      this.#stirrings.set(packet, others.add(stirring));
      const end = (): void => {
        others.delete(stirring);
        if (others.size === 0) this.#stirrings.delete(packet);
      };
      return { take: () => stirring.take(), end };
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopListening();
    for (const pull of this.#pulls) pull.end();
    await this.#sweeper.close();
    await Promise.all(this.#closing);
  }

  #pull<T>(signal: AbortSignal, begin: (nudge: () => void) => Supply<T>): AsyncIterable<T> {
    return new Pull<T>(signal, (pull) => {
      if (this.#isClosed) return null;
      const supply = begin(() => pull.nudge());
      this.#pulls.add(pull);
      this.#sweeper.start();
      const end = (): void => {
        supply.end();
        this.#pulls.delete(pull);
        if (this.#pulls.size === 0) this.#sweeper.stop();
      };
      return { take: () => supply.take(), end };
    });
  }

  #watch(packet: PacketId): Tail<Revision> {
    const stream = revisionsOf(this.#ledger, packet);
    const tail = this.#tailOf(stream, () => this.#tails.delete(packet));
    this.#tails.set(packet, tail);
    return tail;
  }

  #tailOf<T>(stream: Stream<T>, forget: () => void): Tail<T> {
    const onDeserted = (): void => {
      forget();
      const closing = tail.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    };
    const told = { setTimer: this.#setTimer, onFault: this.#onFault, onDeserted };
    const tail = new Tail(stream, told);
    return tail;
  }

  #hear(moved: readonly Wake[]): void {
    for (const { packet, revision } of moved) {
      this.#tails.get(packet)?.hear(Number.isSafeInteger(revision) ? BigInt(revision) : null);
      for (const stirring of this.#stirrings.get(packet) ?? []) stirring.stir();
    }
    this.#log?.hear(null);
  }

  /** Finds what no wake-up told of: of whatever is watched, compares the head with what is known. */
  async #sweep(): Promise<void> {
    this.#log?.hear(null);
    const watched = new Set([...this.#tails.keys(), ...this.#stirrings.keys()]);
    const heads = await this.#ledger.heads([...watched]);
    for (const [packet, { revision }] of heads) this.#tails.get(packet)?.hear(BigInt(revision));
    if (this.#stirrings.size === 0) return;
    const { epoch, doubt } = await this.#ledger.moment();
    const time = `${epoch} ${doubt}`;
    const isLater = time !== this.#time;
    this.#time = time;
    for (const [packet, stirrings] of this.#stirrings) {
      for (const stirring of stirrings) {
        stirring.see(heads.get(packet)?.revision ?? 0);
        if (isLater) stirring.stir();
      }
    }
  }

  #nudgeAll(): void {
    for (const tail of this.#tails.values()) tail.nudgeAll();
    this.#log?.nudgeAll();
  }
}

function requirePosition(after: bigint): void {
  if (after < 0n) throw new RangeError("a position is 0 or greater");
}
