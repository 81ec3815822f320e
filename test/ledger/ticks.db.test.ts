import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { LAPSES_LOCK } from "#ledger/dueLapses.ts";
import type { Ledger, StepRequest } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type HeardNode, startHeardNode } from "./heardNode.ts";
import { passEpochs } from "./passEpochs.ts";
import {
  acceptAll,
  contents,
  enclave,
  goodNews,
  granted,
  ledgerOn,
  open,
  report,
  stateOf,
} from "./trainWorld.ts";

const OTHERS = 40;
const MAX_AGE = 10n;

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 8 });
const { sql } = database;
const nodes: HeardNode[] = [];
let writer: Ledger;
beforeAll(async () => {
  writer = await ledgerOn(database);
  await report(writer, false, [enclave("vault")]);
  // Packets for which nothing is due in any of these tests.
  await Promise.all(Array.from({ length: OTHERS }, (_none, at) => openPacket(`other-${at}`)));
});
afterAll(() => Promise.all([database.close(), ...nodes.map((node) => node.close())]));

async function startNode(): Promise<HeardNode> {
  const node = await startHeardNode(fresh.appUrl);
  nodes.push(node);
  return node;
}

/** How many packets a process has folded: each is read from its first revision on. */
function folded({ statements }: HeardNode): number {
  return statements.filter((statement) => /FROM revision\s+WHERE packet = /.test(statement)).length;
}

async function openPacket(train: string, digestMaxAge = 500_000n): Promise<string> {
  const key = { exercise: false, train };
  const { FRESHNESS_POLICY } = contents(train);
  await acceptAll(writer, key, { FRESHNESS_POLICY: { ...FRESHNESS_POLICY, digestMaxAge } });
  return (await open(writer, key, goodNews())).packet;
}

let trains = 0;

/** So many packets whose evidence is too old at the next epoch but one, at which it is now. */
async function duePackets(count: number): Promise<string[]> {
  const opened = Array.from({ length: count }, () => openPacket(`due-${(trains += 1)}`, MAX_AGE));
  const packets = await Promise.all(opened);
  await passEpochs(sql, Number(MAX_AGE) + 1);
  return packets;
}

async function lapsesOf(packet: string): Promise<string[]> {
  const revisions = await writer.revisions(packet, 1, 100);
  return revisions.map(({ cause, status }) => `${cause} ${status}`);
}

const LAPSED = ["EPOCH_REACHED ON_HOLD"];

/** A tick for which no step is due, so that what is found is what another left. */
const idle: StepRequest = { asker: null, decide: () => null };
/** A tick for which one is. */
const stepping: StepRequest = {
  asker: null,
  decide: (clock, at) => ({
    clock: { ...clock, epoch: clock.epoch + 1n, steppedAt: at },
    change: null,
  }),
};

describe("a tick for which nothing is due", () => {
  test("is one statement", async () => {
    const { ledger, statements } = await startNode();
    expect(await ledger.stepClock(idle)).toBeNull();
    expect(statements).toHaveLength(1);
  });

  test("waits for nobody, whatever they have locked", async () => {
    const { ledger } = await startNode();
    await sql.begin(async (held) => {
      await held`SELECT pg_advisory_xact_lock(${LAPSES_LOCK})`;
      await held`SELECT FROM deployment FOR UPDATE`;
      await held`SELECT FROM packet_head FOR UPDATE`;
      expect(await ledger.stepClock(idle)).toBeNull();
      // Nor does a step.
      expect(await ledger.stepClock(stepping)).toMatchObject({ appended: [] });
    });
  });
});

describe("what is due", () => {
  test(`is all that is evaluated: 3 packets of ${OTHERS + 3}`, async () => {
    const packets = await duePackets(3);
    const node = await startNode();
    const step = granted(await node.ledger.stepClock(stepping));
    expect(step?.unreadable).toEqual([]);
    expect(folded(node)).toBe(3);
    for (const packet of packets) expect(await lapsesOf(packet)).toEqual(LAPSED);
    const next = await startNode();
    expect(await next.ledger.stepClock(idle)).toBeNull();
    expect(next.statements).toHaveLength(1);
  });

  test("is written by whoever ticks next, where the one that stepped did not get to it", async () => {
    const packets = await duePackets(18);
    const node = await startNode();
    expect(await node.ledger.stepClock(idle)).toBeNull();
    for (const packet of packets) expect(await lapsesOf(packet)).toEqual(LAPSED);
  });

  test("is evaluated once, however many tick at a time", async () => {
    const packets = await duePackets(18);
    const two = [await startNode(), await startNode()];
    const ticks = two.flatMap(({ ledger }) =>
      Array.from({ length: 10 }, () => ledger.stepClock(idle)),
    );
    expect(new Set(await Promise.all(ticks))).toEqual(new Set([null]));
    for (const packet of packets) expect(await lapsesOf(packet)).toEqual(LAPSED);
    expect(two.reduce((sum, node) => sum + folded(node), 0)).toBe(packets.length);
  });

  test("is left to whoever is at it, without waiting for them", async () => {
    const [packet = ""] = await duePackets(1);
    const node = await startNode();
    const held = await sql.reserve();
    await held`SELECT pg_advisory_lock(${LAPSES_LOCK})`;
    expect(await node.ledger.stepClock(idle)).toBeNull();
    expect(await node.ledger.stepClock(stepping)).not.toBeNull();
    expect(folded(node)).toBe(0);
    expect(await lapsesOf(packet)).toEqual([]);
    await held`SELECT pg_advisory_unlock(${LAPSES_LOCK})`;
    held.release();
    expect(await node.ledger.stepClock(idle)).toBeNull();
    expect(await lapsesOf(packet)).toEqual(LAPSED);
  });

  test("of a packet that somebody changes keeps no other waiting, and is found again", async () => {
    const [changed = "", packet = ""] = await duePackets(2);
    const node = await startNode();
    const held = await sql.reserve();
    await held`BEGIN`;
    await held`SELECT FROM packet_head WHERE packet = ${changed} FOR UPDATE`;
    expect(await node.ledger.stepClock(idle)).toBeNull();
    expect(await lapsesOf(packet)).toEqual(LAPSED);
    expect(await lapsesOf(changed)).toEqual([]);
    await held`ROLLBACK`;
    held.release();
    expect(await node.ledger.stepClock(idle)).toBeNull();
    expect(await lapsesOf(changed)).toEqual(LAPSED);
  });

  test("of a packet that cannot be read keeps no other from it, and is tried once at each epoch", async () => {
    const [broken = "", packet = ""] = await duePackets(2);
    await sql.begin(async (tx) => {
      await tx`ALTER TABLE revision DISABLE TRIGGER ALL`;
      await tx`UPDATE revision SET steady_since = 1, body = body || '\x20' WHERE packet = ${broken}`;
      await tx`ALTER TABLE revision ENABLE TRIGGER ALL`;
      await tx`ALTER TABLE revision ENABLE ALWAYS TRIGGER append_only`;
      await tx`ALTER TABLE revision ENABLE ALWAYS TRIGGER follows`;
    });
    const node = await startNode();
    expect(granted(await node.ledger.stepClock(stepping))?.unreadable).toEqual([broken]);
    expect(await lapsesOf(packet)).toEqual(LAPSED);
    expect(folded(node)).toBe(2);
    node.statements.splice(0);
    expect(await node.ledger.stepClock(idle)).toBeNull();
    expect(node.statements).toHaveLength(1);
    await passEpochs(sql, 1);
    expect(granted(await node.ledger.stepClock(stepping))?.unreadable).toEqual([broken]);
  });
});

test("none of it reached a packet for which nothing was due", async () => {
  const heads = await writer.packets({ isOpen: true }, null, 1_000);
  const others = heads.filter(({ train }) => train.startsWith("other-"));
  expect(others).toHaveLength(OTHERS);
  expect(new Set(others.map(({ revision }) => revision))).toEqual(new Set([1]));
  const [first] = others;
  expect((await stateOf(writer, first?.packet ?? "")).status).toBe("READY_FOR_APPROVAL");
});
