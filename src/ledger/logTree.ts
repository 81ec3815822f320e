import {
  LogFrontier,
  type SubtreeReader,
  logConsistencyProof,
  logInclusionProof,
  logLeafHash,
  logNodeHash,
  logRoot,
} from "#proof/logTree.ts";
import { columnsOf } from "./arrays.ts";
import { LogBroken } from "./fault.ts";
import { LEAVES_PAGE } from "./limits.ts";
import type { LogPlace } from "./logForm.ts";
import type { Query } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";
import { turn } from "./turn.ts";

/** Subtrees of 2^8, 2^16, ... leaves are kept; those between are hashed from the ones below. */
const KEPT_EVERY_LEVELS = 8;

/** How many kept subtrees make one of the next kept level; the leaves of one block are read together. */
export const BLOCK = 2 ** KEPT_EVERY_LEVELS;

/** RFC 6962: the root of the first `size` revisions of the log; there must be so many. */
export async function readLogRoot(sql: Query, size: bigint): Promise<Uint8Array> {
  return logRoot(size, subtreesOf(sql, size));
}

/** {@link readLogRoot} from the revisions alone: what is kept of the tree may have been changed with them. */
export async function rereadRoot(
  read: <T>(work: (sql: Query) => Promise<T>) => Promise<T>,
  size: bigint,
): Promise<Uint8Array> {
  const tree = new LogFrontier();
  while (tree.size < size) {
    const left = size - tree.size;
    const count = left < LEAVES_PAGE ? Number(left) : LEAVES_PAGE;
    for (const leaf of await read((sql) => readLeaves(sql, tree.size, count))) tree.append(leaf);
    await turn();
  }
  return tree.root();
}

/**
 * Proves that the revision at a position is in the tree of the first `size` (RFC 6962, 2.1.1). All
 * revisions of its block are read for that.
 */
export async function readInclusion(
  sql: Query,
  position: bigint,
  size: bigint,
): Promise<readonly Uint8Array[]> {
  return logInclusionProof(position - 1n, size, subtreesOf(sql, size));
}

/** The places of a packet's revisions after a number, in order, as far as the tree of this size has them. */
export async function readPlaces(
  sql: Query,
  {
    packet,
    after,
    limit,
  }: { readonly packet: string; readonly after: number; readonly limit: number },
  size: bigint,
): Promise<LogPlace[]> {
  const rows = await rowsOf(sql<{ number: number; position: bigint }[]>`
    SELECT number, position FROM log_position
    WHERE packet = ${packet} AND number > ${after} AND position <= ${size}
    ORDER BY number LIMIT ${limit}`);
  const read = remembering(subtreesOf(sql, size));
  const places: LogPlace[] = [];
  for (const { number, position } of rows) {
    places.push({ number, position, proof: await logInclusionProof(position - 1n, size, read) });
  }
  return places;
}

/** Revisions that are near each other share most of their proofs. */
function remembering(read: SubtreeReader): SubtreeReader {
  const known = new Map<string, Promise<Uint8Array>>();
  return (level, index) => {
    const name = `${level} ${index}`;
    const hash = known.get(name) ?? read(level, index);
    known.set(name, hash);
    return hash;
  };
}

/** Proves that the tree of the first `to` revisions continues that of the first `from` (2.1.2). */
export async function readConsistency(
  sql: Query,
  from: bigint,
  to: bigint,
): Promise<readonly Uint8Array[]> {
  return logConsistencyProof(from, to, subtreesOf(sql, to));
}

/** The place of a revision in the log; null while it has none. */
export async function readPosition(
  sql: Query,
  packet: string,
  number: number,
): Promise<bigint | null> {
  const [row] = await rowsOf(sql<{ position: bigint }[]>`
    SELECT position FROM log_position WHERE packet = ${packet} AND number = ${number}`);
  return row?.position ?? null;
}

/** Reads each block of hashes once for one question. */
function subtreesOf(sql: Query, size: bigint): SubtreeReader {
  const blocks = new Map<string, Promise<readonly Uint8Array[]>>();
  const block = (level: number, index: bigint): Promise<readonly Uint8Array[]> => {
    const name = `${level} ${index}`;
    const known = blocks.get(name);
    if (known !== undefined) return known;
    const reading = readBlock(level, index);
    blocks.set(name, reading);
    return reading;
  };

  /** The complete subtrees of a kept level, in the block of this index. */
  async function readBlock(level: number, index: bigint): Promise<readonly Uint8Array[]> {
    const first = index * BigInt(BLOCK);
    const complete = size >> BigInt(level);
    const count = complete - first < BLOCK ? Number(complete - first) : BLOCK;
    if (level === 0) return readLeaves(sql, first, count);
    const kept = await readKept(sql, level, first, count);
    const missing: Kept[] = [];
    for (let at = kept.length; at < count; at += 1) {
      const place = first + BigInt(at);
      const hash = rootOf(await block(level - KEPT_EVERY_LEVELS, place));
      kept.push(hash);
      missing.push({ level, index: place, hash });
    }
    await keep(sql, missing);
    return kept;
  }

  return async (level, index) => {
    const below = level - (level % KEPT_EVERY_LEVELS);
    const count = 2 ** (level - below);
    const first = index * BigInt(count);
    const at = Number(first % BigInt(BLOCK));
    const hashes = await block(below, first / BigInt(BLOCK));
    return rootOf(hashes.slice(at, at + count));
  };
}

/** The root of a complete tree over these hashes, whose number is a power of two. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]];
      if (left === undefined || right === undefined) throw new LogBroken("a subtree has a gap");
      above.push(logNodeHash(left, right));
    }
    level = above;
  }
  const [root] = level;
  if (root === undefined) throw new LogBroken("it is shorter than the tree that was asked for");
  return root;
}

async function readLeaves(sql: Query, first: bigint, count: number): Promise<Uint8Array[]> {
  const rows = await rowsOf(sql<{ digest: Uint8Array }[]>`
    SELECT r.digest FROM (
      SELECT position, packet, number FROM log_position
      WHERE position > ${first} AND position <= ${first + BigInt(count)} ORDER BY position
    ) AS l CROSS JOIN LATERAL (
      SELECT digest FROM revision WHERE packet = l.packet AND number = l.number LIMIT 1
    ) AS r ORDER BY l.position`);
  if (rows.length !== count) throw new LogBroken("a revision of it is missing");
  return rows.map(({ digest }) => logLeafHash(digest));
}

interface Kept {
  readonly level: number;
  readonly index: bigint;
  readonly hash: Uint8Array;
}

/** What is kept from `first` on without a gap. */
async function readKept(
  sql: Query,
  level: number,
  first: bigint,
  count: number,
): Promise<Uint8Array[]> {
  const rows = await rowsOf(sql<Kept[]>`
    SELECT index, hash FROM log_subtree
    WHERE level = ${level} AND index >= ${first} AND index < ${first + BigInt(count)}
    ORDER BY index`);
  const gap = rows.findIndex(({ index }, at) => index !== first + BigInt(at));
  return rows.slice(0, gap === -1 ? rows.length : gap).map(({ hash }) => hash);
}

async function keep(sql: Query, subtrees: readonly Kept[]): Promise<void> {
  if (subtrees.length === 0) return;
  const column = columnsOf(sql, subtrees);
  await sql`
    INSERT INTO log_subtree (level, index, hash)
    SELECT * FROM unnest(
      ${column("int4", ({ level }) => level)}::int4[],
      ${column("int8", ({ index }) => index)}::int8[],
      ${column("bytea", ({ hash }) => hash)}::bytea[]
    ) ON CONFLICT DO NOTHING`;
}
