import { readFile } from "node:fs/promises";
import { replaceWhole } from "#outpost/wholeFile.ts";

/** The note that is kept as the last checkpoint; null where there is none yet. */
export async function readCheckpointFile(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fault;
  }
}

/** Keeps a note in place of the one before; several notaries of one process may keep the same file. */
export function writeCheckpointFile(file: string, note: string): Promise<void> {
  return replaceWhole(file, note, 0o644);
}
