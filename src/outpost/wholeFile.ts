import { link, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

/** What the files end with that a crash may leave behind half written. */
export const UNFINISHED = ".new";

/**
 * Puts a file in place of the one before. When this resolves, the file outlives a crash of the
 * machine; after a crash meanwhile, one of the two is there, whole.
 */
export async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const next = `${file}${UNFINISHED}`;
  await rm(next, { force: true });
  await writeDraft(next, "wx", text, mode);
  await rename(next, file);
  await syncFolder(path.dirname(file));
}

/** The same where several may write one file at a time: each writes a draft of its own. */
export async function replaceWhole(
  file: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const next = newDraft(file);
  try {
    await writeDraft(next, "w", content, mode);
    await rename(next, file);
  } catch (fault) {
    await rm(next, { force: true });
    throw fault;
  }
  await syncFolder(path.dirname(file));
}

/**
 * Makes a file that is not there yet: of several who do, one succeeds, and the others throw
 * `EEXIST`. After a crash meanwhile it is there whole, or not at all.
 */
export async function makeWhole(file: string, content: string, mode: number): Promise<void> {
  const next = newDraft(file);
  // One that a crash left behind may be the file itself under its other name: never written to.
  await rm(next, { force: true });
  try {
    await writeDraft(next, "wx", content, mode);
    await link(next, file);
  } finally {
    await rm(next, { force: true });
  }
  await syncFolder(path.dirname(file));
}

let drafts = 0;

/** A name that no other process, and no other call, writes a draft under. */
function newDraft(file: string): string {
  drafts += 1;
  return `${file}.${process.pid}.${drafts}${UNFINISHED}`;
}

async function writeDraft(
  next: string,
  flags: "w" | "wx",
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const handle = await open(next, flags, mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes what was created, renamed or removed in a folder outlive a crash of the machine. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file's bytes; null where there is none. */
export async function readWhole(file: string): Promise<Uint8Array | null> {
  try {
    return await readFile(file);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw fault;
  }
}
