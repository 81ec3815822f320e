import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Ledger } from "#ledger/ledger.ts";
import type { Log } from "#packet/log.ts";
import { makeNoteKey, readNoteKey } from "./noteKeyFile.ts";
import { LineageDoubted, Notary } from "./notary.ts";
import type { WitnessOptions } from "./witnessClient.ts";

/** Where the notary's own things are, and whether it may make them. */
export interface OpenNotaryOptions {
  readonly ledger: Ledger;
  readonly keyFile: string;
  readonly checkpointFile: string;
  readonly witness: WitnessOptions | null;
  /** Makes 32 random bytes for a key where there is none; null where one must be there. */
  readonly newSeed: (() => Uint8Array) | null;
  /** Whether there is a log to compare with; where there is none, nothing is believed until it was compared. */
  readonly isLogThere: boolean;
  readonly log: Log;
}

/**
 * Opens the notary and compares once. In doubt it opens as well, and says so: who asks for an
 * approval must hear why not.
 *
 * @throws {NoteKeyUnusable}
 */
export async function openNotary(options: OpenNotaryOptions): Promise<Notary> {
  const { ledger, keyFile, checkpointFile, witness, newSeed, isLogThere, log } = options;
  await mkdir(path.dirname(checkpointFile), { recursive: true });
  const isToBeMade = newSeed !== null && !(await isThere(keyFile));
  const signer = isToBeMade
    ? await makeNoteKey(keyFile, `holdfast/${ledger.deployment}`, newSeed())
    : await readNoteKey(keyFile);
  const notary = new Notary({ ledger, signer, checkpointFile, witness, log });
  if (!isLogThere) return notary;
  await notary.checkpoint().catch((fault: unknown) => {
    if (!(fault instanceof LineageDoubted)) throw fault;
  });
  return notary;
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw fault;
  }
}
