import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import { connect } from "#database/connect.ts";
import { openEmbedded } from "#database/embedded.ts";
import { migrate } from "#database/migrate.ts";
import { stopAfterUs } from "./stopAfterUs.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the shared server's maintenance database. */
    serverUrl: string;
    /** Name of the migrated database that each test file's own is copied from. */
    templateDatabase: string;
    /** The role that the template was granted to, as the product grants it at its start. */
    applicationRole: string;
    applicationPassword: string;
  }
}

interface TestServer {
  url: string;
  close(): Promise<void>;
}

/**
 * Before the first database test: one Postgres for all files, either embedded in a temporary
 * folder or the one that HOLDFAST_TEST_DATABASE_URL names, with a migrated template in it.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env["HOLDFAST_TEST_DATABASE_URL"];
  const server = external === undefined ? await startEmbedded() : leaveRunning(external);
  const run = randomBytes(6).toString("hex");
  const template = `holdfast_template_${run}`;
  const role = `holdfast_app_${run}`;
  const password = randomBytes(16).toString("hex");
  await withServer(server.url, [`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`]);
  await makeTemplate(server.url, template, role);
  project.provide("serverUrl", server.url);
  project.provide("templateDatabase", template);
  project.provide("applicationRole", role);
  project.provide("applicationPassword", password);
  return async () => {
    await withServer(server.url, [
      `ALTER DATABASE ${template} IS_TEMPLATE false`,
      `DROP DATABASE ${template} WITH (FORCE)`,
      `DROP ROLE ${role}`,
    ]);
    await server.close();
  };
}

async function startEmbedded(): Promise<TestServer> {
  const directory = await mkdtemp(path.join(tmpdir(), "holdfast-test-"));
  stopAfterUs(directory);
  const database = await openEmbedded({
    directory,
    applicationName: "holdfast tests",
    log: () => undefined,
  });
  return {
    url: database.url,
    async close() {
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

function leaveRunning(url: string): TestServer {
  return { url, close: () => Promise.resolve() };
}

async function makeTemplate(serverUrl: string, template: string, role: string): Promise<void> {
  await withServer(serverUrl, [`CREATE DATABASE ${template}`]);
  const url = new URL(serverUrl);
  url.pathname = `/${template}`;
  await migrate(url.href, { applicationName: "holdfast tests", applicationRole: role });
  // Nobody may connect from here on: a database in use cannot be copied.
  await withServer(serverUrl, [
    `ALTER DATABASE ${template} IS_TEMPLATE true ALLOW_CONNECTIONS false`,
  ]);
}

async function withServer(url: string, statements: string[]): Promise<void> {
  const server = connect(url, { applicationName: "holdfast tests", connectionsMax: 1 });
  try {
    for (const statement of statements) await server.sql.unsafe(statement);
  } finally {
    await server.close();
  }
}
