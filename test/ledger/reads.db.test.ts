import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Fact } from "#packet/fact.ts";
import type { Ledger, PacketFilter } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import {
  OWNER,
  accept,
  asking,
  availability,
  granted,
  ledgerOn,
  manifestOf,
  open,
  readyPacket,
  record,
} from "./trainWorld.ts";

const NOWHERE = "019a0000-0000-7000-8000-000000000000";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let ledger: Ledger;
/** Packets by what is particular about them. */
let ready: string;
let held: string;
let closed: string;
let successor: string;
let exercise: string;
beforeAll(async () => {
  ledger = await ledgerOn(database);
  closed = (await readyPacket(ledger, "train-1")).packet;
  held = (await readyPacket(ledger, "train-2")).packet;
  exercise = (await readyPacket(ledger, "train-2", true)).packet;
  const asker = asking(OWNER, "packetWithdraw");
  const decide = (): Fact => ({ kind: "PACKET_WITHDRAWN", reason: "over" });
  granted(await ledger.append({ packet: closed, asker, decide }));
  await record(ledger, held, [availability("sam", "WITHDRAWN")]);
  successor = (await open(ledger, { exercise: false, train: "train-1" })).packet;
  ready = (await readyPacket(ledger, "train-3")).packet;
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

describe("a list of packets", () => {
  const listed = async (filter: PacketFilter, after: string | null = null, limit = 100) => {
    const names = new Map([
      [ready, "ready"],
      [held, "held"],
      [closed, "closed"],
      [successor, "successor"],
      [exercise, "exercise"],
    ]);
    const heads = await ledger.packets(filter, after, limit);
    return heads.map(({ packet }) => names.get(packet) ?? packet);
  };

  test.each<[string, PacketFilter, string[]]>([
    ["without a filter", {}, ["closed", "held", "exercise", "successor", "ready"]],
    ["of one status", { statuses: ["READY_FOR_APPROVAL"] }, ["exercise", "ready"]],
    ["of two", { statuses: ["CLOSED", "READY_FOR_APPROVAL"] }, ["closed", "exercise", "ready"]],
    ["of no status at all", { statuses: [] }, []],
    ["of a train", { train: "train-2" }, ["held", "exercise"]],
    ["of exercises", { exercise: true }, ["exercise"]],
    ["of real trains", { exercise: false }, ["closed", "held", "successor", "ready"]],
    ["of what is open", { isOpen: true }, ["held", "exercise", "successor", "ready"]],
    ["of what is not", { isOpen: false }, ["closed"]],
    ["of all of these", { train: "train-1", isOpen: true, exercise: false }, ["successor"]],
    ["of a train that is not there", { train: "' OR true --" }, []],
  ])("%s", async (_what, filter, expected) => {
    expect(await listed(filter)).toEqual(expected);
  });

  test("goes on after a packet, also after one that the filter leaves out", async () => {
    expect(await listed({ isOpen: true }, closed, 2)).toEqual(["held", "exercise"]);
    expect(await listed({ isOpen: true }, exercise, 2)).toEqual(["successor", "ready"]);
    expect(await listed({}, ready)).toEqual([]);
  });
});

test("a revision is found by its digest, in its own packet only", async () => {
  const second = await ledger.revision(held, 2);
  expect(second).not.toBeNull();
  const digest = second?.digest ?? "";
  expect(await ledger.revisionByDigest(held, digest)).toEqual(second);
  expect(await ledger.revisionByDigest(ready, digest)).toBeNull();
  expect(await ledger.revisionByDigest(held, "ab".repeat(32))).toBeNull();
});

test("heads are those of the packets that there are", async () => {
  expect(await ledger.heads([])).toEqual(new Map());
  const heads = await ledger.heads([held, NOWHERE, ready, held]);
  expect([...heads.keys()].toSorted()).toEqual([held, ready].toSorted());
  for (const [packet, { revision, digest }] of heads) {
    expect(await ledger.revision(packet, revision)).toMatchObject({ digest });
    expect(await ledger.revision(packet, revision + 1)).toBeNull();
  }
});

test("the versions of a source come in order, as they were accepted", async () => {
  const key = { exercise: false, train: "train-3" };
  const accepted = [];
  for (const names of [["app", "lib"], ["app"]]) {
    accepted.push((await accept(ledger, key, manifestOf(names))).source);
  }
  const versions = await ledger.sourceVersions(key, "MANIFEST", 0, 10);
  expect(versions.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(versions.slice(1)).toEqual(accepted);
  expect(await ledger.sourceVersions(key, "MANIFEST", 1, 1)).toEqual(accepted.slice(0, 1));
  expect(await ledger.sourceVersions(key, "MANIFEST", 3, 10)).toEqual([]);
  expect(await ledger.sourceVersions({ ...key, exercise: true }, "MANIFEST", 0, 10)).toEqual([]);
});

describe("a key for a purpose", () => {
  test("is HKDF-SHA256 of the deployment's secret (RFC 5869)", async () => {
    const [row] = await database.sql<{ secret: Uint8Array }[]>`SELECT secret FROM deployment`;
    const extracted = createHmac("sha256", Buffer.alloc(32))
      .update(row?.secret ?? "")
      .digest();
    const expanded = createHmac("sha256", extracted).update("holdfast/cursor\u0001").digest();
    expect(Buffer.from(ledger.keyFor("cursor")).equals(expanded)).toBe(true);
  });

  test("is the same for every process and after a restart, and another for each purpose", async () => {
    const again = await ledgerOn(database);
    expect(again.keyFor("cursor")).toEqual(ledger.keyFor("cursor"));
    expect(again.keyFor("cursors")).not.toEqual(ledger.keyFor("cursor"));
    await again.close();
  });
});
