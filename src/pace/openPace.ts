import { mkdir } from "node:fs/promises";
import path from "node:path";
import { holdDirectory } from "#outpost/directoryHold.ts";
import { syncFolder } from "#outpost/wholeFile.ts";
import type { DateTime } from "#packet/epoch.ts";
import { History } from "./history.ts";
import { Memory } from "./memory.ts";
import { Pace } from "./pace.ts";
import { PaceSigners } from "./signers.ts";
import { openTokenKey } from "./tokenKey.ts";

/** What the change-rate service is opened with. */
export interface OpenPaceOptions {
  /** The service's own, made where it is not there. */
  readonly directory: string;
  /** The file that says who sets policies and who asks. */
  readonly signers: string;
  /** Makes 32 random bytes. */
  readonly random: () => Uint8Array;
  /** Makes a UUID. */
  readonly newId: () => string;
  /** For people to read; it decides nothing. */
  readonly now: () => DateTime;
}

/** The service, without its door. */
export interface OpenedPace {
  readonly pace: Pace;
  /** Lets go of the directory; ask nothing afterwards. */
  close(): Promise<void>;
}

const CLAIMANT = { who: "change-rate service", variable: "HOLDFAST_PACE_DATA" };
const OWNER_ALONE = 0o700;
const NONCE_BYTES = 6;

/**
 * Opens the one change-rate service of a directory.
 *
 * @throws {DirectoryHeld} if another process has it.
 * @throws {DirectoryUnusable} if no claim can be made there.
 * @throws {HistoryBroken} if the history is not what was written.
 * @throws {PaceKeyUnusable} or {PaceSignersUnusable} if a file of keys cannot be used.
 */
export async function openPace(options: OpenPaceOptions): Promise<OpenedPace> {
  const { directory, random, newId, now } = options;
  await mkdir(directory, { recursive: true, mode: OWNER_ALONE });
  const nonce = Buffer.from(random().subarray(0, NONCE_BYTES)).toString("hex");
  const hold = await holdDirectory(directory, nonce, CLAIMANT);
  const opened: History[] = [];
  const close = async (): Promise<void> => {
    for (const history of opened) await history.close();
    await hold.release();
  };
  try {
    const signers = new PaceSigners(options.signers);
    await signers.read();
    const memory = new Memory();
    const file = path.join(directory, "history.jsonl");
    const history = await History.open(file, (record) => memory.know(record));
    opened.push(history);
    const key = await openTokenKey({
      file: path.join(directory, "key.pem"),
      newSeed: random,
      hasSigned: memory.grants.length > 0,
    });
    await syncFolder(directory);
    return { pace: new Pace({ history, memory, key, signers, newId, now }), close };
  } catch (fault) {
    await close();
    throw fault;
  }
}
