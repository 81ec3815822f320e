import { bytesOf } from "#ledger/bytes.ts";
import type { RevisionDigest } from "#packet/name.ts";
import { digestWords } from "#proof/words.ts";

/** A digest as the words of the PGP word list, to be read aloud (rule 5.6). */
export function wordsOf(digest: RevisionDigest): string[] {
  return digestWords(bytesOf(digest));
}
