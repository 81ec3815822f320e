import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { syncFolder } from "#outpost/wholeFile.ts";
import { canonical } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { HistoryLine, type PaceRecord } from "./records.ts";

/**
 * The history is not what this service wrote, or can be written no more. No token is given and no
 * policy is taken, since what was allowed is not known.
 */
export class HistoryBroken extends Error {
  override readonly name = "HistoryBroken";

  constructor(file: string, reason: string, cause?: unknown) {
    super(`${file} cannot be gone on with: ${reason}`, { cause });
  }
}

const OWNER_ALONE = 0o600;
const LINE_FEED = 0x0a;

/**
 * Everything that the service ever allowed, one line of canonical JSON for each record, each line
 * chained to the one before by its digest. It is only ever appended to, and what is appended is on
 * the disk before anybody is told of it.
 */
export class History {
  readonly #file: string;
  readonly #handle: FileHandle;
  #length: number;
  #last: string | null;
  #broken: HistoryBroken | null = null;

  private constructor(file: string, handle: FileHandle, length: number, last: string | null) {
    this.#file = file;
    this.#handle = handle;
    this.#length = length;
    this.#last = last;
  }

  /**
   * Opens the history, which is made where it is not there, and tells every record of it in order.
   * A last line without its end was never told to anybody and is cut off.
   *
   * @throws {HistoryBroken} if any other line is not what was written.
   */
  static async open(file: string, tell: (record: PaceRecord) => void): Promise<History> {
    const handle = await open(file, "a+", OWNER_ALONE).catch((fault: Error) => {
      throw new HistoryBroken(file, fault.message, fault);
    });
    try {
      const bytes = await handle.readFile();
      const length = bytes.lastIndexOf(LINE_FEED) + 1;
      const last = readLines(file, bytes.subarray(0, length), tell);
      await handle.truncate(length);
      await handle.sync();
      await syncFolder(path.dirname(file));
      return new History(file, handle, length, last);
    } catch (fault) {
      await handle.close();
      throw fault;
    }
  }

  /**
   * Resolves when the record outlives a crash of the machine. One call at a time.
   *
   * @throws {HistoryBroken} if it cannot be written; it then does not count.
   */
  async append(record: PaceRecord): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    const line = canonical({ previous: this.#last, record: { ...record } });
    const bytes = Buffer.from(`${line}\n`, "utf8");
    try {
      await this.#handle.writeFile(bytes);
      await this.#handle.sync();
    } catch (fault) {
      await this.#takeBack(fault);
      throw new HistoryBroken(this.#file, "it cannot be written: make room, and ask again", fault);
    }
    this.#length += bytes.length;
    this.#last = sha256Hex(line);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  /** What was half written must not stand before the next record; after a sync that failed nobody knows what the disk has. */
  async #takeBack(cause: unknown): Promise<void> {
    try {
      await this.#handle.truncate(this.#length);
      await this.#handle.sync();
    } catch {
      const reason = "it could neither be written nor cut: mend the disk and start again";
      this.#broken = new HistoryBroken(this.#file, reason, cause);
    }
  }
}

/** Tells each record; returns the digest of the last line. */
function readLines(file: string, bytes: Buffer, tell: (record: PaceRecord) => void): string | null {
  let previous: string | null = null;
  let number = 0;
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, start);
    const line = bytes.subarray(start, end);
    number += 1;
    const read = lineOf(line);
    if (read === null) {
      throw new HistoryBroken(file, `line ${number} is no record: restore the newest copy of it`);
    }
    if (read.previous !== previous) {
      const reason = `line ${number} does not follow the one before: restore the newest copy of it`;
      throw new HistoryBroken(file, reason);
    }
    tell(read.record);
    previous = sha256Hex(line);
    start = end + 1;
  }
  return previous;
}

function lineOf(line: Uint8Array) {
  try {
    return HistoryLine.safeParse(readCanonical(line)).data ?? null;
  } catch {
    return null;
  }
}
