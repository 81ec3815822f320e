import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { Account } from "#database/account.ts";
import { readPostmaster } from "#database/postmaster.ts";
import { connect } from "#database/connect.ts";
import { stopAfterUs } from "./stopAfterUs.ts";

/** A folder for one embedded database, gone after the last test that uses it. */
export interface DataDirectory {
  path: string;
  /** Where Postgres keeps its own files. */
  data: string;
}

/** What a test may want to be special about the folder. */
export interface DataDirectoryOptions {
  /** What its name begins with. */
  name?: string;
  owner?: Account;
}

/** Makes the folder before the first test of a file or `describe`. */
export function dataDirectory({ name, owner }: DataDirectoryOptions = {}): DataDirectory {
  const directory = { path: "", data: "" };
  beforeAll(async () => {
    directory.path = await mkdtemp(path.join(tmpdir(), name ?? "holdfast-data-"));
    stopAfterUs(directory.path);
    directory.data = path.join(directory.path, "cluster", "data");
    if (owner !== undefined) await chown(directory.path, owner.uid, owner.gid);
  });
  afterAll(() => rm(directory.path, { recursive: true, force: true }));
  return directory;
}

/** The process id of the server that serves a directory. */
export async function postmasterOf(directory: DataDirectory): Promise<number> {
  const found = await readPostmaster(directory.data);
  if (found === undefined) throw new Error(`no server in ${directory.path}`);
  return found.pid;
}

/** Commits one more row and resolves to the number of rows that are there now. */
export async function commitRow(url: string): Promise<number> {
  const database = connect(url, { applicationName: "holdfast tests", connectionsMax: 1 });
  try {
    await database.sql`CREATE TABLE IF NOT EXISTS kept (n int GENERATED ALWAYS AS IDENTITY)`;
    await database.sql`INSERT INTO kept DEFAULT VALUES`;
    const rows = await database.sql`SELECT FROM kept`;
    return rows.length;
  } finally {
    await database.close();
  }
}
