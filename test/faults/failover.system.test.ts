import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { migrate } from "#database/migrate.ts";
import { DebianServer } from "../database/debianServer.ts";
import { asOwner } from "../database/otherRoles.ts";
import { ownFolder, textOf } from "../identity/passports.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, approvalOf, newKey, openReady } from "../workflow/trains.ts";
import { chance } from "./chance.ts";
import { EPOCH_MS, PASSPORTS, startHttpNode } from "./httpNode.ts";
import { unlikeAcknowledged } from "./kills.ts";
import { lineageFaults } from "./lineageCheck.ts";
import { wrongApprovals } from "./races.ts";
import { ROUNDS } from "./rounds.ts";
import { startVerbNode } from "./verbNode.ts";
import { type Wire, openWire } from "./wire.ts";

const folder = ownFolder();
const password = randomBytes(8).toString("hex");
let primary: DebianServer;
let standby: DebianServer;
let wire: Wire;
const all: DebianServer[] = [];
beforeAll(async () => {
  await writeFile(path.join(folder.path, "principals.json"), textOf(...Object.values(PASSPORTS)));
});
beforeEach(async () => {
  primary = await DebianServer.start();
  all.push(primary);
  await asOwner(primary.url, (sql) => sql.unsafe(`CREATE ROLE app LOGIN PASSWORD '${password}'`));
  await migrate(primary.url, { applicationName: "holdfast tests", applicationRole: "app" });
  standby = await primary.standby();
  all.push(standby);
  wire = await openWire(primary.url);
});
afterAll(() => Promise.all(all.map((server) => server.remove())));

/** The address of the virtual host as the application's role. */
function appUrl(): string {
  const url = new URL(wire.url);
  url.username = "app";
  url.password = password;
  return url.href;
}

/** The old primary is no more, the standby takes its place, and the way leads there. */
async function failOver(): Promise<void> {
  await primary.fence();
  await standby.promote();
  wire.redirect(standby.url);
}

async function openPacket(train: string): Promise<Opened> {
  const database = connect(appUrl(), { applicationName: "holdfast tests", connectionsMax: 2 });
  const rate = { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS };
  const desk = await openDesk(database, rate);
  try {
    return await openReady(desk, train);
  } finally {
    await desk.ledger.close();
    await database.close();
  }
}

test("F05: behind a synchronous standby a failover under load loses nothing that was acknowledged", async () => {
  const dice = chance("failover");
  await asOwner(primary.url, async (sql) => {
    await sql`ALTER SYSTEM SET synchronous_standby_names = '*'`;
    await sql`SELECT pg_reload_conf()`;
  });
  const packet = await openPacket("train-1");
  const node = await startVerbNode(appUrl());
  const acknowledged = new Map<string, unknown>();
  let reached: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => (reached = resolve));
  const turn = 20 + dice.below(40);
  const append = async (): Promise<void> => {
    for (let count = 0; count < 60 * ROUNDS; count += 1) {
      const idempotencyKey = newKey();
      const input = { idempotencyKey, packet: packet.packet, reason: "odd noise" };
      for (;;) {
        const { outcome } = await node.ask({
          verb: "operatorHoldPlace",
          by: IVAN,
          input,
          thinkUs: 0,
        });
        if (outcome.done) {
          acknowledged.set(idempotencyKey, outcome.answer);
          break;
        }
        // Nothing but "unknown, ask again" may be told while there is no primary.
        expect(outcome.codes.join(" "), `seed ${dice.seed}`).toContain("OutcomeUnknown");
      }
      if (acknowledged.size >= turn) reached();
    }
  };
  await Promise.all([append(), append(), append(), enough.then(failOver)]);
  await node.leave();
  const checker = connect(standby.url, { applicationName: "holdfast check", connectionsMax: 2 });
  expect(await unlikeAcknowledged(checker.sql, { acknowledged }), `seed ${dice.seed}`).toEqual([]);
  expect(await lineageFaults(checker), `seed ${dice.seed}`).toEqual([]);
  expect(await wrongApprovals(checker.sql)).toEqual([]);
  await checker.close();
  await wire.close();
});

const GATE = "query ($packet: UUID!) { gate(packet: $packet) { status reasons } }";

interface Gated {
  readonly gate: { readonly status: string; readonly reasons: readonly string[] };
}

test("F05: a failover that lost the tail is noticed by the checkpoint outside, and nothing is approved on it", async () => {
  const principals = path.join(folder.path, "principals.json");
  const data = path.join(folder.path, "data");
  const packet = await openPacket("train-2");
  const start = () => startHttpNode(wire.url, principals, { appUrl: appUrl(), data });
  const node = await start();
  const approve = () =>
    node.ask({ verb: "packetApprove", by: OLGA, input: approvalOf(packet), thinkUs: 0 });
  // The standby has the packet, and nothing that comes from here on.
  let wanted = "";
  await asOwner(primary.url, async (sql) => {
    const [row] = await sql<{ at: string }[]>`SELECT pg_current_wal_flush_lsn()::text AS at`;
    wanted = row?.at ?? "";
  });
  const isThere = async (): Promise<boolean> => {
    let there = false;
    await asOwner(standby.url, async (sql) => {
      const [row] = await sql<{ there: boolean }[]>`
        SELECT pg_last_wal_replay_lsn() >= ${wanted}::pg_lsn AS there`;
      there = row?.there === true;
    });
    return there;
  };
  while (!(await isThere())) continue;
  await asOwner(standby.url, async (sql) => {
    await sql`ALTER SYSTEM SET primary_conninfo = ''`;
    await sql`SELECT pg_reload_conf()`;
    let receivers = 1;
    while (receivers > 0) receivers = (await sql`SELECT FROM pg_stat_wal_receiver`).length;
  });
  expect((await approve()).outcome.done).toBe(true);
  const size = async (): Promise<bigint> => {
    const text = await readFile(path.join(data, "checkpoint"), "utf8");
    return BigInt(text.split("\n")[1] ?? "0");
  };
  while ((await size()) < BigInt(packet.revision + 1)) continue;
  await failOver();

  const gateOf = async (): Promise<Gated["gate"] | null> =>
    node.read<Gated>(GATE, packet).then(
      ({ gate }) => gate,
      () => null,
    );
  let gate = await gateOf();
  while (gate?.reasons.includes("LINEAGE_IN_DOUBT") !== true) gate = await gateOf();
  expect(gate.status).toBe("CLOSED");
  expect((await approve()).outcome).toMatchObject({ done: false, codes: ["LINEAGE_IN_DOUBT"] });
  await node.leave();

  const again = await start();
  expect((await again.read<Gated>(GATE, packet)).gate).toMatchObject({
    status: "CLOSED",
    reasons: expect.arrayContaining(["LINEAGE_IN_DOUBT"]) as unknown,
  });
  await again.leave();
  await wire.close();
});
