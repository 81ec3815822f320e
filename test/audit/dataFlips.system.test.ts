import { cp, open, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openEmbedded } from "#database/embedded.ts";
import { migrate } from "#database/migrate.ts";
import { dataDirectory } from "../database/dataDirectory.ts";
import { chance } from "../faults/chance.ts";
import { type RealLineage, makeRealLineage, verified } from "./realLineage.ts";

const FLIPS = 50;
const applicationName = "holdfast tests";
const directory = dataDirectory({ name: "holdfast-flips-" });

interface DataFile {
  readonly file: string;
  readonly bytes: number;
}

/** The files of the product's tables, with what they keep apart because it is large. */
async function filesOf(url: string): Promise<readonly DataFile[]> {
  const database = connect(url, { applicationName, connectionsMax: 1 });
  try {
    return await database.sql<DataFile[]>`
      SELECT pg_relation_filepath(f.oid) AS file, pg_relation_size(f.oid)::int4 AS bytes
      FROM pg_class AS c CROSS JOIN LATERAL (VALUES (c.oid), (c.reltoastrelid)) AS f(oid)
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND f.oid <> 0
        AND pg_relation_size(f.oid) > 0`;
  } finally {
    await database.close();
  }
}

async function flip(file: string, bit: number): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const byte = Buffer.alloc(1);
    const at = Math.floor(bit / 8);
    await handle.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ (1 << (bit % 8));
    await handle.write(byte, 0, 1, at);
  } finally {
    await handle.close();
  }
}

/** Does something while the server runs, and stops it. */
async function serving<T>(work: (url: string) => Promise<T>): Promise<T> {
  const { path: folder } = directory;
  const server = await openEmbedded({ directory: folder, applicationName, log: () => undefined });
  try {
    return await work(server.url);
  } finally {
    await server.close();
  }
}

async function make(url: string): Promise<RealLineage> {
  await migrate(url, { applicationName });
  const database = connect(url, { applicationName, connectionsMax: 4 });
  try {
    return await makeRealLineage(database);
  } finally {
    await database.close();
  }
}

test("T17: one bit that turned in a data file of the stopped server is found, wherever it is", async () => {
  const chances = chance("data flips");
  const files = await serving(async (url) => {
    await make(url);
    const { findings, unchecked } = await verified(url);
    expect({ findings, unchecked }).toEqual({ findings: [], unchecked: null });
    return filesOf(url);
  });
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const missed: string[] = [];
  for (let round = 0; round < FLIPS; round += 1) {
    let bit = chances.below(total * 8);
    const hit = files.find(({ bytes }) => {
      if (bit < bytes * 8) return true;
      bit -= bytes * 8;
      return false;
    });
    if (hit === undefined) throw new Error("a bit lies in one of the files");
    const file = path.join(directory.data, hit.file);
    const kept = `${file}.kept`;
    await cp(file, kept);
    await flip(file, bit);
    const { findings, unchecked } = await serving((url) => verified(url));
    if (findings.length === 0 && unchecked === null) missed.push(`bit ${bit} of ${hit.file}`);
    await cp(kept, file);
    await rm(kept);
  }
  expect(missed).toEqual([]);
  await serving(async (url) => expect((await verified(url)).findings).toEqual([]));
});
