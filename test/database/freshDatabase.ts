import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, inject } from "vitest";
import { connect } from "#database/connect.ts";

/** A migrated database that only the calling test file uses. */
export interface FreshDatabase {
  /** As a superuser, who may do what nobody should. Known from the file's `beforeAll` on. */
  readonly url: string;
  /** As the role that the product runs as, which can only append. */
  readonly appUrl: string;
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
  return { url: own.href, appUrl: asApplication(own.href) };

  async function onServer(statement: string): Promise<void> {
    const database = connect(server.href, { applicationName: "holdfast tests", connectionsMax: 1 });
    try {
      await database.sql.unsafe(statement);
    } finally {
      await database.close();
    }
  }
}

/** The address of a test's database for the role that the product runs as. */
export function asApplication(url: string): string {
  const app = new URL(url);
  app.username = inject("applicationRole");
  app.password = inject("applicationPassword");
  return app.href;
}
