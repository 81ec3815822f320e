import { readFile } from "node:fs/promises";
import path from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { z } from "zod";

/** One migration as it lies in the folder. */
export interface MigrationFile {
  /** The file's name without `.sql`. */
  name: string;
  /** Milliseconds since 1970 at which it was generated; drizzle orders migrations by it. */
  generatedAt: bigint;
  /** SHA-256 of the file, in hex. */
  sha256: string;
}

const Journal = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

/** The folder that is delivered with the product: `drizzle` beside `src` and `dist`. */
export const MIGRATIONS_FOLDER = path.resolve(import.meta.dirname, "..", "..", "drizzle");

/** Lists the migrations of a folder written by drizzle-kit, oldest first. */
export async function listMigrationFiles(folder: string): Promise<MigrationFile[]> {
  const text = await readFile(path.join(folder, "meta", "_journal.json"), "utf8");
  const { entries } = Journal.parse(JSON.parse(text));
  const files = readMigrationFiles({ migrationsFolder: folder });
  return files.map((file, index) => ({
    name: entries[index]?.tag ?? file.hash,
    generatedAt: BigInt(file.folderMillis),
    sha256: file.hash,
  }));
}
