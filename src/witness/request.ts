import { readBase64 } from "#proof/base64.ts";
import { readTreeSize } from "#proof/checkpoint.ts";
import { digestLength } from "#proof/digest.ts";
import { decodeNote, NoteMalformed } from "#proof/signedNote.ts";

/** What a log asks for with `add-checkpoint` (C2SP tlog-witness), taken apart and not yet believed. */
export interface AddCheckpoint {
  /** The size of the checkpoint that the log thinks was cosigned last; 0 for none. */
  readonly old: bigint;
  /** That the new checkpoint's tree starts with the old one's. */
  readonly proof: readonly Uint8Array[];
  /** The new checkpoint, as a signed note. */
  readonly note: string;
}

/** A request that does not have the form of the protocol. */
export class RequestMalformed extends Error {
  override readonly name = "RequestMalformed";
}

/** As the protocol says; a tree of 2^64 leaves needs no more. */
const proofLinesMax = 63;

/**
 * Reads the body of an `add-checkpoint` request: `old <size>`, at most 63 lines of base64, an empty
 * line and the note, every line with its newline.
 *
 * @throws {RequestMalformed} with the line at fault.
 */
export function readAddCheckpoint(body: Uint8Array): AddCheckpoint {
  const text = textOf(body);
  const end = text.indexOf("\n\n");
  if (end === -1) throw new RequestMalformed("no empty line is before the checkpoint");
  const [first = "", ...lines] = text.slice(0, end).split("\n");
  const old = first.startsWith("old ") ? readTreeSize(first.slice("old ".length)) : null;
  if (old === null)
    throw new RequestMalformed("line 1 is not: old, a space, and a size in decimal");
  if (lines.length > proofLinesMax)
    throw new RequestMalformed(`the proof has more than ${proofLinesMax} lines`);
  return { old, proof: lines.map(hashOf), note: text.slice(end + "\n\n".length) };
}

function textOf(body: Uint8Array): string {
  try {
    return decodeNote(body);
  } catch (cause) {
    if (!(cause instanceof NoteMalformed)) throw cause;
    throw new RequestMalformed("the request is not UTF-8", { cause });
  }
}

function hashOf(line: string, offset: number): Uint8Array {
  const hash = readBase64(line);
  if (hash?.length !== digestLength)
    throw new RequestMalformed(`line ${offset + 2} is not the base64 of a hash of 32 bytes`);
  return hash;
}
