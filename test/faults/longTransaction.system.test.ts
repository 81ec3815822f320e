import { afterAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { codeOf } from "#ledger/fault.ts";
import type { LoggedRevision } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { IVAN } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, accepted, newKey, openReady } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import { chance } from "./chance.ts";
import { DRIFTS } from "./drifts.ts";
import { lineageFaults } from "./lineageCheck.ts";
import { ROUNDS } from "./rounds.ts";
import { startVerbNode } from "./verbNode.ts";
import { openWire } from "./wire.ts";

const fresh = freshDatabase();
const limits = { connectionsMax: 4, lockTimeoutMs: 100 };
const app = connect(fresh.appUrl, { applicationName: "holdfast tests", ...limits });
const strangers = connect(fresh.appUrl, {
  applicationName: "holdfast stranger",
  connectionsMax: 2,
  idleInTransactionTimeoutMs: 0,
});
const checker = connect(fresh.url, { applicationName: "holdfast check", connectionsMax: 1 });
afterAll(() => Promise.all([app.close(), strangers.close(), checker.close()]));

/** The key under which positions are given, as the ledger has it. */
const LOG_LOCK = 7_308_895_133_202_047_491n;

const placing = (packet: Opened) => ({
  verb: "operatorHoldPlace" as const,
  by: IVAN,
  input: { idempotencyKey: newKey(), packet: packet.packet, reason: "odd noise" },
});

test("F24: whatever is left open for long, the log and those who follow it lose nothing", async () => {
  const dice = chance("transactions that are left open");
  const desk = await openDesk(app);
  const packets = [await openReady(desk, "train-1"), await openReady(desk, "train-2")];
  const followed: LoggedRevision[] = [];
  const follow = async (): Promise<void> => {
    await desk.ledger.sequence();
    for (;;) {
      const page = await desk.ledger.logged(followed.at(-1)?.position ?? 0n, 1000);
      if (page.length === 0) return;
      followed.push(...page);
    }
  };
  const append = async (): Promise<void> => {
    for (const packet of packets) {
      for (let left = 1 + dice.below(3); left > 0; left -= 1) {
        const { verb, by, input } = placing(packet);
        accepted((await VERBS[verb].call(desk, by, input)) as object);
      }
    }
  };
  const wire = await openWire(fresh.appUrl);
  const late = await startVerbNode(wire.url);
  try {
    for (let round = 0; round < 3 * ROUNDS; round += 1) {
      await follow();
      // Somebody reads for a report and forgets to end: no row that was ever there may go.
      await strangers.sql.begin("isolation level repeatable read", async (tx) => {
        await tx`SELECT count(*) FROM revision`;
        await append();
        await follow();
        // A change that is written and not committed: others come before it in the log.
        const train = packets[dice.below(2)] ?? packets[0];
        if (train === undefined) throw new Error("there are two packets");
        const held = wire.arm({
          statement: /^\s*commit\b/i,
          moment: "BEFORE",
          happens: async () => {
            await follow();
          },
        });
        const report = { ...enclaveOf(train), thinkUs: 0 };
        const told = late.ask(report);
        await held;
        expect((await told).outcome.done).toBe(true);
        await append();
      });
      // Nobody gives positions while somebody holds their lock: a stall, told as such, and no loss.
      await strangers.sql.begin(async (tx) => {
        await tx`SELECT pg_advisory_xact_lock(${LOG_LOCK})`;
        await append();
        const stalled: unknown = await desk.ledger.sequence().then(
          () => null,
          (fault: unknown) => fault,
        );
        expect(codeOf(stalled)).toBe("55P03");
      });
      await follow();
    }
  } finally {
    await late.leave();
    await wire.close();
  }
  expect(followed.map(({ position }) => position)).toEqual(
    Array.from({ length: followed.length }, (_none, index) => BigInt(index + 1)),
  );
  const rows = await checker.sql<{ packet: string; number: number }[]>`
    SELECT packet, number FROM revision ORDER BY packet, number`;
  const told = followed.map(({ packet, number }) => `${packet} ${number}`);
  expect(told.toSorted(), `seed ${dice.seed}`).toEqual(
    rows.map(({ packet, number }) => `${packet} ${number}`).toSorted(),
  );
  expect(await lineageFaults(checker)).toEqual([]);
});

function enclaveOf(packet: Opened) {
  const drift = DRIFTS.find(({ name }) => name === "enclave unsealed");
  if (drift === undefined) throw new Error("no drift unseals an enclave");
  return drift.happens(packet);
}
