import { afterAll, describe, expect, test } from "vitest";
import { sql as fragment } from "drizzle-orm";
import { connect } from "#database/connect.ts";
import { freshDatabase } from "./freshDatabase.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, {
  applicationName: "holdfast connect test",
  connectionsMax: 2,
  lockTimeoutMs: 100,
  statementTimeoutMs: 200,
  idleInTransactionTimeoutMs: 300,
});
afterAll(() => database.close());

test("a 64-bit value comes back as the bigint that was sent", async () => {
  const sent = 9_223_372_036_854_775_807n;
  const [row] = await database.sql<{ n: bigint }[]>`SELECT ${sent}::int8 AS n`;
  expect(row?.n).toBe(sent);
});

test("every session has the limits, the name and the time zone it was opened with", async () => {
  const rows = await database.sql<{ name: string; setting: string }[]>`
    SELECT name, setting FROM pg_settings WHERE name IN ('application_name', 'TimeZone',
      'lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout',
      'plan_cache_mode')`;
  expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
    application_name: "holdfast connect test",
    TimeZone: "UTC",
    lock_timeout: "100",
    statement_timeout: "200",
    idle_in_transaction_session_timeout: "300",
    plan_cache_mode: "force_generic_plan",
  });
});

describe("a limit is felt", () => {
  test("by a statement that runs too long", async () => {
    const endless = database.sql`
      SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b`;
    await expect(endless).rejects.toMatchObject({ code: "57014" });
  });

  test("by a statement that waits too long for a lock", async () => {
    await database.sql`CREATE TABLE wanted (n int)`;
    await database.sql.begin(async (holder) => {
      await holder`LOCK TABLE wanted`;
      await expect(database.sql`SELECT FROM wanted`).rejects.toMatchObject({ code: "55P03" });
    });
  });
});

test("drizzle's client leaves the raw client's dates and json alone", async () => {
  const at = new Date("2026-01-02T03:04:05.000Z");
  await database.drizzle.execute(fragment`SELECT 1`);
  const [row] = await database.sql<{ at: Date; body: unknown }[]>`
    SELECT ${at}::timestamptz AS at, ${database.sql.json({ n: 1 })}::jsonb AS body`;
  expect(row).toEqual({ at, body: { n: 1 } });
});

test("a role given at the door is the role that every statement runs as", async () => {
  const reader = connect(fresh.url, {
    applicationName: "holdfast connect test",
    connectionsMax: 1,
    role: "pg_read_all_data",
  });
  const [row] = await reader.sql<{ role: string }[]>`SELECT current_user AS role`;
  await reader.close();
  expect(row?.role).toBe("pg_read_all_data");
});
