import { expect, test } from "vitest";
import { Reading } from "#audit/reading.ts";
import { asApplication, freshDatabase } from "../database/freshDatabase.ts";
import { asOwner } from "../database/otherRoles.ts";
import { verified } from "./realLineage.ts";

const fresh = freshDatabase();

const SETTINGS = {
  enable_sort: "off",
  idle_in_transaction_session_timeout: "0",
  jit: "off",
  row_security: "off",
  search_path: "pg_catalog, pg_temp",
  statement_timeout: "0",
  transaction_read_only: "on",
};

test("the checker asks under settings of its own, whatever the database's are", async () => {
  const name = new URL(fresh.url).pathname.slice(1);
  await asOwner(fresh.url, async (sql) => {
    await sql.unsafe(`ALTER DATABASE ${name} SET statement_timeout = '1min'`);
    await sql.unsafe(`ALTER DATABASE ${name} SET search_path = public, pg_catalog`);
  });
  const reading = await Reading.open(fresh.url);
  try {
    const found: Record<string, string> = {};
    const ask = (names: string) =>
      reading.rows<{ name: string; setting: string }>(
        (sql) => sql`SELECT name, setting FROM pg_settings WHERE name = ANY(${names}::text[])`,
      );
    const rows = await ask(`{${Object.keys(SETTINGS).join()}}`);
    for (const row of rows) found[row.name] = row.setting;
    expect(found).toEqual(SETTINGS);
  } finally {
    await reading.close();
  }
});

test("rows that a policy hides from it are not taken for rows that are not there", async () => {
  await asOwner(fresh.url, (sql) => sql`ALTER TABLE source ENABLE ROW LEVEL SECURITY`);
  const { unchecked } = await verified(asApplication(fresh.url));
  expect(unchecked).toContain("row-level security");
});
