import { createReadStream } from "node:fs";
import cacache from "cacache";

/** Where an artifact's bytes are: in npm's content cache, or in a file. Plain data, so that another process can be told. */
export type Bytes =
  | { readonly cache: string; readonly integrity: string }
  | { readonly file: string };

/** The bytes in pieces. Fails when they cannot be read, and where the cache finds them altered. */
export function openBytes(bytes: Bytes): AsyncIterable<Uint8Array> {
  if ("file" in bytes) return createReadStream(bytes.file);
  return cacache.get.stream.byDigest(bytes.cache, bytes.integrity);
}

/** How many bytes there are; null when they are not held, or not as they were put there. */
export async function sizeOf(bytes: Bytes): Promise<number | null> {
  try {
    let size = 0;
    for await (const piece of openBytes(bytes)) size += piece.length;
    return size;
  } catch (fault) {
    if (isAbsence(fault)) return null;
    throw fault;
  }
}

const ABSENCES = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM", "EINTEGRITY", "EBADSIZE"]);

function isAbsence(fault: unknown): boolean {
  return fault instanceof Error && "code" in fault && ABSENCES.has(String(fault.code));
}
