import type { PacketId } from "#packet/name.ts";
import type { LoggedRevision, Revision } from "#ledger/ledger.ts";
import type { Wake, Wakes } from "#live/wakes.ts";
import { type Meters, NO_METERS } from "#packet/meters.ts";
import { Following, type Quiet } from "./following.ts";
import { Heads } from "./heads.ts";
import { SHELF_BYTES_MAX } from "./limits.ts";
import { Pull, type Supply } from "./pull.ts";
import { Shelf } from "./shelf.ts";
import { Stirring } from "./stirring.ts";
import {
  type Followed,
  LOG,
  type Looks,
  logEnd,
  logOf,
  looksInto,
  packetHeads,
  revisionsOf,
  sizeOf,
} from "./streams.ts";
import { Sweeper } from "./sweeper.ts";
import { type Stream, Tail, type Told } from "./tail.ts";
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
  /**
   * The newest revision of a packet that this node knows of, 0 for a packet that is not there. Known without
   * a read while somebody follows it and for a little while after, unless that is before
   * `atLeast`; read once for all who ask meanwhile. Rejects when the ledger cannot be read.
   */
  head(packet: PacketId, atLeast: bigint): Promise<bigint>;
  /** The same of the log of all packets. */
  logHead(atLeast: bigint): Promise<bigint>;
  /** Ends every follower, and resolves when no read is under way. */
  close(): Promise<void>;
}

/** What a feed is opened with; the ledger is closed after it. */
export interface FeedOptions {
  readonly ledger: Followed;
  readonly wakes: Pick<Wakes, "listen" | "onMissed">;
  readonly heartbeatMs: number;
  /** How long a revision of which no wake-up told may stay unseen. */
  readonly sweepMs: number;
  readonly setTimer?: SetTimer;
  /** Told of reads that failed; they are made again. */
  readonly onFault?: (fault: unknown) => void;
  /** Told of what wake-ups and sweeps found of packets that are followed. */
  readonly meters?: Pick<Meters, "woken" | "repaired" | "idle">;
}

/** What a sweep reads. */
interface Sight {
  readonly watched: ReadonlySet<PacketId>;
  readonly heads: Awaited<ReturnType<Followed["heads"]>>;
  /** The epoch and the doubt about it; null while nobody wants to know. */
  readonly time: string | null;
}

const UNTOLD: Told = NO_METERS;

/** Opens the streams of a ledger. Without followers it reads nothing and runs no timer. */
export function openFeed(options: FeedOptions): Feed {
  return new OpenFeed(options);
}

class OpenFeed implements Feed {
  readonly #ledger: Followed;
  readonly #setTimer: SetTimer;
  readonly #onFault: (fault: unknown) => void;
  readonly #told: Told;
  readonly #quiet: Quiet;
  readonly #sweeper: Sweeper<Sight>;
  readonly #stopListening: readonly (() => void)[];
  readonly #revisions = new Shelf<Revision>(sizeOf, SHELF_BYTES_MAX);
  readonly #logged = new Shelf<LoggedRevision>(sizeOf, SHELF_BYTES_MAX);
  readonly #looks: Looks;
  readonly #heads: Heads;
  readonly #logEnd: Heads;
  readonly #tails = new Map<PacketId, Tail<Revision>>();
  #log: Tail<LoggedRevision> | null = null;
  readonly #stirrings = new Map<PacketId, Set<Stirring>>();
  readonly #pulls = new Set<{ end(): void }>();
  readonly #closing = new Set<Promise<unknown>>();
  /** At the last sweep. */
  #time = "";
  #isClosed = false;

  constructor(options: FeedOptions) {
    const { ledger, wakes, heartbeatMs, sweepMs, meters = NO_METERS } = options;
    const { setTimer = setLoopTimer, onFault = () => undefined } = options;
    this.#ledger = ledger;
    this.#setTimer = setTimer;
    this.#onFault = onFault;
    this.#told = meters;
    this.#looks = looksInto(ledger, setTimer);
    this.#heads = new Heads(packetHeads(ledger), setTimer);
    this.#logEnd = new Heads(logEnd(ledger), setTimer);
    this.#sweeper = new Sweeper({
      sweepMs,
      setTimer,
      onFault,
      read: () => this.#look(),
      see: (sight) => this.#see(sight),
      onSight: () => this.#refreshAll(),
    });
    this.#quiet = { heartbeatMs, setTimer, isBlind: () => this.#sweeper.isBlind };
    this.#stopListening = [
      wakes.listen((moved) => this.#hear(moved)),
      wakes.onMissed(() => this.#sweeper.hurry()),
    ];
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
      this.#log ??= this.#watchLog();
      return new Following(this.#log, after, nudge, this.#quiet);
    });
  }

  stirs(packet: PacketId, signal: AbortSignal): AsyncIterable<void> {
    return this.#pull(signal, (nudge) => {
      const stirring = new Stirring(nudge, this.#setTimer);
      const others = this.#stirrings.get(packet) ?? new Set();
      this.#stirrings.set(packet, others.add(stirring));
      const end = (): void => {
        stirring.end();
        others.delete(stirring);
        if (others.size === 0) this.#stirrings.delete(packet);
      };
      return { take: () => stirring.take(), end };
    });
  }

  async head(packet: PacketId, atLeast: bigint): Promise<bigint> {
    const known = this.#tails.get(packet)?.newest ?? this.#heads.known(packet);
    if (known !== null && known >= atLeast) return known;
    const head = await this.#heads.read(packet);
    this.#tails.get(packet)?.hear(head, "FOLLOWER");
    return head;
  }

  async logHead(atLeast: bigint): Promise<bigint> {
    const known = this.#log?.newest ?? this.#logEnd.known(LOG);
    if (known !== null && known >= atLeast) return known;
    const head = await this.#logEnd.read(LOG);
    this.#log?.hear(head, "FOLLOWER");
    return head;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stopListening) stop();
    for (const pull of this.#pulls) pull.end();
    this.#heads.close();
    this.#logEnd.close();
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
    const head = (): Promise<bigint> => this.#heads.read(packet);
    const stream = revisionsOf(this.#ledger, packet, { looks: this.#looks, head });
    const tail = this.#tailOf(stream, this.#revisions, this.#told, (newest) => {
      this.#tails.delete(packet);
      if (newest !== null && newest > 0n) this.#heads.remember(packet, newest);
    });
    this.#tails.set(packet, tail);
    return tail;
  }

  #watchLog(): Tail<LoggedRevision> {
    const stream = logOf(this.#ledger, () => this.#logEnd.read(LOG));
    // Wake-ups tell of packets: what they are worth is counted there.
    return this.#tailOf(stream, this.#logged, UNTOLD, (newest) => {
      this.#log = null;
      if (newest !== null) this.#logEnd.remember(LOG, newest);
    });
  }

  #tailOf<T>(
    stream: Stream<T>,
    shelf: Shelf<T>,
    told: Told,
    forget: (newest: bigint | null) => void,
  ): Tail<T> {
    const onDeserted = (): void => {
      forget(tail.newest);
      const closing = tail.close().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    };
    const { setTimer, onFault } = { setTimer: this.#setTimer, onFault: this.#onFault };
    const tail = new Tail(stream, { shelf, setTimer, onFault, onDeserted, told });
    return tail;
  }

  #hear(moved: readonly Wake[]): void {
    for (const { packet, revision } of moved) {
      const position = Number.isSafeInteger(revision) ? BigInt(revision) : null;
      const known = this.#heads.known(packet);
      if (known !== null && (position === null || position > known)) this.#heads.forget(packet);
      this.#tails.get(packet)?.hear(position, "WAKE");
      for (const stirring of this.#stirrings.get(packet) ?? []) stirring.hear();
    }
    this.#logEnd.forget(LOG);
    this.#log?.hear(null, "WAKE");
  }

  /** Finds what no wake-up told of: of whatever is watched, compares the head with what is known. */
  async #look(): Promise<Sight> {
    this.#log?.hear(null, "SWEEP");
    const watched = new Set([...this.#tails.keys(), ...this.#stirrings.keys()]);
    const heads = await this.#ledger.heads([...watched]);
    if (this.#stirrings.size === 0) return { watched, heads, time: null };
    const { epoch, doubt } = await this.#ledger.moment();
    return { watched, heads, time: `${epoch} ${doubt}` };
  }

  #see({ watched, heads, time }: Sight): void {
    for (const [packet, { revision }] of heads) {
      this.#tails.get(packet)?.hear(BigInt(revision), "SWEEP");
    }
    const isLater = time !== null && time !== this.#time;
    this.#time = time ?? this.#time;
    for (const [packet, stirrings] of this.#stirrings) {
      if (!watched.has(packet)) continue;
      for (const stirring of stirrings) {
        stirring.see(heads.get(packet)?.revision ?? 0);
        if (isLater) stirring.stir();
      }
    }
  }

  #refreshAll(): void {
    for (const tail of this.#tails.values()) tail.refresh();
    this.#log?.refresh();
  }
}

function requirePosition(after: bigint): void {
  if (after < 0n) throw new RangeError("a position is 0 or greater");
}
