import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { noteVerifier, type NoteVerifier } from "#proof/signedNote.ts";
import { holdDirectory } from "#outpost/directoryHold.ts";
import { openKey } from "./keyFile.ts";
import { CheckpointStore } from "./store.ts";
import { syncFolder, UNFINISHED } from "#outpost/wholeFile.ts";
import { Witness } from "./witness.ts";

/** What a witness is opened with. */
export interface OpenWitnessOptions {
  /** The witness's own, made where it is not there. */
  readonly directory: string;
  readonly name: string;
  /** The keys of each log that it watches, by the log's origin. */
  readonly logs: ReadonlyMap<string, readonly NoteVerifier[]>;
  readonly nowSeconds: () => bigint;
  /** Makes 32 random bytes. */
  readonly random: () => Uint8Array;
}

/** A witness, and the key by which others know its word. */
export interface OpenedWitness {
  readonly witness: Witness;
  /** Of type 0x04, in the text form of signed notes. */
  readonly verifierKey: string;
  /** Lets go of the directory; cosign nothing afterwards. */
  close(): Promise<void>;
}

const CLAIMANT = { who: "witness", variable: "HOLDFAST_WITNESS_DATA" };
const OWNER_ALONE = 0o700;
const NONCE_BYTES = 6;

/**
 * Opens the one witness of a directory.
 *
 * @throws {DirectoryHeld} if another process has it.
 * @throws {DirectoryUnusable} if no claim can be made there.
 * @throws {KeyUnusable} if the witness's key cannot be used.
 */
export async function openWitness(options: OpenWitnessOptions): Promise<OpenedWitness> {
  const { directory, name, logs, nowSeconds, random } = options;
  const folder = path.join(directory, "checkpoints");
  await mkdir(folder, { recursive: true, mode: OWNER_ALONE });
  const nonce = Buffer.from(random().subarray(0, NONCE_BYTES)).toString("hex");
  const hold = await holdDirectory(directory, nonce, CLAIMANT);
  try {
    await removeUnfinished(directory);
    await removeUnfinished(folder);
    const hasCosigned = (await readdir(folder)).length > 0;
    const file = path.join(directory, "key");
    const cosigner = await openKey({ file, name, newSeed: random, hasCosigned });
    const store = new CheckpointStore(folder, noteVerifier(cosigner.verifierKey));
    const witness = new Witness({ cosigner, logs, store, nowSeconds });
    return { witness, verifierKey: cosigner.verifierKey, close: () => hold.release() };
  } catch (fault) {
    await hold.release();
    throw fault;
  }
}

/** What a crash left half written never counted. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(UNFINISHED)) await rm(path.join(folder, name), { force: true });
  }
  await syncFolder(folder);
}
