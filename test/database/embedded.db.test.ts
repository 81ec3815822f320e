import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { DirectoryUnreachable, WrongMajorVersion } from "#database/embeddedFaults.ts";
import { connect } from "#database/connect.ts";
import { blockedAt } from "#database/account.ts";
import { openEmbedded, type EmbeddedDatabase } from "#database/embedded.ts";
import { isRunning } from "#database/postmaster.ts";
import { commitRow, dataDirectory, postmasterOf } from "./dataDirectory.ts";
import { startOtherNode } from "./otherNode.ts";

const NOBODY = { name: "nobody", uid: 65_534, gid: 65_534 };

/** Another account's Node can only be tried where it may read this project. */
const otherAccounts =
  process.getuid?.() === 0 && (await blockedAt(NOBODY, import.meta.dirname)) === undefined
    ? [NOBODY]
    : [];

function open(directory: string, lines: string[] = []): Promise<EmbeddedDatabase> {
  return openEmbedded({
    directory,
    applicationName: "holdfast embedded test",
    log: (line) => lines.push(line),
  });
}

describe("a directory, from its first start on", () => {
  // Longer than a socket's path may be, with a space and letters beyond ASCII.
  const directory = dataDirectory({ name: `holdfast ${"ä–".repeat(24)}-` });

  test("the first start makes a cluster with checksums, passwords and durable commits", async () => {
    const database = await open(directory.path);
    expect(database.version).toMatch(/^18\./);
    const client = connect(database.url, { applicationName: "test", connectionsMax: 1 });
    const settings = await client.sql<{ name: string; setting: string }[]>`
      SELECT name, setting FROM pg_settings WHERE name IN ('data_checksums', 'fsync',
        'full_page_writes', 'listen_addresses', 'server_encoding', 'synchronous_commit',
        'unix_socket_directories', 'TimeZone')`;
    const rules = await client.sql<{ method: string }[]>`
      SELECT DISTINCT auth_method AS method FROM pg_hba_file_rules`;
    const [collation] = await client.sql<{ name: string }[]>`
      SELECT datcollate AS name FROM pg_database WHERE datname = current_database()`;
    await client.close();
    await database.close();
    expect(Object.fromEntries(settings.map((row) => [row.name, row.setting]))).toEqual({
      data_checksums: "on",
      fsync: "on",
      full_page_writes: "on",
      listen_addresses: "127.0.0.1",
      server_encoding: "UTF8",
      synchronous_commit: "on",
      TimeZone: "UTC",
      unix_socket_directories: "",
    });
    expect(rules.map((row) => row.method)).toEqual(["scram-sha-256"]);
    expect(collation?.name).toBe("C");
  });

  test("the password lies in a file that only the server's account can read", async () => {
    const { mode } = await stat(path.join(directory.path, "cluster", "password"));
    expect(mode & 0o777).toBe(0o600);
  });

  test("the next starts make nothing anew and find what was committed", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const lines: string[] = [];
      const database = await open(directory.path, lines);
      expect(await commitRow(database.url)).toBe(round);
      await database.close();
      expect(lines.join("\n")).not.toContain("making");
    }
  });

  test("closing leaves no server behind, however often it is called", async () => {
    const database = await open(directory.path);
    const pid = await postmasterOf(directory);
    await Promise.all([database.close(), database.close()]);
    await database.close();
    expect(await isRunning(pid)).toBe(false);
    expect(existsSync(path.join(directory.data, "postmaster.pid"))).toBe(false);
  });

  test("closing does not wait for a statement that never ends", async () => {
    const database = await open(directory.path);
    const client = connect(database.url, { applicationName: "test", connectionsMax: 1 });
    const endless = client.sql.begin(async (sql) => {
      await sql`SELECT 1`;
      await database.close();
      await sql`SELECT 2`;
    });
    await expect(endless).rejects.toBeInstanceOf(Error);
    await client.close();
  });

  test("a process file that names some other process does not keep it from starting", async () => {
    await writeFile(
      path.join(directory.data, "postmaster.pid"),
      `${process.pid}\n${directory.data}\n1\n5432\n\n127.0.0.1\n\nready\n`,
    );
    const database = await open(directory.path);
    expect(await postmasterOf(directory)).not.toBe(process.pid);
    await database.close();
  });

  test("another major version's cluster is refused and left as it is", async () => {
    const file = path.join(directory.data, "PG_VERSION");
    const own = await readFile(file, "utf8");
    await writeFile(file, "17\n");
    const refused = await open(directory.path).catch((fault: unknown) => fault);
    await writeFile(file, own);
    expect(refused).toBeInstanceOf(WrongMajorVersion);
    expect(refused).toMatchObject({ found: "17", expected: "18" });
    expect(existsSync(path.join(directory.data, "postmaster.pid"))).toBe(false);
  });
});

describe("one process at a time", () => {
  const directory = dataDirectory();

  test("a second one is refused and told who is in, and the first goes on", async () => {
    const database = await open(directory.path);
    const other = await startOtherNode(directory.path);
    for (let round = 1; round <= 5; round += 1) {
      const answer = round === 1 ? other.answer : await other.tryAgain();
      expect(answer).toMatchObject({
        opened: false,
        holder: { pid: process.pid, host: hostname().slice(0, 32) },
      });
      const message = answer.opened ? "" : answer.message;
      expect(message).toContain(`holdfast embedded test pid ${process.pid}`);
      expect(message).toMatch(/since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/);
      expect(await commitRow(database.url)).toBe(round);
    }
    await database.close();
    expect(await other.tryAgain()).toMatchObject({ opened: true });
    await other.leave();
  });

  test("a second one in the same process is refused too", async () => {
    const database = await open(directory.path);
    await expect(open(directory.path)).rejects.toMatchObject({
      name: "DirectoryHeld",
      holder: { pid: process.pid },
    });
    await database.close();
  });

  test("of two that start together in an empty directory one gets it", async () => {
    await rm(path.join(directory.path, "cluster"), { recursive: true });
    const nodes = await Promise.all([1, 2].map(() => startOtherNode(directory.path)));
    const [winner] = nodes.filter((node) => node.answer.opened);
    const holders = nodes.map((node) => (node.answer.opened ? "itself" : node.answer.holder.pid));
    expect(holders).toContain("itself");
    expect(holders).toContain(winner?.pid);
    await Promise.all(nodes.map((node) => node.leave()));
  });
});

describe.each(otherAccounts)("root and $name", (account) => {
  const directory = dataDirectory({ owner: account });

  test("root carries on with an ordinary user's directory, and the user after it", async () => {
    const node = await startOtherNode(directory.path, account);
    if (node.answer.opened) expect(await commitRow(node.answer.url)).toBe(1);
    const server = await postmasterOf(directory);
    await node.kill();
    const database = await open(directory.path);
    expect(await postmasterOf(directory)).toBe(server);
    expect(await commitRow(database.url)).toBe(2);
    await database.close();
    const after = await startOtherNode(directory.path, account);
    expect(after.answer.opened).toBe(true);
    await after.leave();
  });
});

test.each(process.getuid?.() === 0 ? ["root"] : [])(
  "%s is told which folder keeps the server's account out",
  async () => {
    const shut = await mkdtemp(path.join(tmpdir(), "holdfast-shut-"));
    const refused = await open(path.join(shut, "data")).catch((fault: unknown) => fault);
    await rm(shut, { recursive: true });
    expect(refused).toBeInstanceOf(DirectoryUnreachable);
    expect(refused).toMatchObject({ blockedAt: shut });
  },
);
