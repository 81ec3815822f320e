import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Fact } from "#packet/fact.ts";
import type { Ledger, Revision } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import {
  OWNER,
  asking,
  availability,
  enclave,
  granted,
  ledgerOn,
  readyPacket,
  record,
  report,
} from "./trainWorld.ts";

const fresh = freshDatabase();
const options = { applicationName: "holdfast tests", connectionsMax: 4 };
const here = connect(fresh.appUrl, options);
const there = connect(fresh.appUrl, options);
let ours: Ledger;
let theirs: Ledger;
beforeAll(async () => {
  [ours, theirs] = [await ledgerOn(here), await ledgerOn(there)];
});
afterAll(async () => {
  await Promise.all([ours.close(), theirs.close()]);
  await Promise.all([here.close(), there.close()]);
});

/** With its bytes written out, so that whoever made them does not count. */
function shown({ header, body, ...rest }: Revision) {
  return { ...rest, header: Buffer.from(header).toString(), body: Buffer.from(body).toString() };
}

async function told(ledger: Ledger, packet: string, after: number) {
  return (await ledger.revisionsOf(new Map([[packet, after]]), 64)).map(shown);
}

test("what a process has just committed is told as another process reads it", async () => {
  const { packet } = await readyPacket(ours, "train-1");
  const { revision: before } = await headOf(packet);
  await record(ours, packet, [availability("sam", "WITHDRAWN")]);
  await report(ours, false, [enclave("north", "UNSEALED")]);
  const decide = (): Fact => ({ kind: "PACKET_WITHDRAWN", reason: "over" });
  granted(await ours.append({ packet, asker: asking(OWNER, "packetWithdraw"), decide }));
  const known = await told(ours, packet, before);
  expect(known.map(({ cause }) => cause)).toContain("PACKET_WITHDRAWN");
  expect(known).toEqual(await told(theirs, packet, before));
});

test("what others wrote in between ends what is known, and is read from there", async () => {
  const { packet } = await readyPacket(ours, "train-2");
  const { revision: before } = await headOf(packet);
  const drift = async (ledger: Ledger, status: "WITHDRAWN" | "COMMITTED") => {
    await record(ledger, packet, [availability("sam", status)]);
  };
  await drift(ours, "WITHDRAWN");
  await drift(theirs, "COMMITTED");
  await drift(ours, "WITHDRAWN");
  const numbers = async (after: number) =>
    (await told(ours, packet, after)).map(({ number }) => number - before);
  expect([await numbers(before), await numbers(before + 1)]).toEqual([[1], [2, 3]]);
});

test("several packets are told together, known or not", async () => {
  const { packet: known } = await readyPacket(ours, "train-3");
  const { packet: unknown } = await readyPacket(theirs, "train-4");
  await record(ours, known, [availability("sam", "WITHDRAWN")]);
  await record(theirs, unknown, [availability("sam", "WITHDRAWN")]);
  const after = new Map([
    [unknown, 1],
    [known, 1],
  ]);
  const packets = (await ours.revisionsOf(after, 64)).map(({ packet }) => packet);
  expect(new Set(packets)).toEqual(new Set([known, unknown]));
});

async function headOf(packet: string) {
  const head = (await theirs.heads([packet])).get(packet);
  if (head === undefined) throw new Error("the packet is not there");
  return head;
}
