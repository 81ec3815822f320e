import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { migrate, MigrationChanged, MigrationOutOfOrder } from "#database/migrate.ts";
import { requireServerVersion, ServerTooOld } from "#database/serverVersion.ts";
import { freshDatabase } from "./freshDatabase.ts";

interface Migration {
  tag: string;
  when: number;
  sql: string;
}

const harbour: Migration = {
  tag: "0000_harbour",
  when: 1_000,
  sql: "CREATE TABLE harbour (n int)",
};
const pier: Migration = { tag: "0001_pier", when: 3_000, sql: "CREATE TABLE pier (n int)" };

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 2 });
const folder = await mkdtemp(path.join(tmpdir(), "holdfast-migrations-"));

afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await database.sql`DROP SCHEMA IF EXISTS drizzle CASCADE`;
  await database.sql`DROP TABLE IF EXISTS harbour, pier`;
});

/** Lays out a folder as drizzle-kit does. */
async function write(...migrations: Migration[]): Promise<void> {
  const entries = migrations.map(({ tag, when }, idx) => ({
    idx,
    version: "7",
    when,
    tag,
    breakpoints: true,
  }));
  await mkdir(path.join(folder, "meta"), { recursive: true });
  const journal = JSON.stringify({ version: "7", dialect: "postgresql", entries });
  await writeFile(path.join(folder, "meta", "_journal.json"), journal);
  for (const { tag, sql } of migrations) await writeFile(path.join(folder, `${tag}.sql`), sql);
}

function run(lines: string[] = []): Promise<string[]> {
  return migrate(fresh.url, {
    applicationName: "holdfast tests",
    folder,
    log: (line) => lines.push(line),
  });
}

test("what is pending is applied once, and told step by step", async () => {
  await write(harbour);
  expect(await run()).toEqual(["0000_harbour"]);
  await write(harbour, pier);
  const lines: string[] = [];
  expect(await run(lines)).toEqual(["0001_pier"]);
  expect(lines).toEqual(["applying 1 of 2 migrations: 0001_pier", "applied 0001_pier"]);
  expect(await run()).toEqual([]);
  expect(await database.sql`SELECT FROM harbour, pier`).toHaveLength(0);
});

test("nothing is made in a schema that somebody named after the owner", async () => {
  const owner = new URL(fresh.url).username;
  await database.sql`CREATE SCHEMA ${database.sql(owner)}`;
  await write(harbour);
  await run();
  await database.sql`DROP SCHEMA ${database.sql(owner)} CASCADE`;
  expect(await database.sql`SELECT FROM public.harbour`).toHaveLength(0);
});

test("of eight processes that start together one migrates and all return", async () => {
  await write(harbour, pier);
  const results = await Promise.all(Array.from({ length: 8 }, () => run()));
  expect(results.flat()).toEqual(["0000_harbour", "0001_pier"]);
  expect(await database.sql`SELECT FROM drizzle.__drizzle_migrations`).toHaveLength(2);
});

test("a migration that fails leaves nothing of those before it", async () => {
  await write(harbour, { ...pier, sql: "CREATE TABLE pier (n int); SELECT 1 / 0" });
  await expect(run()).rejects.toMatchObject({ cause: { code: "22012" } });
  const [row] = await database.sql<{ name: string | null }[]>`
    SELECT to_regclass('harbour')::text AS name`;
  expect(row?.name).toBeNull();
  await write(harbour, pier);
  expect(await run()).toEqual(["0000_harbour", "0001_pier"]);
});

test("an applied migration whose file was edited is refused", async () => {
  await write(harbour);
  await run();
  await write({ ...harbour, sql: "CREATE TABLE harbour (n bigint)" });
  await expect(run()).rejects.toThrow(MigrationChanged);
});

test("a migration that drizzle would pass over is refused", async () => {
  await write(harbour, pier);
  await run();
  await write(harbour, { tag: "0001_late", when: 2_000, sql: "SELECT 1" }, pier);
  await expect(run()).rejects.toThrow(MigrationOutOfOrder);
});

test("F23: an older build starts on the schema of a newer one", async () => {
  await write(harbour, pier);
  await run();
  await write(harbour);
  expect(await run()).toEqual([]);
});

test("the server's version is read, and one below 15 is refused by name", async () => {
  expect(Number.parseInt(await requireServerVersion(database.sql), 10)).toBeGreaterThanOrEqual(15);
  expect(new ServerTooOld("14.9").message).toContain("runs Postgres 14.9, but 15 or newer");
});
