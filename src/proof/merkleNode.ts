import { hash } from "node:crypto";
import { digestLength } from "./digest.ts";

/**
 * 32 bytes as a string of 32 characters, one for each byte. A trie holds three of these for each
 * entry, and a string is a third of the memory of a Buffer, cannot be altered, and is compared by
 * value.
 */
export type Bytes32 = string;

/** One entry. `hash` is filled in when it is first asked for. */
export interface Leaf {
  readonly kind: "leaf";
  readonly key: Bytes32;
  readonly value: Bytes32;
  hash: Bytes32 | null;
}

/**
 * Two subtrees whose keys agree on every bit before `bit`, and have a 0 there on the left and a 1
 * on the right.
 */
interface Branch {
  readonly kind: "branch";
  readonly bit: number;
  readonly left: Node;
  readonly right: Node;
  hash: Bytes32 | null;
}

/** A compact binary trie has no branch with a single child: n leaves have n - 1 branches. */
export type Node = Leaf | Branch;

/**
 * The length of a key in bits; as the answer of {@link firstDifference} it says that there is no
 * difference.
 */
export const keyBits = digestLength * 8;

/**
 * The root of a trie without nodes: SHA-256(0x02), which no leaf (0x00) and no branch (0x01) can
 * have.
 */
export const emptyHash: Bytes32 = hash("sha256", Uint8Array.of(0x02), "binary");

const leafPreimage = Buffer.alloc(1 + 2 * digestLength, 0x00);
const branchPreimage = Buffer.alloc(2 + 2 * digestLength, 0x01);

/** The characters of exactly 32 bytes, or null for anything else, of whatever type. */
export function bytes32(bytes: unknown): Bytes32 | null {
  if (!(bytes instanceof Uint8Array) || bytes.length !== digestLength) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** A fresh copy of the bytes. */
export function toBytes(text: Bytes32): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** SHA-256(0x00 || key || value). */
export function leafHash(key: Bytes32, value: Bytes32): Bytes32 {
  leafPreimage.write(key, 1, "latin1");
  leafPreimage.write(value, 1 + digestLength, "latin1");
  return hash("sha256", leafPreimage, "binary");
}

/** SHA-256(0x01 || bit || left || right), where `bit` is one byte. */
export function branchHash(bit: number, left: Bytes32, right: Bytes32): Bytes32 {
  branchPreimage[1] = bit;
  branchPreimage.write(left, 2, "latin1");
  branchPreimage.write(right, 2 + digestLength, "latin1");
  return hash("sha256", branchPreimage, "binary");
}

/** The hash of a subtree; each of its nodes is hashed once in its life, here. */
export function nodeHash(node: Node): Bytes32 {
  node.hash ??=
    node.kind === "leaf"
      ? leafHash(node.key, node.value)
      : branchHash(node.bit, nodeHash(node.left), nodeHash(node.right));
  return node.hash;
}

/** Bit number `bit` of a key, 0 being the most significant bit of its first byte. */
export function bitAt(key: Bytes32, bit: number): 0 | 1 {
  return ((key.charCodeAt(bit >> 3) >> (7 - (bit & 7))) & 1) === 0 ? 0 : 1;
}

/** The number of the first bit in which two keys differ; {@link keyBits} if they are equal. */
export function firstDifference(one: Bytes32, other: Bytes32): number {
  for (let index = 0; index < digestLength; index += 1) {
    const difference = one.charCodeAt(index) ^ other.charCodeAt(index);
    if (difference !== 0) return index * 8 + Math.clz32(difference) - 24;
  }
  return keyBits;
}

/** The only leaf of a subtree that can hold the key: the one that its bits lead to. */
export function nearestLeaf(node: Node, key: Bytes32): Leaf {
  let at = node;
  while (at.kind === "branch") at = bitAt(key, at.bit) === 0 ? at.left : at.right;
  return at;
}

/**
 * A copy of the path to where a leaf belongs, with the leaf put there; `bit` is where it leaves its
 * nearest leaf.
 */
export function withLeaf(node: Node, bit: number, leaf: Leaf): Node {
  if (node.kind === "branch" && node.bit < bit) {
    return bitAt(leaf.key, node.bit) === 0
      ? branch(node.bit, withLeaf(node.left, bit, leaf), node.right)
      : branch(node.bit, node.left, withLeaf(node.right, bit, leaf));
  }
  if (bit === keyBits) return leaf;
  return bitAt(leaf.key, bit) === 0 ? branch(bit, leaf, node) : branch(bit, node, leaf);
}

/** A copy of the path to a leaf that is there, without the leaf; null if it was the last one. */
export function withoutLeaf(node: Node, key: Bytes32): Node | null {
  if (node.kind === "leaf") return null;
  const goesLeft = bitAt(key, node.bit) === 0;
  const rest = withoutLeaf(goesLeft ? node.left : node.right, key);
  if (rest === null) return goesLeft ? node.right : node.left;
  return goesLeft ? branch(node.bit, rest, node.right) : branch(node.bit, node.left, rest);
}

function branch(bit: number, left: Node, right: Node): Branch {
  return { kind: "branch", bit, left, right, hash: null };
}
