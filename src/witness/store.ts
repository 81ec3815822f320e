import path from "node:path";
import { type Checkpoint, readCheckpoint } from "#proof/checkpoint.ts";
import { sha256Hex } from "#proof/digest.ts";
import { decodeNote, type NoteVerifier, verifyNote } from "#proof/signedNote.ts";
import { readWhole, writeWhole } from "#outpost/wholeFile.ts";

/** What a witness cosigned last of one log. */
export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  /** With the witness's own cosignature. */
  readonly note: string;
}

/**
 * A stored file is not what this witness wrote. Nothing of that log is cosigned any more, since the
 * witness no longer knows what it said.
 */
export class StoreBroken extends Error {
  override readonly name = "StoreBroken";

  constructor(file: string, cause: unknown) {
    super(
      `${file} is not a checkpoint that this witness cosigned: restore the newest copy of it, or compare the log by hand before removing it`,
      { cause },
    );
  }
}

const READABLE_BY_ALL = 0o644;

/**
 * One file for each log, named by the SHA-256 of its origin. It is read from the disk each time, so
 * that what is judged by is what a crash would leave.
 */
export class CheckpointStore {
  readonly #folder: string;
  readonly #own: NoteVerifier;

  /** The folder is there; `own` verifies the witness's own cosignatures. */
  constructor(folder: string, own: NoteVerifier) {
    this.#folder = folder;
    this.#own = own;
  }

  /**
   * What was written last for an origin; null if nothing was.
   *
   * @throws {StoreBroken} if the file is anything else.
   */
  async read(origin: string): Promise<StoredCheckpoint | null> {
    const file = this.#fileOf(origin);
    const bytes = await readWhole(file);
    if (bytes === null) return null;
    try {
      const note = decodeNote(bytes);
      const checkpoint = readCheckpoint(verifyNote(note, [this.#own]).text);
      if (checkpoint.origin !== origin) throw new Error("it is of another log");
      return { checkpoint, note };
    } catch (fault) {
      throw new StoreBroken(file, fault);
    }
  }

  /** Resolves when the note outlives a crash of the machine. One call at a time for an origin. */
  async write(origin: string, note: string): Promise<void> {
    await writeWhole(this.#fileOf(origin), note, READABLE_BY_ALL);
  }

  #fileOf(origin: string): string {
    return path.join(this.#folder, sha256Hex(origin));
  }
}
