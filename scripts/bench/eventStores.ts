import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { connect } from "#database/connect.ts";
import type { Postgres } from "./store.ts";

const run = promisify(execFile);

/** Another way to append something durable to one stream. */
export interface EventStore {
  /** Such as `@eventide/message-db 1.3.1`. */
  readonly name: string;
  append(): Promise<void>;
  close(): Promise<void>;
}

const CONNECTIONS = 16;

/** As many bytes as a revision of ours has. */
const DATA = { told: "ab".repeat(600) };
const STREAM = "packet-1";

/** Installs packages into a folder that goes away afterwards: they are no part of the product. */
export async function withPackages<T>(
  packages: readonly string[],
  use: (modules: string) => Promise<T>,
): Promise<T> {
  if (packages.length === 0) return use("");
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-peers-"));
  try {
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", `--prefix=${folder}`];
    await run("npm", ["install", ...options, ...packages], { cwd: folder });
    return await use(path.join(folder, "node_modules"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Makes a database on the same server, and tells its address. */
async function newDatabase({ url }: Postgres, name: string, schemas: string): Promise<string> {
  const server = connect(url, { applicationName: "holdfast bench", connectionsMax: 1 });
  await server.sql.unsafe(`CREATE DATABASE ${name}`);
  await server.sql.unsafe(`ALTER DATABASE ${name} SET search_path = ${schemas}`);
  await server.close();
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

const MESSAGE_DB = "1.3.1";

/** The package's own SQL in the order of its installer, less pgcrypto, which Postgres 13 made needless. */
const MESSAGE_DB_FILES = [
  "schema/message-store",
  "tables/messages",
  "types/message",
  ...[
    "message-store-version",
    "hash-64",
    "acquire-lock",
    "category",
    "is-category",
    "id",
    "cardinal-id",
    "stream-version",
    "write-message",
  ].map((name) => `functions/${name}`),
  ...["id", "stream", "category"].map((name) => `indexes/messages-${name}`),
];

/** What {@link messageDb} needs. */
export const MESSAGE_DB_PACKAGES = [`@eventide/message-db@${MESSAGE_DB}`];

/** message-db: one call of its `write_message` for each message, on a pool of ours. */
export async function messageDb(postgres: Postgres, modules: string): Promise<EventStore> {
  const url = await newDatabase(postgres, "message_store", "message_store, public");
  const database = connect(url, { applicationName: "holdfast bench", connectionsMax: CONNECTIONS });
  const installing = connect(url, { applicationName: "holdfast bench", connectionsMax: 1 });
  for (const name of MESSAGE_DB_FILES) {
    const file = path.join(modules, "@eventide", "message-db", "database", `${name}.sql`);
    await installing.sql.unsafe(await readFile(file, "utf8"));
  }
  await installing.close();
  const data = JSON.stringify(DATA);
  return {
    name: `@eventide/message-db ${MESSAGE_DB}`,
    async append() {
      await database.sql`SELECT write_message(${randomUUID()}, ${STREAM}, 'Recorded', ${data}::text::jsonb)`;
    },
    close: () => database.close(),
  };
}

const EMMETT = "0.42.0";

/** What {@link emmett} needs, its peer dependencies among it. */
export const EMMETT_PACKAGES = [
  `@event-driven-io/emmett-postgresql@${EMMETT}`,
  `@event-driven-io/emmett@${EMMETT}`,
  "@event-driven-io/pongo@0.16.11",
];

const EMMETT_ATTEMPTS_MAX = 10_000;

interface Emmett {
  getPostgreSQLEventStore(url: string): {
    appendToStream(stream: string, events: readonly object[]): Promise<unknown>;
    close(): Promise<void>;
  };
}

/**
 * Emmett: one `appendToStream` for each event, on the pool that it makes for itself. Of appends to one
 * stream at once all but one are refused also where no version is expected, and asked again here.
 */
export async function emmett(postgres: Postgres, modules: string): Promise<EventStore> {
  const url = await newDatabase(postgres, "emmett", "public");
  const main = path.join(modules, "@event-driven-io", "emmett-postgresql", "dist", "index.js");
  const loaded: unknown = await import(pathToFileURL(main).href);
  const store = (loaded as Emmett).getPostgreSQLEventStore(url);
  const append = async (): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await store.appendToStream(STREAM, [{ type: "Recorded", data: DATA }]);
        return;
      } catch (fault) {
        if (attempt === EMMETT_ATTEMPTS_MAX) throw fault;
      }
    }
  };
  await append();
  return {
    name: `@event-driven-io/emmett-postgresql ${EMMETT}`,
    append,
    close: () => store.close(),
  };
}
