import { rename } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openEmbedded, type EmbeddedDatabase } from "#database/embedded.ts";
import { ServerNotStarted } from "#database/embeddedFaults.ts";
import { isRunning } from "#database/postmaster.ts";
import { commitRow, dataDirectory, postmasterOf } from "./dataDirectory.ts";
import { startOtherNode } from "./otherNode.ts";

interface Heard {
  database: EmbeddedDatabase;
  /** Resolves when it has next been brought back. */
  served: () => Promise<void>;
}

async function openHeard(directory: string): Promise<Heard> {
  let hear: (line: string) => void = () => undefined;
  const database = await openEmbedded({
    directory,
    applicationName: "holdfast embedded test",
    log: (line) => hear(line),
  });
  const served = () =>
    new Promise<void>((resolve) => {
      hear = (line) => (line.includes("again on") ? resolve() : undefined);
    });
  return { database, served };
}

describe("nobody is needed after a kill -9", () => {
  const directory = dataDirectory();
  let committed = 0;

  test("of Node: the next start adopts the server that was left running", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const node = await startOtherNode(directory.path);
      if (node.answer.opened) committed = await commitRow(node.answer.url);
      const server = await postmasterOf(directory);
      await node.kill();
      const { database } = await openHeard(directory.path);
      expect(await postmasterOf(directory)).toBe(server);
      expect(await commitRow(database.url)).toBe(committed + 1);
      committed += 1;
      await database.close();
      expect(await isRunning(server)).toBe(false);
    }
    expect(committed).toBe(10);
  });

  test("of Postgres: the Node that lives starts it again, at the same address", async () => {
    const { database, served } = await openHeard(directory.path);
    for (let round = 1; round <= 5; round += 1) {
      committed = await commitRow(database.url);
      const again = served();
      process.kill(await postmasterOf(directory), "SIGKILL");
      await again;
      expect(await commitRow(database.url)).toBe(committed + 1);
    }
    const server = await postmasterOf(directory);
    await database.close();
    expect(await isRunning(server)).toBe(false);
    committed += 1;
  });

  test("of one of its sessions: Postgres restarts by itself, and Node claims it again", async () => {
    const { database, served } = await openHeard(directory.path);
    const server = await postmasterOf(directory);
    const again = served();
    const client = connect(database.url, { applicationName: "test", connectionsMax: 1 });
    const [session] = await client.sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    process.kill(session?.pid ?? 0, "SIGKILL");
    await again;
    await client.close();
    expect(await postmasterOf(directory)).toBe(server);
    committed = await commitRow(database.url);
    const other = await startOtherNode(directory.path);
    expect(other.answer.opened).toBe(false);
    await other.leave();
    await database.close();
  });

  test("of both: the next start recovers every committed row", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const node = await startOtherNode(directory.path);
      const { url } = node.answer.opened ? node.answer : { url: "" };
      expect(await commitRow(url)).toBe(committed + 1);
      committed += 1;
      process.kill(await postmasterOf(directory), "SIGKILL");
      await node.kill();
    }
    const { database } = await openHeard(directory.path);
    expect(await commitRow(database.url)).toBe(committed + 1);
    await database.close();
  });

  test("but a server that cannot start any more is reported as lost", async () => {
    const { database } = await openHeard(directory.path);
    const control = path.join(directory.data, "global", "pg_control");
    await rename(control, `${control}.away`);
    process.kill(await postmasterOf(directory), "SIGKILL");
    const fault = await database.lost;
    await database.close();
    expect(fault).toBeInstanceOf(ServerNotStarted);
    expect(fault.message).toContain("pg_control");
  });
});
