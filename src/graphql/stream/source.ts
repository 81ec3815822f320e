import { abortable } from "./stream.ts";

/** Where a reader, or a broadcast, stands in what a subscription tells. */
export interface Standing {
  /** Grows with what has been told. */
  readonly position: bigint;
  /** Two events of one mark tell the same. */
  readonly mark: string;
  /** As far as was read for it, where it says so. */
  readonly head?: bigint | undefined;
}

/** What every event has. */
export interface Placed extends Standing {
  readonly kind: string;
  /** Where a reader goes on who has the event. */
  readonly cursor: string;
  /** When what is told was committed; null where nothing was, as for a snapshot. */
  readonly committedAt: Date | null;
  /** True where nothing was read for it: it tells that nothing can be. */
  readonly isUnread?: boolean | undefined;
}

/** Where whoever was told an event stands, without what it told. */
export function standingAt({ position, mark, head }: Standing): Standing {
  return { position, mark, head };
}

/** How a source is made; what it opens ends when the signal aborts. */
export interface SourceParts<E extends Placed> {
  /** Every event, in order; or what is the case, of which only the newest counts. */
  readonly kind: "LOG" | "STATE";
  /** As far as was read for what the reader was told last, perhaps by a node that is ahead of this one. */
  readonly resumedFrom?: bigint | undefined;
  /** All that one reader is told, from where they begin. */
  readonly begin: (signal: AbortSignal) => AsyncGenerator<E, void, undefined>;
  /** The position of whoever was told all there is; absent where only the newest counts, and nobody is behind by more. */
  readonly newest?: () => Promise<bigint>;
  /** What comes after a position. */
  readonly goOn: (position: bigint, signal: AbortSignal) => AsyncGenerator<E, void, undefined>;
}

/**
 * What one subscription tells: to one reader from where they begin, and from any position on,
 * so that readers who have come to the same place can be told together.
 */
export class Source<E extends Placed = Placed> implements AsyncIterable<E> {
  readonly #parts: SourceParts<E>;

  constructor(parts: SourceParts<E>) {
    this.#parts = parts;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    return this.begin();
  }

  /** All that this reader is told. */
  begin(): AsyncIterableIterator<E> {
    return abortable(this.#parts.begin);
  }

  /** What comes after a position, for whoever was told all up to it. */
  after(position: bigint): AsyncIterableIterator<E> {
    return abortable((signal) => this.#parts.goOn(position, signal));
  }

  /** Whether what an event tells is all that there is to tell at present. */
  tellsPresent({ kind }: Placed): boolean {
    return kind === "HEARTBEAT" || !this.#isLog;
  }

  /** How far whoever stands here is behind the newest there is; null where only the newest counts. */
  async behind({ position }: Standing): Promise<bigint | null> {
    const newest = await this.#parts.newest?.();
    return newest === undefined ? null : newest - position;
  }

  /**
   * Whether what all others were told last is nothing older than what a reader was told, who stands
   * here, or nowhere yet.
   */
  isAsNew(present: Standing, here: Standing | null): boolean {
    if (here !== null) return present.position >= here.position;
    return (present.head ?? 0n) >= (this.#parts.resumedFrom ?? 0n);
  }

  /** Whether an event is what a reader who comes later is to be told first. */
  isState({ kind }: Placed): boolean {
    return kind !== "HEARTBEAT" && !this.#isLog;
  }

  /** Whether whoever stands here misses nothing of what comes next to whoever stands there. */
  isLevel(here: Standing, there: Standing): boolean {
    return this.#isLog ? here.position >= there.position : here.mark === there.mark;
  }

  /** Whether an event tells something to whoever stands here; a heartbeat does unless it is an older one. */
  isNews(event: Placed, here: Standing): boolean {
    if (event.kind === "HEARTBEAT") return event.position >= here.position;
    return this.#isLog ? event.position > here.position : event.mark !== here.mark;
  }

  get #isLog(): boolean {
    return this.#parts.kind === "LOG";
  }
}
