import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { RAISED } from "#ledger/fault.ts";
import type { Ledger, LoggedRevision } from "#ledger/ledger.ts";
import { SEQUENCE_PAGE } from "#ledger/limits.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, ledgerOn, readyPacket, record } from "./trainWorld.ts";

const fresh = freshDatabase();
const here = connect(fresh.appUrl, { applicationName: "holdfast here", connectionsMax: 8 });
const there = connect(fresh.appUrl, { applicationName: "holdfast there", connectionsMax: 8 });
const aside = connect(fresh.url, { applicationName: "holdfast aside", connectionsMax: 2 });
let ledger: Ledger;
/** Another process's ledger on the same database. */
let other: Ledger;
let packets: readonly string[];
beforeAll(async () => {
  [ledger, other] = await Promise.all([ledgerOn(here), ledgerOn(there)]);
  const made: string[] = [];
  for (const train of ["train-1", "train-2", "train-3"]) {
    made.push((await readyPacket(ledger, train)).packet);
  }
  packets = made;
});
afterAll(async () => {
  await Promise.all([ledger.close(), other.close()]);
  await Promise.all([here.close(), there.close(), aside.close()]);
});

const changed = [availability("sam", "WITHDRAWN")];

async function wholeLog(): Promise<LoggedRevision[]> {
  const log: LoggedRevision[] = [];
  for (;;) {
    const page = await other.logged(log.at(-1)?.position ?? 0n, 1000);
    if (page.length === 0) return log;
    log.push(...page);
  }
}

/** What is wrong with the log: gaps, and revisions that are missing or not in the order of their packet. */
async function faultsOfLog(): Promise<string[]> {
  const faults: string[] = [];
  const next = new Map<string, number>();
  for (const [index, { position, packet, number }] of (await wholeLog()).entries()) {
    if (position !== BigInt(index + 1)) faults.push(`position ${position} at ${index}`);
    const expected = next.get(packet) ?? 1;
    if (number !== expected) faults.push(`revision ${number} of ${packet}, not ${expected}`);
    next.set(packet, number + 1);
  }
  for (const { packet, revision } of await other.packets({}, null, 1000)) {
    if (next.get(packet) !== revision + 1) faults.push(`${packet} is not in the log to its end`);
  }
  return faults;
}

test("positions have no gap and keep each packet's order while two processes append and sequence at once", async () => {
  const heads: bigint[][] = [[], [], []];
  const appending = packets.flatMap((packet) =>
    [ledger, other].map(async (each) => {
      for (let n = 0; n < 40; n += 1) await record(each, packet, changed);
    }),
  );
  const over = new AbortController();
  const sequencing = [ledger, other, other].map(async (each, index) => {
    while (!over.signal.aborted) heads[index]?.push(await each.sequence());
  });
  await Promise.all(appending);
  over.abort();
  await Promise.all(sequencing);
  const newest = await ledger.sequence();
  expect(await faultsOfLog()).toEqual([]);
  expect(newest).toBe(BigInt((await wholeLog()).length));
  expect(await other.logHead()).toBe(newest);
  for (const seen of heads) {
    expect(seen).toEqual(seen.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  }
});

test("what was committed by a process that died before it sequenced is given its place by the next call", async () => {
  const [packet = ""] = packets;
  const dying = connect(fresh.appUrl, { applicationName: "holdfast dying", connectionsMax: 2 });
  const before = await ledger.sequence();
  const mortal = await ledgerOn(dying);
  await record(mortal, packet, changed);
  await record(mortal, packet, changed);
  await aside.sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'holdfast dying' AND datname = current_database()`;
  expect(await other.logHead()).toBe(before);
  expect(await other.sequence()).toBe(before + 2n);
  expect(await faultsOfLog()).toEqual([]);
  await dying.close();
});

test("a call that is cut off in the middle gives nothing, or all, and the next one the rest", async () => {
  const cut = connect(fresh.appUrl, { applicationName: "holdfast cut", connectionsMax: 2 });
  const mortal = await ledgerOn(cut);
  for (let n = 0; n < 10; n += 1) {
    await Promise.all(packets.map((packet) => record(ledger, packet, changed)));
    const sequenced = mortal.sequence();
    await aside.sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'holdfast cut' AND datname = current_database()`;
    expect(await sequenced).toBe(await other.sequence());
  }
  expect(await faultsOfLog()).toEqual([]);
  await mortal.close();
  await cut.close();
});

test("across packets the log is in the order of time, and where that is equal in the order of ids", async () => {
  const before = await ledger.sequence();
  for (const packet of packets.toReversed()) await record(ledger, packet, changed);
  await Promise.all(packets.map((packet) => record(other, packet, changed)));
  await ledger.sequence();
  const added = await ledger.logged(before, 100);
  const order = added.map(({ at, packet, number }) => ({ at: at.getTime(), packet, number }));
  const sorted = order.toSorted(
    (a, b) =>
      a.at - b.at ||
      (a.packet < b.packet ? -1 : a.packet > b.packet ? 1 : 0) ||
      a.number - b.number,
  );
  expect(order).toEqual(sorted);
});

test("more than one transaction takes at a time is taken by several", async () => {
  const [packet = ""] = packets;
  const before = await ledger.sequence();
  const count = SEQUENCE_PAGE + 100;
  await Promise.all(Array.from({ length: count }, () => record(ledger, packet, changed)));
  expect(await ledger.sequence()).toBe(before + BigInt(count));
  expect(await faultsOfLog()).toEqual([]);
});

test("a logged revision is the recorded one and its position; pages end where they are told to", async () => {
  const head = await ledger.sequence();
  const [last] = await ledger.logged(head - 1n, 5);
  expect(last?.position).toBe(head);
  expect(await ledger.logged(head, 5)).toEqual([]);
  const { position, ...revision } = last ?? { position: 0n };
  const recorded = await ledger.revision(last?.packet ?? "", last?.number ?? 0);
  expect(revision).toEqual(recorded);
  expect((await ledger.logged(3n, 2)).map((each) => each.position)).toEqual([4n, 5n]);
  expect(position).toBe(head);
});

test("where nothing is new, a call writes nothing and waits for nobody", async () => {
  const newest = await ledger.sequence();
  await aside.sql.begin(async (tx) => {
    await tx`LOCK TABLE log_position IN EXCLUSIVE MODE`;
    expect(await ledger.sequence()).toBe(newest);
  });
});

test("an append neither waits for whoever sequences nor writes a position", async () => {
  const [packet = ""] = packets;
  const newest = await ledger.sequence();
  await aside.sql.begin(async (tx) => {
    await tx`LOCK TABLE log_position IN ACCESS EXCLUSIVE MODE`;
    await record(ledger, packet, changed);
  });
  expect(await ledger.logHead()).toBe(newest);
  expect(await ledger.sequence()).toBe(newest + 1n);
});

describe("the database by itself refuses", () => {
  const position = async (place: bigint, packet: string, number: number) => aside.sql`
    INSERT INTO log_position (position, packet, number) VALUES (${place}, ${packet}, ${number})`;

  test("a position that leaves one out, or that is taken", async () => {
    const newest = await ledger.sequence();
    const [packet = ""] = packets;
    const head = (await ledger.heads([packet])).get(packet)?.revision ?? 0;
    await record(ledger, packet, changed);
    const refused = { code: RAISED.log };
    await expect(position(newest + 2n, packet, head + 1)).rejects.toMatchObject(refused);
    await expect(position(newest, packet, head + 1)).rejects.toMatchObject({ code: "23505" });
    await expect(position(0n, packet, head + 1)).rejects.toMatchObject({ code: "23505" });
    await position(newest + 1n, packet, head + 1);
    expect(await ledger.sequence()).toBe(newest + 1n);
  });

  test("a revision out of its packet's order, twice, or that is not there", async () => {
    const newest = await ledger.sequence();
    const [packet = ""] = packets;
    const head = (await ledger.heads([packet])).get(packet)?.revision ?? 0;
    await record(ledger, packet, changed);
    await record(ledger, packet, changed);
    const refused = { code: RAISED.log };
    await expect(position(newest + 1n, packet, head + 2)).rejects.toMatchObject(refused);
    await expect(position(newest + 1n, packet, head)).rejects.toMatchObject(refused);
    await ledger.sequence();
    await expect(position(newest + 3n, packet, head + 3)).rejects.toMatchObject(refused);
    const nowhere = "019a0000-0000-7000-8000-000000000000";
    await expect(position(newest + 3n, nowhere, 1)).rejects.toMatchObject(refused);
    expect(await faultsOfLog()).toEqual([]);
  });
});
