import { LogFrontier } from "#proof/logTree.ts";

/** Subtrees of 2^8, 2^16, ... leaves are kept by the ledger. */
const KEPT_EVERY_LEVELS = 8;
const BLOCK = 2n ** BigInt(KEPT_EVERY_LEVELS);

/** A complete subtree of the log as it is computed again. */
export interface Subtree {
  readonly level: number;
  readonly index: bigint;
  readonly hash: Uint8Array;
}

/** The Merkle log (RFC 6962) over leaves as they come, with the subtrees that are kept of it. */
export class LogTotals {
  readonly #whole = new LogFrontier();
  readonly #blocks: { frontier: LogFrontier; index: bigint }[] = [];
  readonly #wanted: ReadonlySet<bigint>;
  readonly #roots = new Map<bigint, Uint8Array>();

  /** Keeps the roots at the sizes that are wanted. */
  constructor(wanted: Iterable<bigint>) {
    this.#wanted = new Set(wanted);
    this.#note();
  }

  get size(): bigint {
    return this.#whole.size;
  }

  root(): Uint8Array {
    return this.#whole.root();
  }

  /** The root at a size that was wanted; null while there are not so many leaves. */
  rootAt(size: bigint): Uint8Array | null {
    return this.#roots.get(size) ?? null;
  }

  /** Takes the next leaf's hash; answers the kept subtrees that it completes. */
  append(leafHash: Uint8Array): readonly Subtree[] {
    this.#whole.append(leafHash);
    this.#note();
    const completed: Subtree[] = [];
    let hash = leafHash;
    for (let place = 0; ; place += 1) {
      const block = (this.#blocks[place] ??= { frontier: new LogFrontier(), index: 0n });
      block.frontier.append(hash);
      if (block.frontier.size < BLOCK) return completed;
      hash = block.frontier.root();
      completed.push({ level: (place + 1) * KEPT_EVERY_LEVELS, index: block.index, hash });
      this.#blocks[place] = { frontier: new LogFrontier(), index: block.index + 1n };
    }
  }

  #note(): void {
    const { size } = this.#whole;
    if (this.#wanted.has(size)) this.#roots.set(size, this.#whole.root());
  }
}
