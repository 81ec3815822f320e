import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { LogBroken } from "#ledger/fault.ts";
import type { Ledger } from "#ledger/ledger.ts";
import {
  LogFrontier,
  logLeafHash,
  verifyLogConsistency,
  verifyLogInclusion,
} from "#proof/logTree.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, ledgerOn, readyPacket, record, stateOf } from "./trainWorld.ts";

/** More than one kept subtree of 2^8 leaves, and some leaves beyond. */
const REVISIONS = 600;

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let ledger: Ledger;
let packet: string;
let leaves: readonly Uint8Array[];
/** The root of the first n leaves, at n; computed here, leaf by leaf. */
let roots: readonly Uint8Array[];

beforeAll(async () => {
  ledger = await ledgerOn(database);
  packet = (await readyPacket(ledger, "train-1")).packet;
  const news = ["WITHDRAWN", "COMMITTED"] as const;
  await Promise.all(
    Array.from({ length: REVISIONS }, (_, n) =>
      record(ledger, packet, [availability("sam", news[n % 2] ?? "COMMITTED")]),
    ),
  );
  const head = await ledger.sequence();
  const frontier = new LogFrontier();
  const grown = [frontier.root()];
  const hashes: Uint8Array[] = [];
  for (let after = 0n; after < head;) {
    for (const { digest, position } of await ledger.logged(after, 500)) {
      hashes.push(logLeafHash(Buffer.from(digest, "hex")));
      frontier.append(hashes.at(-1) ?? new Uint8Array());
      grown.push(frontier.root());
      after = position;
    }
  }
  [leaves, roots] = [hashes, grown];
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

const SIZES = [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 600];

test("the root at any size is that of the revisions in the order of the log", async () => {
  expect(leaves.length).toBeGreaterThan(REVISIONS);
  for (const size of [...SIZES, leaves.length]) {
    expect(await ledger.logRoot(BigInt(size))).toEqual(roots[size]);
  }
});

test("any revision is proven to be in the log at any size that has it", async () => {
  for (const size of [1, 256, 257, 513, leaves.length]) {
    for (const position of [1, 128, 256, 257, 400, 512, 513, size].filter((at) => at <= size)) {
      const proof = await ledger.inclusion(BigInt(position), BigInt(size));
      const claim = {
        index: BigInt(position - 1),
        size: BigInt(size),
        leafHash: leaves[position - 1] ?? new Uint8Array(),
        root: roots[size] ?? new Uint8Array(),
        proof,
      };
      expect(verifyLogInclusion(claim)).toBe(true);
    }
  }
});

test("any earlier log is proven to go on in a later one", async () => {
  for (const from of SIZES.filter((size) => size > 0)) {
    for (const to of [...SIZES, leaves.length].filter((size) => size >= from)) {
      const claim = {
        from: BigInt(from),
        to: BigInt(to),
        fromRoot: roots[from] ?? new Uint8Array(),
        toRoot: roots[to] ?? new Uint8Array(),
        proof: await ledger.consistency(BigInt(from), BigInt(to)),
      };
      expect(verifyLogConsistency(claim)).toBe(true);
    }
  }
});

test("what is kept of the tree is what the revisions say", async () => {
  await ledger.logRoot(512n);
  const kept = await database.sql<{ level: number; index: bigint; hash: Uint8Array }[]>`
    SELECT level, index, hash FROM log_subtree ORDER BY level, index`;
  expect(kept.map(({ level, index }) => [level, index])).toEqual([
    [8, 0n],
    [8, 1n],
  ]);
  expect(kept[0]?.hash).toEqual(roots[256]);
});

test("a log is never taken to be longer than it is", async () => {
  const beyond = BigInt(leaves.length + 1);
  await expect(ledger.logRoot(beyond)).rejects.toThrow(LogBroken);
});

test("a revision has the position that the log gives it", async () => {
  const { revision } = await stateOf(ledger, packet);
  expect(await ledger.position(packet, revision)).toBe(BigInt(leaves.length));
  expect(await ledger.position(packet, revision + 1)).toBeNull();
});
