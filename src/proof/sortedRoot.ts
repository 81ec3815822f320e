import {
  type Bytes32,
  branchHash,
  bytes32,
  emptyHash,
  firstDifference,
  leafHash,
  toBytes,
} from "./merkleNode.ts";

/** A branch whose right side is still being told. */
interface OpenBranch {
  readonly bit: number;
  readonly left: Bytes32;
}

/**
 * The root of a Merkle map whose entries are told in order of key. It keeps one path of the trie,
 * 256 branches at the most, however many entries there are, and shares no code with the map but the
 * two hashes.
 */
export class SortedRoot {
  readonly #open: OpenBranch[] = [];
  #last: { readonly key: Bytes32; readonly hash: Bytes32 } | null = null;

  /** Takes one more entry; false, and nothing done, unless both have 32 bytes and the key is after the last. */
  add(key: Uint8Array, leaf: Uint8Array): boolean {
    const next = bytes32(key);
    const value = bytes32(leaf);
    if (next === null || value === null) return false;
    if (this.#last !== null) {
      if (next <= this.#last.key) return false;
      const bit = firstDifference(this.#last.key, next);
      const left = this.#closed(bit);
      this.#open.push({ bit, left });
    }
    this.#last = { key: next, hash: leafHash(next, value) };
    return true;
  }

  /** The root of what was told so far; more may follow. */
  root(): Uint8Array {
    if (this.#last === null) return toBytes(emptyHash);
    let hash = this.#last.hash;
    for (const { bit, left } of this.#open.toReversed()) hash = branchHash(bit, left, hash);
    return toBytes(hash);
  }

  /** The subtree of everything below a bit, which is complete now. */
  #closed(bit: number): Bytes32 {
    let hash = this.#last?.hash ?? emptyHash;
    for (let top = this.#open.at(-1); top !== undefined && top.bit > bit; top = this.#open.at(-1)) {
      hash = branchHash(top.bit, top.left, hash);
      this.#open.pop();
    }
    return hash;
  }
}
