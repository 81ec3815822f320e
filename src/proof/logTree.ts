import { digestLength, sha256 } from "./digest.ts";

/**
 * Gives the hash of the complete, aligned subtree of 2^`level` leaves that starts at leaf
 * `index` * 2^`level`: at level 0 the hash of a leaf. Only subtrees that lie wholly inside the tree
 * at hand are asked for, several at a time.
 */
export type SubtreeReader = (level: number, index: bigint) => Promise<Uint8Array>;

/** A claim that a leaf is at an index (from 0) of the tree with this size, in leaves, and root. */
export interface LogInclusion {
  readonly index: bigint;
  readonly size: bigint;
  /** As {@link logLeafHash} makes it. */
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Uint8Array[];
}

/** A claim that the tree of `to` leaves starts with the leaves of the tree of `from` leaves. */
export interface LogConsistency {
  readonly from: bigint;
  readonly to: bigint;
  readonly fromRoot: Uint8Array;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** The leaves from `start` on, `size` of them; the start is aligned to the whole range's height. */
interface LeafRange {
  readonly start: bigint;
  readonly size: bigint;
}

/** Sizes are 64 bits wide, so no path is longer. */
const pathLengthMax = 64;
const sizeMax = (1n << 64n) - 1n;

// Reused: hashing is synchronous, and an allocation for each node costs as much as the hash.
const nodePreimage = Buffer.alloc(1 + 2 * digestLength, 0x01);
const leafPreimage = Buffer.alloc(1 + digestLength, 0x00);

/** The hash of a leaf's data, of any length: SHA-256(0x00 || data), RFC 6962 section 2.1. */
export function logLeafHash(data: Uint8Array): Uint8Array {
  if (data.length !== digestLength) return sha256(Buffer.concat([Uint8Array.of(0x00), data]));
  leafPreimage.set(data, 1);
  return sha256(leafPreimage);
}

/**
 * The hash of a node over its two children: SHA-256(0x01 || left || right), RFC 6962 section 2.1.
 *
 * @throws {RangeError} if a child is not 32 bytes long.
 */
export function logNodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== digestLength || right.length !== digestLength)
    throw new RangeError(`a node of the log has two children of ${digestLength} bytes`);
  nodePreimage.set(left, 1);
  nodePreimage.set(right, 1 + digestLength);
  return sha256(nodePreimage);
}

/** The root of the tree without leaves: SHA-256 of nothing, RFC 6962 section 2.1. */
export function emptyLogRoot(): Uint8Array {
  return sha256("");
}

/**
 * The right edge of a growing tree: takes leaves in order and knows the root at any time. It keeps
 * one hash for each bit of its size, whatever that size is.
 */
export class LogFrontier {
  /** The complete subtrees that the leaves fall into, the largest and first one in front. */
  readonly #subtrees: { readonly level: number; readonly hash: Uint8Array }[] = [];
  #size = 0n;

  /** How many leaves it has taken. */
  get size(): bigint {
    return this.#size;
  }

  /**
   * Takes the next leaf, as {@link logLeafHash} makes it; the bytes are kept, not copied.
   *
   * @throws {RangeError} if the hash is not 32 bytes long.
   */
  append(leafHash: Uint8Array): void {
    if (leafHash.length !== digestLength)
      throw new RangeError(`the hash of a leaf has ${digestLength} bytes, not ${leafHash.length}`);
    let level = 0;
    let hash = leafHash;
    for (let last = this.#subtrees.at(-1); last?.level === level; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      hash = logNodeHash(last.hash, hash);
      level += 1;
    }
    this.#subtrees.push({ level, hash });
    this.#size += 1n;
  }

  /** The root over the leaves taken so far. */
  root(): Uint8Array {
    return joined(this.#subtrees.map(({ hash }) => hash));
  }
}

/**
 * The root of the tree of the first `size` leaves (RFC 6962 section 2.1).
 *
 * @throws {RangeError} if the size is negative.
 */
export async function logRoot(size: bigint, read: SubtreeReader): Promise<Uint8Array> {
  if (size < 0n) throw new RangeError(`a tree has no ${size} leaves`);
  return rangeHash({ start: 0n, size }, read);
}

/**
 * The proof that leaf `index` is in the tree of `size` leaves: PATH of RFC 6962 section 2.1.1.
 *
 * @throws {RangeError} if the tree has no such leaf.
 */
export async function logInclusionProof(
  index: bigint,
  size: bigint,
  read: SubtreeReader,
): Promise<Uint8Array[]> {
  if (index < 0n || index >= size)
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  const siblings: LeafRange[] = [];
  let range: LeafRange = { start: 0n, size };
  while (range.size > 1n) {
    const [left, right] = split(range);
    const isLeft = index < right.start;
    siblings.unshift(isLeft ? right : left);
    range = isLeft ? left : right;
  }
  return Promise.all(siblings.map((sibling) => rangeHash(sibling, read)));
}

/**
 * The proof that the tree of `to` leaves starts with the tree of `from` leaves: PROOF of RFC 6962
 * section 2.1.2. It is empty where the two are one, and where `from` is 0, which proves nothing.
 *
 * @throws {RangeError} if not 0 <= from <= to.
 */
export async function logConsistencyProof(
  from: bigint,
  to: bigint,
  read: SubtreeReader,
): Promise<Uint8Array[]> {
  if (from < 0n || from > to)
    throw new RangeError(`a tree of ${to} leaves does not grow from one of ${from}`);
  if (from === 0n || from === to) return [];
  const nodes: LeafRange[] = [];
  let range: LeafRange = { start: 0n, size: to };
  // The SUBPROOF of the RFC, from the top: where a subtree of the old tree ends, the way ends.
  while (range.start + range.size !== from) {
    const [left, right] = split(range);
    const isLeft = from <= right.start;
    nodes.unshift(isLeft ? right : left);
    range = isLeft ? left : right;
  }
  // The old tree as a whole is known to who verifies.
  if (range.start > 0n) nodes.unshift(range);
  return Promise.all(nodes.map((node) => rangeHash(node, read)));
}

/**
 * Whether the leaf is at that index of the tree with that root (RFC 9162 section 2.1.3.2). Anything
 * malformed is false, never a crash.
 */
export function verifyLogInclusion(claim: LogInclusion): boolean {
  const { index, size, leafHash, root, proof } = claim;
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  if (!isHash(leafHash) || !isHash(root) || !isPath(proof)) return false;
  let node = index;
  let last = size - 1n;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (isOdd(node) || node === last) {
      hash = logNodeHash(sibling, hash);
      // A node without a right sibling is its own parent: up to where it has a left one.
      while (!isOdd(node) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = logNodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && areEqual(hash, root);
}

/**
 * Whether the second tree starts with the leaves of the first (RFC 9162 section 2.1.4.2). Trees of
 * one size are consistent by an empty proof and equal roots. From a tree of no leaves there is
 * nothing to prove: that is false, and who means "nothing seen so far" asks no proof. Anything
 * malformed is false, never a crash.
 */
export function verifyLogConsistency(claim: LogConsistency): boolean {
  const { from, to, fromRoot, toRoot, proof } = claim;
  if (!isSize(from) || !isSize(to) || from === 0n || from > to || !isPath(proof)) return false;
  // Nothing is computed here, so the roots may be of any hash.
  if (from === to) return proof.length === 0 && isBytes(fromRoot) && areEqual(fromRoot, toRoot);
  if (!isHash(fromRoot) || !isHash(toRoot) || proof.length === 0) return false;
  const path = isPowerOfTwo(from) ? [fromRoot, ...proof] : proof;
  let node = from - 1n;
  let last = to - 1n;
  while (isOdd(node)) [node, last] = [node >> 1n, last >> 1n];
  const [seed = fromRoot, ...rest] = path;
  let [oldHash, newHash] = [seed, seed];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (isOdd(node) || node === last) {
      oldHash = logNodeHash(sibling, oldHash);
      newHash = logNodeHash(sibling, newHash);
      while (!isOdd(node) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      newHash = logNodeHash(newHash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && areEqual(oldHash, fromRoot) && areEqual(newHash, toRoot);
}

async function rangeHash(range: LeafRange, read: SubtreeReader): Promise<Uint8Array> {
  const subtrees: Promise<Uint8Array>[] = [];
  let { start, size } = range;
  while (size > 0n) {
    const level = size.toString(2).length - 1;
    subtrees.push(read(level, start >> BigInt(level)));
    start += 1n << BigInt(level);
    size -= 1n << BigInt(level);
  }
  return joined(await Promise.all(subtrees));
}

/** The root over complete subtrees that follow each other, each smaller than the one before. */
function joined(subtrees: readonly Uint8Array[]): Uint8Array {
  const last = subtrees.at(-1);
  if (last === undefined) return emptyLogRoot();
  return subtrees.slice(0, -1).reduceRight((right, left) => logNodeHash(left, right), last);
}

/** The left side is the largest power of two that is smaller than the whole. */
function split({ start, size }: LeafRange): readonly [LeafRange, LeafRange] {
  const half = 1n << BigInt((size - 1n).toString(2).length - 1);
  return [
    { start, size: half },
    { start: start + half, size: size - half },
  ];
}

function isSize(value: unknown): value is bigint {
  return typeof value === "bigint" && value >= 0n && value <= sizeMax;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function isHash(value: unknown): value is Uint8Array {
  return isBytes(value) && value.length === digestLength;
}

function isPath(value: unknown): value is readonly Uint8Array[] {
  return Array.isArray(value) && value.length <= pathLengthMax && value.every(isHash);
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n;
}

function isPowerOfTwo(value: bigint): boolean {
  return (value & (value - 1n)) === 0n;
}

function areEqual(left: Uint8Array, right: unknown): boolean {
  return isBytes(right) && Buffer.compare(left, right) === 0;
}
