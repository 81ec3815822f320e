import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { readExposition } from "../door/exposition.ts";
import { bearer, ownFolder, textOf } from "../identity/passports.ts";
import {
  acceptAll,
  contents,
  enclave,
  goodNews,
  ledgerOn,
  open,
  report,
} from "../ledger/trainWorld.ts";
import { type HttpNode, PASSPORTS, startHttpNode } from "./httpNode.ts";
import { lineageFaults } from "./lineageCheck.ts";
import { type Wire, openWire } from "./wire.ts";

const EPOCH_MS = 1_500;
/** More than two nodes on a busy machine ever take, and less than a stopped one is stopped for. */
const TICK_GAP_MAX_MS = 12_000;

const fresh = freshDatabase();
const folder = ownFolder();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 8 });
const { sql } = database;
let wire: Wire;
/** The node whose every statement can be met. */
let met: HttpNode;
let other: HttpNode;
let isKilled = false;
let ledger: Ledger;
beforeAll(async () => {
  const principals = path.join(folder.path, "principals.json");
  await writeFile(principals, textOf(...Object.values(PASSPORTS)));
  wire = await openWire(fresh.appUrl);
  const more = {
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_TICK_GAP_MAX_MS: String(TICK_GAP_MAX_MS),
  };
  const start = (name: string, appUrl: string): Promise<HttpNode> =>
    startHttpNode(fresh.url, principals, { appUrl, data: path.join(folder.path, name), more });
  met = await start("data", wire.url);
  other = await start("data", fresh.appUrl);
  ledger = await ledgerOn(database);
  await report(ledger, false, [enclave("vault")]);
});
afterAll(async () => {
  goOn(other);
  await Promise.all(isKilled ? [other.kill()] : [met.kill(), other.kill()]);
  await wire.close();
  await database.close();
});

function stop({ pid }: HttpNode): void {
  process.kill(pid, "SIGSTOP");
}

function goOn({ pid }: HttpNode): void {
  process.kill(pid, "SIGCONT");
}

async function epochNow(): Promise<bigint> {
  return (await ledger.moment()).epoch;
}

/** Resolves when the epoch has taken so many steps from now on. */
async function pass(epochs: bigint): Promise<void> {
  const from = await epochNow();
  while ((await epochNow()) < from + epochs) continue;
}

/** How many ticks of a node came to this. */
async function ticks(node: HttpNode, outcome: string): Promise<number> {
  const headers = { authorization: bearer(PASSPORTS.ivan) };
  const families = readExposition(await (await fetch(`${node.url}/metrics`, { headers })).text());
  const { samples = [] } = families.get("holdfast_epoch_ticks_total") ?? {};
  return samples.find(({ labels }) => labels["outcome"] === outcome)?.value ?? 0;
}

/** How many of its ticks did not fail. */
async function settled(node: HttpNode): Promise<number> {
  return (await ticks(node, "done")) + (await ticks(node, "idle"));
}

let trains = 0;

/** Packets whose evidence grows too old in three epochs, while these nodes tick. */
async function agingPackets(count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const key = { exercise: false, train: `train-${(trains += 1)}` };
      const { FRESHNESS_POLICY } = contents(key.train);
      await acceptAll(ledger, key, { FRESHNESS_POLICY: { ...FRESHNESS_POLICY, digestMaxAge: 3n } });
      return (await open(ledger, key, goodNews())).packet;
    }),
  );
}

/** Resolves when each of these packets has lapsed. */
async function lapsed(packets: readonly string[]): Promise<void> {
  for (const packet of packets) {
    while ((await ledger.revision(packet, 2)) === null) continue;
  }
}

/** Lets one node tick alone until it sends this statement, lets the fault happen, and the other go on. */
async function whenMet(
  statement: RegExp,
  moment: "BEFORE" | "ANSWERED",
  fault: () => Promise<void>,
): Promise<void> {
  stop(other);
  await wire.arm({
    statement,
    moment,
    async happens() {
      const over = fault();
      goOn(other);
      await over;
    },
  });
}

test("every epoch is one step, and the steps of all nodes together are all there are", async () => {
  const steps = async (): Promise<number> =>
    (await sql`SELECT FROM clock_step WHERE seq > 1`).length;
  await pass(3n);
  // A step is counted a moment after it is committed.
  let counted = -1;
  for (let taken = 0; counted !== taken; taken = await steps()) {
    const [one, two] = await Promise.all([ticks(met, "done"), ticks(other, "done")]);
    counted = one + two;
    expect(counted).toBeLessThanOrEqual(await steps());
  }
  expect(await ticks(met, "idle")).toBeGreaterThan(0);
  expect(await ticks(other, "idle")).toBeGreaterThan(0);
});

test("what lapses is written once for each packet, in time", async () => {
  const packets = await agingPackets(20);
  await lapsed(packets);
  await pass(1n);
  for (const packet of packets) {
    const revisions = await ledger.revisions(packet, 1, 10);
    expect(revisions.map(({ cause }) => cause)).toEqual(["EPOCH_REACHED"]);
  }
});

describe("another node goes on at once", () => {
  test("while the one that was about to step is stopped, and its step comes too late", async () => {
    await whenMet(/^\s*INSERT INTO clock_step/, "BEFORE", async () => {
      stop(met);
      await pass(3n);
      goOn(met);
    });
    const { epoch } = await ledger.moment();
    await pass(2n);
    expect(await epochNow()).toBeGreaterThan(epoch);
  });

  test("while the one that has stepped is stopped in the middle of what lapses", async () => {
    const packets = await agingPackets(20);
    await whenMet(/FOR UPDATE OF h SKIP LOCKED/, "ANSWERED", async () => {
      stop(met);
      await lapsed(packets);
      goOn(met);
    });
    await pass(1n);
    for (const packet of packets) expect(await ledger.revisions(packet, 1, 10)).toHaveLength(1);
  });

  test("while the one that ticks has lost its database, and so does that one when it is back", async () => {
    const nowhere = new URL(fresh.appUrl);
    nowhere.port = "1";
    stop(other);
    await pass(1n);
    wire.redirect(nowhere.href);
    goOn(other);
    const before = await settled(met);
    await pass(3n);
    expect(await settled(met)).toBe(before);
    wire.redirect(fresh.appUrl);
    while ((await settled(met)) === before) continue;
  });

  test("when the one that ticks is killed in the middle of what lapses", async () => {
    const packets = await agingPackets(20);
    await whenMet(/^\s*WITH swapped AS/, "ANSWERED", async () => {
      isKilled = true;
      await met.kill();
    });
    await lapsed(packets);
    await pass(3n);
    for (const packet of packets) expect(await ledger.revisions(packet, 1, 10)).toHaveLength(1);
  });
});

test("through all of it the epoch moved on one by one, the mapping held, and every lineage is whole", async () => {
  const [faults] = await sql<{ jumped: number; broken: number }[]>`
    SELECT (count(*) FILTER (WHERE epoch <> before + 1))::int4 AS jumped,
      (count(*) FILTER (WHERE change IS NOT NULL))::int4 AS broken
    FROM (SELECT change, epoch, lag(epoch) OVER (ORDER BY seq) AS before FROM clock_step) AS s`;
  expect(faults).toEqual({ jumped: 0, broken: 0 });
  // A lapse answers nobody.
  const wrong = await lineageFaults(database);
  expect(wrong.filter((fault) => !fault.endsWith("is nobody's answer"))).toEqual([]);
});
