import { Gathered } from "./gathered.ts";
import { HEAD_KEPT_MS, HEAD_MS_MAX, HEADS_MAX } from "./limits.ts";
import { type SetTimer, within } from "./timer.ts";

/** Reads the newest positions of streams; one that has nothing is left out. */
export type ReadHeads = (streams: readonly string[]) => Promise<ReadonlyMap<string, bigint>>;

/** Where streams end that nobody follows: read once for all who ask meanwhile, and known for a while. */
export class Heads {
  readonly #reads: Gathered<null, ReadonlyMap<string, bigint>>;
  readonly #setTimer: SetTimer;
  /** Two ages of what is known; the older one is let go of first. */
  #young = new Map<string, bigint>();
  #old = new Map<string, bigint>();
  #cancelTimer: (() => void) | null = null;
  #isClosed = false;

  constructor(read: ReadHeads, setTimer: SetTimer) {
    const options = { streamsMax: Number.POSITIVE_INFINITY, setTimer };
    this.#reads = new Gathered(
      (asks) => within(setTimer, HEAD_MS_MAX, read([...asks.keys()])),
      options,
    );
    this.#setTimer = setTimer;
  }

  /** The newest position that is known; null where none is. */
  known(stream: string): bigint | null {
    return this.#young.get(stream) ?? this.#old.get(stream) ?? null;
  }

  /** For a while. */
  remember(stream: string, head: bigint): void {
    if (this.#isClosed) return;
    this.#young.set(stream, head);
    if (this.#young.size >= HEADS_MAX / 2) this.#age();
    this.#cancelTimer ??= this.#setTimer(() => this.#tick(), HEAD_KEPT_MS);
  }

  /** What is known is said to be old. */
  forget(stream: string): void {
    this.#young.delete(stream);
    this.#old.delete(stream);
  }

  /** The newest position, read after this call; 0 for what is not there. Rejects when it cannot be read in time. */
  async read(stream: string): Promise<bigint> {
    const heads = await this.#reads.ask(stream, null);
    const head = heads.get(stream) ?? 0n;
    // What is not there may be opened at any time by somebody of whom nobody here hears.
    if (head > 0n && head >= (this.known(stream) ?? 0n)) this.remember(stream, head);
    return head;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#young.clear();
    this.#old.clear();
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }

  #tick(): void {
    this.#age();
    const isEmpty = this.#old.size === 0;
    this.#cancelTimer = isEmpty ? null : this.#setTimer(() => this.#tick(), HEAD_KEPT_MS);
  }
}
