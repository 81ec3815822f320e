import { open, readFile } from "node:fs/promises";
import { makeWhole } from "#outpost/wholeFile.ts";
import { type NoteSigner, newNoteKey, noteSigner } from "#proof/signedNote.ts";

const OWNER_ALONE = 0o600;
const READABLE_BY_OTHERS = 0o077;

/** The deployment's signing key cannot be used; the message says what to do and repeats no key. */
export class NoteKeyUnusable extends Error {
  override readonly name = "NoteKeyUnusable";

  constructor(file: string, reason: string, cause?: unknown) {
    super(`the signing key ${file} cannot be used: ${reason}`, { cause });
  }
}

/**
 * Reads the key with which checkpoints and gate statements are signed: one line, in the text form
 * of signed notes.
 *
 * @throws {NoteKeyUnusable}
 */
export async function readNoteKey(file: string): Promise<NoteSigner> {
  const text = await readOwn(file);
  try {
    return noteSigner(text.trim());
  } catch (fault) {
    throw new NoteKeyUnusable(file, "it is no signing key: make one with npm run log-key", fault);
  }
}

/**
 * Makes a key of this name, which is the log's origin, from 32 random bytes. The file must not be
 * there; only its owner may read it, and a crash leaves the whole of it or nothing under its name; a
 * draft beside it, which a crash may leave, is its owner's alone too. Resolves to the verifier key
 * that auditors need.
 *
 * @throws {NoteKeyUnusable}
 */
export async function makeNoteKey(
  file: string,
  name: string,
  seed: Uint8Array,
): Promise<NoteSigner> {
  const key = newNoteKey(name, seed);
  await makeWhole(file, `${key}\n`, OWNER_ALONE).catch((fault: NodeJS.ErrnoException) => {
    const reason = fault.code === "EEXIST" ? "it is there already" : (fault.code ?? fault.message);
    throw new NoteKeyUnusable(file, reason, fault);
  });
  return noteSigner(key);
}

async function readOwn(file: string): Promise<string> {
  const handle = await open(file).catch((fault: NodeJS.ErrnoException) => {
    const absent = "it is not there: make one with npm run log-key, or restore it";
    throw new NoteKeyUnusable(file, fault.code === "ENOENT" ? absent : fault.message, fault);
  });
  try {
    const { mode } = await handle.stat();
    if ((mode & READABLE_BY_OTHERS) !== 0) {
      throw new NoteKeyUnusable(
        file,
        "others may read it: chmod 600, and make a new one if in doubt",
      );
    }
    return await readFile(handle, "utf8");
  } finally {
    await handle.close();
  }
}
