import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import { type Sql, connect } from "#database/connect.ts";

/** A superuser beside the one that owns a test's tables, by its address; gone after the test. */
export function secondOwner(url: string): Promise<string> {
  return newRole(url, "SUPERUSER");
}

/** Somebody who signs in and belongs to a role, by their address; gone after the test. */
export function memberOf(role: string, url: string): Promise<string> {
  return newRole(url, `IN ROLE ${role}`);
}

/** Somebody with these attributes, by their address; gone after the test with all they were granted. */
export async function newRole(url: string, attributes = ""): Promise<string> {
  const name = `holdfast_other_${randomBytes(6).toString("hex")}`;
  const password = randomBytes(8).toString("hex");
  await asOwner(url, (sql) =>
    sql.unsafe(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' ${attributes}`),
  );
  onTestFinished(() =>
    asOwner(url, async (sql) => {
      await sql.unsafe(`DROP OWNED BY ${name}`);
      await sql.unsafe(`DROP ROLE ${name}`);
    }),
  );
  const address = new URL(url);
  address.username = name;
  address.password = password;
  return address.href;
}

/** Does something as whoever an address names. */
export async function asOwner(url: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const database = connect(url, { applicationName: "holdfast tests", connectionsMax: 1 });
  try {
    await work(database.sql);
  } finally {
    await database.close();
  }
}
