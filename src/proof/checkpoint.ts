import { base64, readBase64 } from "./base64.ts";
import { digestLength } from "./digest.ts";
import { emptyLogRoot } from "./logTree.ts";
import { isNoteText } from "./noteForm.ts";

/** What a log says of itself at one size: the text of a signed note (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Which log it is of; one line, not empty. */
  readonly origin: string;
  /** How many leaves the tree has, up to 2^64 - 1. */
  readonly size: bigint;
  /** The root of the tree at that size, 32 bytes. */
  readonly root: Uint8Array;
  /** Lines without a meaning here, none of them empty. */
  readonly extensions: readonly string[];
}

/** What is no checkpoint, or cannot be one. */
export class CheckpointMalformed extends Error {
  override readonly name = "CheckpointMalformed";

  constructor(reason: string) {
    super(`no checkpoint: ${reason}`);
  }
}

const sizeMax = (1n << 64n) - 1n;
const extensionsMax = 64;

/**
 * The text of a checkpoint: origin, size in decimal, root in base64 and the extensions, a line
 * each.
 *
 * @throws {CheckpointMalformed} if it could not be read back as the same.
 */
export function checkpointText(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  for (const line of [origin, ...extensions]) {
    if (line.includes("\n")) throw new CheckpointMalformed("origin and extensions are lines");
  }
  const text = [origin, String(size), base64(root), ...extensions].map((line) => `${line}\n`);
  readCheckpoint(text.join(""));
  return text.join("");
}

/**
 * Reads the text of a checkpoint, in which everything has one spelling.
 *
 * @throws {CheckpointMalformed} with the place of the first fault.
 */
export function readCheckpoint(text: string): Checkpoint {
  if (!isNoteText(text))
    throw new CheckpointMalformed("it has control characters or lone surrogates");
  if (!text.endsWith("\n")) throw new CheckpointMalformed("its last line has no end");
  const [origin = "", sizeText = "", rootText = "", ...extensions] = text.slice(0, -1).split("\n");
  if (origin === "") throw new CheckpointMalformed("line 1, the origin, is empty");
  const size = readTreeSize(sizeText);
  if (size === null)
    throw new CheckpointMalformed("line 2 is not a size in decimal, without leading zeros");
  const root = readBase64(rootText);
  if (root?.length !== digestLength)
    throw new CheckpointMalformed("line 3 is not the base64 of a root of 32 bytes");
  if (size === 0n && Buffer.compare(root, emptyLogRoot()) !== 0)
    throw new CheckpointMalformed("line 3 is not the root of a tree without leaves");
  if (extensions.length > extensionsMax)
    throw new CheckpointMalformed(`it has more than ${extensionsMax} extension lines`);
  if (extensions.includes("")) throw new CheckpointMalformed("an extension line is empty");
  return { origin, size, root, extensions };
}

/** A tree's size as checkpoints and witnesses write it: decimal, up to 2^64 - 1; null for others. */
export function readTreeSize(text: string): bigint | null {
  if (!/^(?:0|[1-9][0-9]{0,19})$/.test(text)) return null;
  const size = BigInt(text);
  return size > sizeMax ? null : size;
}
