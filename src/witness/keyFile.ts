import { open } from "node:fs/promises";
import { type Cosigner, cosigner } from "#proof/cosignature.ts";
import { newNoteKey } from "#proof/signedNote.ts";
import { writeWhole } from "#outpost/wholeFile.ts";

/** The witness's key cannot be used; the message says what to do, and repeats no key. */
export class KeyUnusable extends Error {
  override readonly name = "KeyUnusable";

  constructor(file: string, reason: string, cause?: unknown) {
    super(`the witness's key ${file} cannot be used: ${reason}`, { cause });
  }
}

/** Which key, and how to make it at the first start. */
export interface KeyRequest {
  readonly file: string;
  /** The witness's name, which the key carries. */
  readonly name: string;
  /** 32 random bytes. */
  readonly newSeed: () => Uint8Array;
  /** Whether this witness has cosigned before, and so has told others a key. */
  readonly hasCosigned: boolean;
}

const OWNER_ALONE = 0o600;
const READABLE_BY_OTHERS = 0o077;

/**
 * Reads the witness's key, and makes it where there is none yet. The directory is held meanwhile.
 *
 * @throws {KeyUnusable} if it is no key, is of another name, may be read by others, or is gone.
 */
export async function openKey(request: KeyRequest): Promise<Cosigner> {
  const { file, name, newSeed, hasCosigned } = request;
  const present = await readOwn(file);
  if (present === null && hasCosigned)
    throw new KeyUnusable(file, "it is gone, and checkpoints were cosigned with it: restore it");
  if (present === null) await writeWhole(file, `${newNoteKey(name, newSeed())}\n`, OWNER_ALONE);
  const own = keyOf(file, present ?? (await readOwn(file)) ?? "");
  if (own.name !== name)
    throw new KeyUnusable(
      file,
      `it is the key of ${own.name}: set HOLDFAST_WITNESS_NAME to that, or use another directory`,
    );
  return own;
}

function keyOf(file: string, text: string): Cosigner {
  try {
    return cosigner(text.trimEnd());
  } catch (fault) {
    throw new KeyUnusable(file, "it is no private key of a note: restore it", fault);
  }
}

async function readOwn(file: string): Promise<string | null> {
  const handle = await open(file).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === "ENOENT") return null;
    throw new KeyUnusable(file, fault.message, fault);
  });
  if (handle === null) return null;
  try {
    const { mode } = await handle.stat();
    if ((mode & READABLE_BY_OTHERS) !== 0)
      throw new KeyUnusable(file, "others may read it: chmod 600, and make a new one if in doubt");
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
