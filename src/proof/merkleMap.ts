import type { AbsenceProof, InclusionProof, ProofStep } from "./merkleProof.ts";
import {
  bitAt,
  type Bytes32,
  bytes32,
  emptyHash,
  firstDifference,
  keyBits,
  nearestLeaf,
  type Node,
  nodeHash,
  toBytes,
  withLeaf,
  withoutLeaf,
} from "./merkleNode.ts";

/**
 * A persistent map from keys of 32 bytes to leaves of 32 bytes with a Merkle root: a compact binary
 * (crit-bit) trie over the bits of the keys. A map never changes; `set` and `delete` answer a new
 * one that shares all but the path that they touched, so its nodes keep their hashes.
 *
 * The shape of the trie, and so the root, is a function of the set of entries alone, not of the
 * order in which they came. Keys should be spread evenly (hashes or MACs): then an update touches
 * O(log n) nodes, 256 at the worst. Nodes are hashed when {@link root} first asks, so a batch of
 * updates hashes each surviving node once.
 */
export class MerkleMap {
  static readonly empty: MerkleMap = new MerkleMap(null, 0);

  /** How many entries there are. */
  readonly size: number;
  readonly #node: Node | null;

  private constructor(node: Node | null, size: number) {
    this.#node = node;
    this.size = size;
  }

  /**
   * This map with the key's leaf added or replaced; the very same map if it is what the key has
   * already.
   *
   * @throws {RangeError} if key or leaf is not 32 bytes long.
   */
  set(key: Uint8Array, leaf: Uint8Array): MerkleMap {
    const entry = { kind: "leaf", key: required(key), value: required(leaf), hash: null } as const;
    if (this.#node === null) return new MerkleMap(entry, 1);
    const nearest = nearestLeaf(this.#node, entry.key);
    const bit = firstDifference(nearest.key, entry.key);
    if (bit === keyBits && nearest.value === entry.value) return this;
    return new MerkleMap(
      withLeaf(this.#node, bit, entry),
      bit === keyBits ? this.size : this.size + 1,
    );
  }

  /**
   * This map without the key; the very same map if it is not there.
   *
   * @throws {RangeError} if the key is not 32 bytes long.
   */
  delete(key: Uint8Array): MerkleMap {
    const wanted = required(key);
    if (this.#node === null || nearestLeaf(this.#node, wanted).key !== wanted) return this;
    return new MerkleMap(withoutLeaf(this.#node, wanted), this.size - 1);
  }

  /** The leaf of a key, or null if it has none. */
  get(key: Uint8Array): Uint8Array | null {
    const wanted = required(key);
    const nearest = this.#node === null ? null : nearestLeaf(this.#node, wanted);
    return nearest?.key === wanted ? toBytes(nearest.value) : null;
  }

  /** The 32 bytes that commit to every entry; SHA-256 of the byte 0x02 if there is none. */
  root(): Uint8Array {
    return toBytes(this.#node === null ? emptyHash : nodeHash(this.#node));
  }

  /** Proves the key's leaf to who has only the root; null if the key has none. */
  prove(key: Uint8Array): InclusionProof | null {
    const wanted = required(key);
    if (this.#node === null || nearestLeaf(this.#node, wanted).key !== wanted) return null;
    return { steps: stepsTo(this.#node, wanted) };
  }

  /** Proves that the key has no leaf to who has only the root; null if it has one. */
  proveAbsence(key: Uint8Array): AbsenceProof | null {
    const wanted = required(key);
    if (this.#node === null) return { nearest: null };
    const nearest = nearestLeaf(this.#node, wanted);
    if (nearest.key === wanted) return null;
    const steps = stepsTo(this.#node, wanted);
    return { nearest: { key: toBytes(nearest.key), leaf: toBytes(nearest.value), steps } };
  }
}

function stepsTo(node: Node, key: Bytes32): ProofStep[] {
  const steps: ProofStep[] = [];
  let at = node;
  while (at.kind === "branch") {
    const goesLeft = bitAt(key, at.bit) === 0;
    steps.push({ bit: at.bit, sibling: toBytes(nodeHash(goesLeft ? at.right : at.left)) });
    at = goesLeft ? at.left : at.right;
  }
  return steps;
}

function required(bytes: Uint8Array): Bytes32 {
  const text = bytes32(bytes);
  if (text === null)
    throw new RangeError(`keys and leaves of a Merkle map have 32 bytes, not ${bytes.length}`);
  return text;
}
