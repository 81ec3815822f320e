import { execFile } from "node:child_process";
import { access, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { connect } from "#database/connect.ts";
import type { Postgres } from "./store.ts";

const run = promisify(execFile);
const DEBIAN = "/usr/lib/postgresql";

/** One row with as many bytes as a revision of ours has, and nothing judged. */
const INSERT = "INSERT INTO bare (body) VALUES (decode(repeat('ab', 1200), 'hex'));\n";

/** The embedded server takes 100 connections, of which a few are ours. */
const CLIENTS_MAX = 90;

/** Inserts one durable row each at some concurrency, and resolves to how many a second. */
export interface BareInserts {
  /** Such as `pgbench 15.18`. */
  readonly name: string;
  perSecond(callers: number, inserts: number): Promise<number>;
}

/** Debian's pgbench where it is installed, else an equal loop of prepared statements. */
export async function bareInserts(postgres: Postgres): Promise<BareInserts> {
  const setUp = connect(postgres.url, { applicationName: "holdfast bench", connectionsMax: 1 });
  await setUp.sql`CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, body bytea NOT NULL)`;
  await setUp.close();
  const program = await findPgbench();
  return program === null ? loopOf(postgres) : pgbenchOf(postgres, program);
}

async function findPgbench(): Promise<string | null> {
  const versions = await readdir(DEBIAN).catch(() => []);
  for (const version of versions.toSorted((one, other) => Number(other) - Number(one))) {
    const program = path.join(DEBIAN, version, "bin", "pgbench");
    const isThere = await access(program).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return null;
}

async function pgbenchOf({ url }: Postgres, program: string): Promise<BareInserts> {
  const { stdout: version } = await run(program, ["--version"]);
  const address = new URL(url);
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(address.password) };
  return {
    name: version.trim().replace(/^pgbench \(PostgreSQL\)/, "pgbench"),
    async perSecond(callers, inserts) {
      const clients = Math.min(callers, CLIENTS_MAX);
      const folder = await mkdtemp(path.join(tmpdir(), "holdfast-pgbench-"));
      try {
        const script = path.join(folder, "insert.sql");
        await writeFile(script, INSERT);
        const { stdout } = await run(
          program,
          [
            "--no-vacuum",
            "--protocol=prepared",
            `--file=${script}`,
            `--client=${clients}`,
            `--jobs=${Math.min(clients, 2)}`,
            `--transactions=${Math.ceil(inserts / clients)}`,
            `--host=${address.hostname}`,
            `--port=${address.port}`,
            `--username=${address.username}`,
            address.pathname.slice(1),
          ],
          { env },
        );
        const [, told] = /^tps = ([0-9.]+)/m.exec(stdout) ?? [];
        if (told === undefined) throw new Error("pgbench does not say how many a second");
        return Number(told);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

async function loopOf({ url }: Postgres): Promise<BareInserts> {
  const database = connect(url, { applicationName: "holdfast bench", connectionsMax: CLIENTS_MAX });
  return {
    name: "a loop of prepared inserts",
    async perSecond(callers, inserts) {
      let left = inserts;
      const start = performance.now();
      const caller = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await database.sql`
            INSERT INTO bare (body) VALUES (decode(repeat('ab', 1200), 'hex'))`;
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
      return (inserts / (performance.now() - start)) * 1000;
    },
  };
}
