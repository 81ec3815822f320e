import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Appended, Ledger } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { chainOf } from "./chain.ts";
import {
  OWNER,
  PREPARER,
  REPORTER,
  accept,
  acceptAll,
  asking,
  digestOf,
  enclave,
  entriesOf,
  goodNews,
  granted,
  ledgerOn,
  open,
  report,
  stateOf,
} from "./trainWorld.ts";

const fresh = freshDatabase();
const here = connect(fresh.appUrl, { applicationName: "holdfast here", connectionsMax: 8 });
const there = connect(fresh.appUrl, { applicationName: "holdfast there", connectionsMax: 8 });
let ledger: Ledger;
let other: Ledger;
beforeAll(async () => {
  [ledger, other] = await Promise.all([ledgerOn(here), ledgerOn(there)]);
});
afterAll(() => Promise.all([here.close(), there.close()]));

let trains = 0;

function enclavesOf(names: readonly string[]) {
  const enclaves = names.map((name) => ({ enclave: name, measurement: digestOf("measured") }));
  return { kind: "REQUIRED_ENCLAVES" as const, enclaves, requiredEnclaves: 1 };
}

/** The packet of a new train that relies on these enclaves. */
async function packetRelyingOn(names: readonly string[], exercise = false): Promise<Appended> {
  const key = { exercise, train: `train-${(trains += 1)}` };
  await acceptAll(ledger, key, { REQUIRED_ENCLAVES: enclavesOf(names) });
  return open(ledger, key, goodNews());
}

async function entriesOn(packet: string, name: string) {
  const { facts } = await stateOf(other, packet);
  return facts.evidence.get(`ENCLAVE_REPORT ${name}`) ?? [];
}

describe("rule 3.6: a report on a shared subject", () => {
  test("reaches every open packet that depends on it, in one change, and no other", async () => {
    const near = await packetRelyingOn(["north"]);
    const both = await packetRelyingOn(["north", "south"]);
    const far = await packetRelyingOn(["south"]);
    const { appended } = await report(ledger, false, [enclave("north")]);
    const told = [near, both].map(({ packet }) => packet).toSorted();
    expect(appended.map(({ packet, revision }) => [packet, revision])).toEqual(
      told.map((packet) => [packet, 2]),
    );
    expect(await stateOf(ledger, near.packet)).toMatchObject({ status: "READY_FOR_APPROVAL" });
    expect((await stateOf(ledger, far.packet)).revision).toBe(1);
    const ats = await Promise.all(appended.map(({ packet }) => ledger.revision(packet, 2)));
    expect(new Set(ats.map((revision) => revision?.at.getTime())).size).toBe(1);
  });

  test("tells each packet only what it depends on", async () => {
    const one = await packetRelyingOn(["n1"]);
    const two = await packetRelyingOn(["s1"]);
    await report(ledger, false, [enclave("n1"), enclave("s1")]);
    expect(await entriesOn(one.packet, "n1")).toHaveLength(1);
    expect(await entriesOn(one.packet, "s1")).toHaveLength(0);
    expect(await entriesOn(two.packet, "s1")).toHaveLength(1);
  });

  test("rule 2.3: never crosses between exercises and real packets", async () => {
    const real = await packetRelyingOn(["east"]);
    const practice = await packetRelyingOn(["east"], true);
    await report(ledger, true, [enclave("east", "UNSEALED")]);
    expect((await stateOf(ledger, real.packet)).revision).toBe(1);
    expect((await stateOf(ledger, practice.packet)).revision).toBe(2);
    const later = await packetRelyingOn(["east"]);
    expect(await entriesOn(later.packet, "east")).toEqual([]);
  });

  test("does not reach a packet that is closed, and no packet but once for a key", async () => {
    const closed = await packetRelyingOn(["west"]);
    const decide = () => ({ kind: "PACKET_WITHDRAWN", reason: "over" }) as const;
    granted(
      await ledger.append({
        packet: closed.packet,
        asker: asking(OWNER, "packetWithdraw"),
        decide,
      }),
    );
    const open = await packetRelyingOn(["west"]);
    const request = {
      exercise: false,
      asker: asking(REPORTER, "sharedRecord"),
      subjects: [{ kind: "ENCLAVE_REPORT", name: "west" } as const],
      decide: (_known: unknown, { epoch }: { epoch: bigint }) =>
        entriesOf([enclave("west")], { actor: REPORTER, epoch }),
    };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? ledger : other).report(request)),
    );
    const told = answers.map((answer) => granted(answer).appended.map((each) => each.revision));
    expect(told).toEqual(Array.from({ length: 10 }, () => [2]));
    expect(answers.filter((answer) => !granted(answer).repeated)).toHaveLength(1);
    expect((await stateOf(ledger, open.packet)).revision).toBe(2);
    expect((await stateOf(ledger, closed.packet)).revision).toBe(2);
  });

  test("is shown to the next reporter as the newest word by each", async () => {
    await report(ledger, false, [enclave("deep")]);
    await report(ledger, false, [enclave("deep", "UNSEALED")]);
    let known: readonly unknown[] = [];
    await ledger.report({
      exercise: false,
      asker: asking(REPORTER, "sharedRecord"),
      subjects: [{ kind: "ENCLAVE_REPORT", name: "deep" }],
      decide: ({ entries }) => {
        known = entries;
        return [];
      },
    });
    expect(known).toMatchObject([{ enclave: "deep", sealing: "UNSEALED" }]);
  });
});

test("rule 3.3: a packet that opens folds in the newest report on all it depends on", async () => {
  await report(ledger, false, [enclave("old", "UNSEALED")]);
  await report(ledger, false, [enclave("old")]);
  const { packet, revision } = await packetRelyingOn(["old"]);
  expect(revision).toBe(1);
  expect(await entriesOn(packet, "old")).toMatchObject([{ sealing: "SEALED" }]);
  expect((await stateOf(ledger, packet)).status).toBe("READY_FOR_APPROVAL");
});

test("a source that adds a dependency brings the reports on it along", async () => {
  await report(ledger, false, [enclave("fresh")]);
  const { packet } = await packetRelyingOn(["stale"]);
  const key = { exercise: false, train: `train-${trains}` };
  const { appended } = await accept(ledger, key, enclavesOf(["stale", "fresh"]));
  expect(appended?.revision).toBe(2);
  expect(await entriesOn(packet, "fresh")).toHaveLength(1);
  await report(ledger, false, [enclave("fresh", "UNSEALED")]);
  expect(await entriesOn(packet, "fresh")).toMatchObject([{ sealing: "UNSEALED" }]);
});

test("a packet that opens, or comes to depend, while a report arrives never misses it", async () => {
  const key = { exercise: true, train: "racing" };
  const came = { first: 0, later: 0 };
  let races = 0;
  // One side or the other starts some round trips late: neither order is left to the machine's speed.
  const late = async (roundTrips: number): Promise<void> => {
    for (let trip = 0; trip < roundTrips; trip += 1) await ledger.moment();
  };
  const race = async (name: string, depend: () => Promise<{ packet: string } | null>) => {
    races += 1;
    const lead = (races % 17) - 8;
    const reporting = async (): Promise<void> => {
      await late(lead);
      const { appended } = await report(other, true, [enclave(name)]);
      came[appended.length === 0 ? "first" : "later"] += 1;
    };
    const [depending] = await Promise.all([late(-lead).then(depend), reporting()]);
    if (depending === null) throw new Error("the train has no open packet");
    expect(await entriesOn(depending.packet, name)).toHaveLength(1);
    return depending.packet;
  };
  await acceptAll(ledger, key);
  for (let round = 0; round < 200; round += 2) {
    await accept(ledger, key, enclavesOf([`opens-${round}`]));
    const packet = await race(`opens-${round}`, () => open(ledger, key));
    await race(`depends-${round}`, async () => {
      const { appended } = await accept(ledger, key, enclavesOf([`depends-${round}`]));
      return appended;
    });
    const decide = () => ({ kind: "PACKET_WITHDRAWN", reason: "over" }) as const;
    granted(await ledger.append({ packet, asker: asking(OWNER, "packetWithdraw"), decide }));
  }
  expect(came.first).toBeGreaterThan(0);
  expect(came.later).toBeGreaterThan(0);
}, 120_000);

test("many reports on crossing subjects, in two processes, wait for no deadlock", async () => {
  const names = ["x1", "x2", "x3", "x4"];
  const packets = await Promise.all(names.map((_, n) => packetRelyingOn(names.slice(0, n + 1))));
  const reports = Array.from({ length: 40 }, (_, n) => {
    const crossing = [enclave(names[n % 4] ?? "x1"), enclave(names[(n * 3 + 1) % 4] ?? "x2")];
    const distinct = new Map(crossing.map((each) => [JSON.stringify(each), each]));
    return report(n % 2 === 0 ? ledger : other, false, [...distinct.values()]);
  });
  const answers = await Promise.all(reports);
  expect(answers).toHaveLength(40);
  for (const { packet } of packets) {
    const { revision } = await stateOf(ledger, packet);
    expect(await chainOf(ledger, packet)).toHaveLength(revision);
    expect((await (await ledgerOn(there)).state(packet))?.state.revision).toBe(revision);
  }
});

test("a report may speak of no subject that was not locked for it", async () => {
  const reporting = ledger.report({
    exercise: false,
    asker: asking(PREPARER, "sharedRecord"),
    subjects: [{ kind: "ENCLAVE_REPORT", name: "north" }],
    decide: (_known, { epoch }) => entriesOf([enclave("south")], { actor: REPORTER, epoch }),
  });
  await expect(reporting).rejects.toThrow("not announced");
});
