import { getTableConfig } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessRecord } from "#accessLog/rows.ts";
import { connect } from "#database/connect.ts";
import { logPosition, logSubtree } from "#ledger/logRows.ts";
import * as rows from "#ledger/rows.ts";
import { RAISED } from "#ledger/fault.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ledgerOn, readyPacket } from "./trainWorld.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 2 });
const { sql } = database;
beforeAll(async () => {
  const ledger = await ledgerOn(database);
  await readyPacket(ledger, "train-1");
});
afterAll(() => database.close());

const APPEND_ONLY = {
  access_record: accessRecord,
  deployment: rows.deployment,
  clock_step: rows.clockStep,
  train: rows.train,
  lane_proposal: rows.laneProposal,
  source: rows.source,
  packet: rows.packet,
  revision: rows.revision,
  log_position: logPosition,
  log_subtree: logSubtree,
  shared_subject: rows.sharedSubject,
  shared_report: rows.sharedReport,
  packet_dependency: rows.packetDependency,
  report_number: rows.reportNumber,
  idempotency: rows.idempotency,
};

const isRefused = { code: RAISED.appendOnly };

describe.each(Object.entries(APPEND_ONLY))(
  "rule 8.1: %s refuses, even to a superuser,",
  (name, table) => {
    const { columns } = getTableConfig(table);
    // What the database numbers itself is refused before any trigger is asked.
    const column = columns.find((one) => one.generatedIdentity === undefined)?.name ?? "";

    test("an update", async () => {
      await expect(
        sql`UPDATE ${sql(name)} SET ${sql(column)} = ${sql(column)}`,
      ).rejects.toMatchObject(isRefused);
    });

    test("a delete", async () => {
      await expect(sql`DELETE FROM ${sql(name)} WHERE false`).rejects.toMatchObject(isRefused);
    });

    test("a truncate", async () => {
      await expect(sql`TRUNCATE ${sql(name)} CASCADE`).rejects.toMatchObject(isRefused);
    });

    test("all of it also to a session that switches ordinary triggers off", async () => {
      const change = sql.begin(async (tx) => {
        await tx`SET LOCAL session_replication_role = replica`;
        await tx`DELETE FROM ${tx(name)}`;
      });
      await expect(change).rejects.toMatchObject(isRefused);
    });
  },
);

test("every table of the ledger is among these, but for the heads", async () => {
  const tables = await sql<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;
  const others = tables.map((row) => row.name).filter((name) => !(name in APPEND_ONLY));
  expect(others).toEqual(["packet_head"]);
});

describe("rule 8.1: a head", () => {
  test("is never deleted or truncated", async () => {
    await expect(sql`DELETE FROM packet_head`).rejects.toMatchObject(isRefused);
    await expect(sql`TRUNCATE packet_head`).rejects.toMatchObject(isRefused);
  });

  test.each([
    ["goes back", sql`number = 0`],
    ["takes another digest", sql`digest = sha256('x')`],
    ["runs ahead of the lineage", sql`number = number + 1`],
    ["says another status than its revision", sql`status = 'APPROVED'`],
    ["goes to another train", sql`train = 'train-2'`],
  ])("never %s", async (_what, change) => {
    await expect(sql`UPDATE packet_head SET ${change}`).rejects.toMatchObject({
      code: RAISED.lineage,
    });
  });
});
