import { digestLength } from "./digest.ts";
import { pgpWords } from "./pgpWords.ts";

const evenBytes = bytesByWord(pgpWords.even);
const oddBytes = bytesByWord(pgpWords.odd);

/**
 * A digest as 32 words that two people can compare over a phone (rule 5.6), from the PGP word list:
 * words of two and of three syllables take turns, so a word left out, said twice or swapped with
 * its neighbour is heard at once.
 *
 * @throws {RangeError} if the digest is not 32 bytes long.
 */
export function digestWords(digest: Uint8Array): string[] {
  if (digest.length !== digestLength)
    throw new RangeError(`a digest has ${digestLength} bytes, not ${digest.length}`);
  return Array.from(
    digest,
    (byte, offset) => (offset % 2 === 0 ? pgpWords.even : pgpWords.odd)[byte] ?? "",
  );
}

/**
 * The digest that these 32 words stand for, in any case; null if they are not 32, or if one is
 * unknown or at a place of the wrong parity. Other words in the right places are another digest:
 * the caller compares it with its own.
 */
export function parseDigestWords(words: readonly string[]): Uint8Array | null {
  if (words.length !== digestLength) return null;
  const digest = new Uint8Array(digestLength);
  for (const [offset, word] of words.entries()) {
    const byte = (offset % 2 === 0 ? evenBytes : oddBytes).get(word.toLowerCase());
    if (byte === undefined) return null;
    digest[offset] = byte;
  }
  return digest;
}

function bytesByWord(words: readonly string[]): ReadonlyMap<string, number> {
  return new Map(words.map((word, byte) => [word.toLowerCase(), byte]));
}
