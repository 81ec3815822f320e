import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { findingText } from "#audit/finding.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, enclave, ledgerOn, record, report } from "../ledger/trainWorld.ts";
import { type RealLineage, makeRealLineage, verified } from "./realLineage.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
let packets: RealLineage;
beforeAll(async () => {
  packets = await makeRealLineage(database);
});
afterAll(() => database.close());

test("a lineage that nobody touched has no findings", async () => {
  const { findings, unchecked, packets, revisions, log } = await verified(fresh.url);
  expect(findings.map(findingText)).toEqual([]);
  expect(unchecked).toBeNull();
  expect(packets).toBe(6);
  // One revision still waits for its position.
  expect(log?.size).toBe(BigInt(revisions - 1));
});

test("it has something of everything in it", async () => {
  const { sql } = database;
  const causes = await sql<{ v: string }[]>`
    SELECT v::text FROM unnest(enum_range(NULL::fact_kind)) AS v
    WHERE v NOT IN (SELECT cause FROM revision)`;
  const statuses = await sql`
    SELECT v::text FROM unnest(enum_range(NULL::packet_status)) AS v
    WHERE v NOT IN (SELECT status FROM revision)`;
  expect(causes.map((row) => row.v)).toEqual(["ESCALATION_ACKNOWLEDGED"]);
  expect(statuses).toEqual([]);
});

test("a service that goes on writing disturbs nothing", async () => {
  const ledger = await ledgerOn(database);
  const over = new AbortController();
  const writing = (async () => {
    for (let round = 0; !over.signal.aborted; round += 1) {
      const status = round % 2 === 0 ? "COMMITTED" : "WITHDRAWN";
      await record(ledger, packets.successor, [availability("cid", status)]);
      await record(ledger, packets.exercise, [availability("cid", status)]);
      if (round % 3 === 0) await report(ledger, false, [enclave("vault")]);
      if (round % 5 === 0) await ledger.sequence();
    }
  })();
  const before = await verified(fresh.url);
  const after = await verified(fresh.url);
  over.abort();
  await writing;
  for (const { findings, unchecked } of [before, after, await verified(fresh.url)]) {
    expect(findings.map(findingText)).toEqual([]);
    expect(unchecked).toBeNull();
  }
  expect(after.revisions).toBeGreaterThan(before.revisions);
});
