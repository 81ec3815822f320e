import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "#proof/digest.ts";
import { pgpWords } from "#proof/pgpWords.ts";
import { digestWords, parseDigestWords } from "#proof/words.ts";

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** The words of a fingerprint shorter than a digest: the first ones of a digest that starts with it. */
function wordsOf(fingerprint: string): string {
  const bytes = Buffer.from(fingerprint.replaceAll(" ", ""), "hex");
  const digest = Buffer.concat([bytes], 32);
  return digestWords(digest).slice(0, bytes.length).join(" ");
}

describe("the PGP word list", () => {
  test("has a word of each length of syllables for each byte, and none twice", () => {
    expect(pgpWords.even).toHaveLength(256);
    expect(pgpWords.odd).toHaveLength(256);
    const words = [...pgpWords.even, ...pgpWords.odd];
    expect(new Set(words.map((word) => word.toLowerCase())).size).toBe(512);
    for (const word of words) expect(word).toMatch(/^[A-Za-z]{4,11}$/);
  });

  test("gives the words that are published for two fingerprints", () => {
    expect(wordsOf("E582 94F2 E9A2 2748 6E8B 061B 31CC 528F D7FA 3F19")).toBe(
      "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa " +
        "afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless",
    );
    expect(wordsOf("D1D4 64C0 04F0 0FB5 C9A4 C8D8 E433 E7FB 7FF5 6256")).toBe(
      "stairway souvenir flytrap recipe adrift upcoming artist positive spearhead Pandora " +
        "spaniel stupendous tonic concurrent transit Wichita lockup visitor flagpole escapade",
    );
  });

  test("is the one that was compared with two independent copies, word for word", () => {
    const list = [...pgpWords.even, ...pgpWords.odd].join(" ");
    expect(Buffer.from(sha256(list)).toString("hex")).toBe(
      "3e090850023f09a3bff58dbc9926ee0840dd829fa8198af8ceffd1b2280a7096",
    );
  });
});

describe("a digest in words", () => {
  test("is the digest again, in whatever case it is written down", () => {
    fc.assert(
      fc.property(digests, (digest) => {
        const words = digestWords(digest);
        expect(parseDigestWords(words)).toEqual(digest);
        expect(parseDigestWords(words.map((word) => word.toUpperCase()))).toEqual(digest);
      }),
    );
  });

  test("is refused when a word is swapped with its neighbour, left out, said twice or unknown", () => {
    fc.assert(
      fc.property(digests, fc.nat(30), (digest, at) => {
        const words = digestWords(digest);
        const [one = "", next = ""] = words.slice(at, at + 2);
        expect(parseDigestWords(words.toSpliced(at, 2, next, one))).toBeNull();
        expect(parseDigestWords(words.toSpliced(at, 1))).toBeNull();
        expect(parseDigestWords(words.toSpliced(at, 0, one))).toBeNull();
        expect(parseDigestWords(words.toSpliced(at, 1, "aardwolf"))).toBeNull();
        expect(parseDigestWords(words.toSpliced(at, 1, `${one} `))).toBeNull();
        expect(parseDigestWords(words.slice(0, 31))).toBeNull();
        expect(parseDigestWords([...words, "aardvark"])).toBeNull();
        // The right number of words does not save what slipped by one place.
        expect(parseDigestWords([...words.toSpliced(at, 1), "aardvark"])).toBeNull();
      }),
    );
  });

  test("is another digest when two words of one parity are swapped, so comparing finds it", () => {
    const words = digestWords(sha256("packet"));
    const swapped = words.with(0, words[2] ?? "").with(2, words[0] ?? "");
    expect(parseDigestWords(swapped)).not.toEqual(sha256("packet"));
  });

  test("has nothing to say of bytes that are no digest", () => {
    expect(() => digestWords(new Uint8Array(20))).toThrow(RangeError);
  });
});
