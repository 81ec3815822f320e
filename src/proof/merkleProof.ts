import {
  bitAt,
  branchHash,
  type Bytes32,
  bytes32,
  emptyHash,
  keyBits,
  leafHash,
} from "./merkleNode.ts";

/**
 * One branch on the way from the root: the bit of the key that it asks for, and the hash of the
 * side not taken.
 */
export interface ProofStep {
  readonly bit: number;
  readonly sibling: Uint8Array;
}

/** The branches from the root down to a leaf, with rising bits, at most 256. */
export interface InclusionProof {
  readonly steps: readonly ProofStep[];
}

/**
 * The leaf that the absent key's bits lead to, which is another key's; null where the map is empty.
 */
export interface AbsenceProof {
  readonly nearest: {
    readonly key: Uint8Array;
    readonly leaf: Uint8Array;
    readonly steps: readonly ProofStep[];
  } | null;
}

/**
 * Whether the map with this root gives this leaf to this key.
 *
 * Under one root at most one answer can be proven for a key, whoever built the map and however
 * badly: the root fixes the bit and the children of the first branch, the key fixes the child, and
 * so on down to a single leaf, whose hash fixes its key. A malformed proof is false, never a crash.
 */
export function verifyInclusion(
  root: Uint8Array,
  key: Uint8Array,
  leaf: Uint8Array,
  proof: InclusionProof,
): boolean {
  const wantedRoot = bytes32(root);
  const wantedKey = bytes32(key);
  const value = bytes32(leaf);
  if (wantedRoot === null || wantedKey === null || value === null || !isObject(proof)) return false;
  return rootOver(wantedKey, leafHash(wantedKey, value), proof.steps) === wantedRoot;
}

/**
 * Whether the map with this root has nothing for this key; exclusive with {@link verifyInclusion}.
 */
export function verifyAbsence(root: Uint8Array, key: Uint8Array, proof: AbsenceProof): boolean {
  const wantedRoot = bytes32(root);
  const absentKey = bytes32(key);
  if (wantedRoot === null || absentKey === null || !isObject(proof)) return false;
  if (proof.nearest === null) return wantedRoot === emptyHash;
  if (!isObject(proof.nearest)) return false;
  const nearestKey = bytes32(proof.nearest.key);
  const value = bytes32(proof.nearest.leaf);
  if (nearestKey === null || value === null || nearestKey === absentKey) return false;
  // Climbing with the absent key's bits shows that its own path ends at the other key's leaf.
  return rootOver(absentKey, leafHash(nearestKey, value), proof.nearest.steps) === wantedRoot;
}

function rootOver(key: Bytes32, leaf: Bytes32, steps: unknown): Bytes32 | null {
  if (!Array.isArray(steps) || steps.length > keyBits) return null;
  let hash = leaf;
  let below = keyBits;
  for (const step of (steps as readonly unknown[]).toReversed()) {
    if (!isObject(step) || !("bit" in step) || !("sibling" in step)) return null;
    const bit = step.bit;
    const sibling = bytes32(step.sibling);
    if (
      typeof bit !== "number" ||
      !Number.isInteger(bit) ||
      bit < 0 ||
      bit >= below ||
      sibling === null
    )
      return null;
    hash = bitAt(key, bit) === 0 ? branchHash(bit, hash, sibling) : branchHash(bit, sibling, hash);
    below = bit;
  }
  return hash;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
