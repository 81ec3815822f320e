import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { findingText } from "#audit/finding.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, ledgerOn, readyPacket, record } from "../ledger/trainWorld.ts";
import { verified } from "./realLineage.ts";

/** More than one kept subtree has. */
const REVISIONS = 300;

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
beforeAll(async () => {
  const ledger = await ledgerOn(database);
  const { packet } = await readyPacket(ledger, "train-1");
  const each = (_: unknown, index: number) =>
    record(ledger, packet, [availability("cid", index % 2 === 0 ? "WITHDRAWN" : "COMMITTED")]);
  await Promise.all(Array.from({ length: REVISIONS }, each));
  const size = await ledger.sequence();
  // Whoever asks for a root leaves the subtrees that it was made of.
  await ledger.logRoot(size);
});
afterAll(() => database.close());

test("T13 edits a kept subtree of the log alone", async () => {
  const { sql } = database;
  const kept = await sql`SELECT level, index FROM log_subtree`;
  expect([...kept]).toEqual([{ level: 8, index: 0n }]);
  expect((await verified(fresh.url)).findings.map(findingText)).toEqual([]);
  await sql`ALTER TABLE log_subtree DISABLE TRIGGER append_only`;
  await sql`UPDATE log_subtree SET hash = sha256('x')`;
  await sql`ALTER TABLE log_subtree ENABLE ALWAYS TRIGGER append_only`;
  expect((await verified(fresh.url)).findings).toMatchObject([
    { kind: "VALUE", place: { table: "log_subtree", row: "level 8, index 0", column: "hash" } },
  ]);
});
