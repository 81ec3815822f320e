import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, inject } from "vitest";
import { connect } from "#database/connect.ts";

/** A migrated database that only the calling test file uses. */
export interface FreshDatabase {
  /** Known from the file's `beforeAll` on. */
  readonly url: string;
}

/**
 * Call once at the top of a `*.db.test.ts` file: makes a migrated, empty database before its
 * first test and drops it, with whatever is still connected to it, after the last one.
 */
export function freshDatabase(): FreshDatabase {
  const name = `holdfast_test_${randomBytes(6).toString("hex")}`;
  const server = new URL(inject("serverUrl"));
  const own = new URL(server);
  own.pathname = `/${name}`;

  beforeAll(() => onServer(`CREATE DATABASE ${name} TEMPLATE ${inject("templateDatabase")}`));
  afterAll(() => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  return { url: own.href };

  async function onServer(statement: string): Promise<void> {
    const database = connect(server.href, { applicationName: "holdfast tests", connectionsMax: 1 });
    try {
      await database.sql.unsafe(statement);
    } finally {
      await database.close();
    }
  }
}
