import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "#database/connect.ts";
import { openEmbedded } from "#database/embedded.ts";
import { makeNoteKey } from "#notary/noteKeyFile.ts";
import { Role } from "#packet/actor.ts";
import { sha256Hex } from "#proof/digest.ts";
import { build } from "../built.ts";
import type { Postgres } from "../store.ts";
import { type NodePlace, type ProductNode, startNode } from "./nodes.ts";
import { startRedis } from "./redisServer.ts";

const APPLICATION_NAME = "holdfast bench";

/** As many readers as there are dashboards, in each of two kinds. */
export const READERS = 1_000;

/** How many sets of roles the readers of many classes have. */
export const CLASSES = 100;

/** Everything that benchmarks of live delivery run on. */
export interface Stage extends Postgres {
  readonly redisUrl: string;
  /** One takes the appends. */
  readonly near: ProductNode;
  /** The other is told of them by Redis. */
  readonly far: ProductNode;
  readonly versions: Readonly<Record<string, string>>;
}

/** Builds the product, and starts two nodes of it on one Postgres and one Redis, which all go away afterwards. */
export async function withStage<T>(use: (stage: Stage) => Promise<T>): Promise<T> {
  await build();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const folder = await mkdtemp(path.join(tmpdir(), "holdfast-live-"));
    closing.push(() => rm(folder, { recursive: true, force: true }));
    const redis = await startRedis(folder);
    closing.push(() => redis.stop());
    const database = await openDatabase();
    closing.push(() => database.close());
    const place = {
      databaseUrl: database.applicationUrl,
      migrationUrl: database.url,
      redisUrl: redis.url,
      principals: path.join(folder, "principals.json"),
      logKey: path.join(folder, "log.key"),
    };
    await writePrincipals(place.principals);
    await makeNoteKey(place.logKey, "bench.example/holdfast", randomBytes(32));
    const [near, far] = [await openNode(place, "near"), await openNode(place, "far")];
    await makeTables(database.url);
    const versions = { postgres: database.version, redis: redis.version };
    const { url, version } = database;
    return await use({ url, version, redisUrl: redis.url, near, far, versions });
  } finally {
    for (const close of closing.toReversed()) await close();
  }

  async function openNode(place: Omit<NodePlace, "checkpoint">, name: string) {
    const checkpoint = path.join(path.dirname(place.logKey), `${name}.checkpoint`);
    const node = await startNode({ ...place, checkpoint });
    closing.push(() => node.stop());
    return node;
  }
}

/** A folder of its own: Postgres runs as another account, and must reach it. */
async function openDatabase() {
  const directory = await mkdtemp(path.join(tmpdir(), "holdfast-live-database-"));
  await chmod(directory, 0o755);
  const log = (): void => undefined;
  const embedded = await openEmbedded({ directory, applicationName: APPLICATION_NAME, log });
  const { url, applicationUrl, version } = embedded;
  return {
    url,
    applicationUrl,
    version,
    async close() {
      await embedded.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A table for what each peer appends. */
async function makeTables(url: string): Promise<void> {
  const database = connect(url, { applicationName: APPLICATION_NAME, connectionsMax: 1 });
  for (const table of ["floor_event", "yoga_event"]) {
    const { sql } = database;
    await sql`CREATE TABLE ${sql(table)} (id bigserial PRIMARY KEY, body bytea NOT NULL)`;
  }
  await database.close();
}

/** The token of whoever appends. */
export const PROBE_TOKEN = "hf_bench-probe";

/** The token of the reader of a place: all of one class, or of {@link CLASSES} in turn. */
export function readerToken(place: number, kind: "alike" | "varied"): string {
  return `hf_bench-${kind}-${place}`;
}

/** A person who reports: unlike a system, they do not number their reports, so that any may come first. */
const PROBE = { name: "probe", kind: "PERSON", roles: ["REPORTER"], token: PROBE_TOKEN };

async function writePrincipals(file: string): Promise<void> {
  const people = Array.from({ length: READERS }, (_, place) => [
    { name: `alike-${place}`, roles: ["READER"], token: readerToken(place, "alike") },
    { name: `varied-${place}`, roles: rolesOf(place), token: readerToken(place, "varied") },
  ]).flat();
  const principals = [PROBE, ...people.map((person) => ({ kind: "PERSON", ...person }))];
  const told = principals.map(({ token, ...rest }) => ({ ...rest, tokenSha256: sha256Hex(token) }));
  await writeFile(file, JSON.stringify({ principals: told }), { mode: 0o600 });
}

/** Another set of roles for each of the first {@link CLASSES} places: the digits of 1 and more in base two. */
function rolesOf(place: number): string[] {
  const set = 1 + (place % CLASSES);
  return Role.options.filter((_, index) => ((set >> index) & 1) === 1);
}
