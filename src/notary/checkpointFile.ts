import { open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

/** The note that is kept as the last checkpoint; null where there is none yet. */
export async function readCheckpointFile(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fault;
  }
}

/** Several notaries of one process may keep the same file: each writes a draft of its own. */
let drafts = 0;

/** Keeps a note in place of the one before: after a crash one of the two is there, whole. */
export async function writeCheckpointFile(file: string, note: string): Promise<void> {
  drafts += 1;
  const next = `${file}.${process.pid}.${drafts}.new`;
  const handle = await open(next, "w", 0o644);
  try {
    await handle.writeFile(note);
    await handle.sync();
  } catch (fault) {
    await rm(next, { force: true });
    throw fault;
  } finally {
    await handle.close();
  }
  await rename(next, file);
  const folder = await open(path.dirname(file));
  await folder.sync();
  await folder.close();
}
