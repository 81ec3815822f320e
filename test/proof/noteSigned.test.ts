import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkpointText } from "#proof/checkpoint.ts";
import { cosigner } from "#proof/cosignature.ts";
import { sha256 } from "#proof/digest.ts";
import { NoteKeyMalformed } from "#proof/noteKey.ts";
import {
  decodeNote,
  newNoteKey,
  NoteMalformed,
  noteSigner,
  NoteUnverified,
  noteVerifier,
  readNote,
  readSignatureLine,
  signNote,
  verifierKeyOf,
  verifyNote,
} from "#proof/signedNote.ts";
import { signersByTheText } from "./noteByTheText.ts";

const logKey = newNoteKey("holdfast.example/log", sha256("the log's seed"));
const otherKey = newNoteKey("other.example", sha256("another seed"));
const [log, other] = [noteSigner(logKey), noteSigner(otherKey)];
const [logVerifier, otherVerifier] = [
  noteVerifier(log.verifierKey),
  noteVerifier(other.verifierKey),
];

const words = "Gate OPEN\n\nuntil epoch 7\n";
const note = signNote(words, [log]);

/** The signature line with its name, the hash of its key or its signature changed. */
function lineWith(change: { name?: string; hash?: number; flip?: number }, line: string): string {
  const [, name = "", blob = ""] = line.split(" ");
  const bytes = Buffer.from(blob, "base64");
  if (change.hash !== undefined) bytes.writeUInt32BE(change.hash);
  if (change.flip !== undefined) bytes[change.flip] = (bytes[change.flip] ?? 0) ^ 1;
  return `\u2014 ${change.name ?? name} ${bytes.toString("base64")}`;
}

describe("a signed note", () => {
  test("has the form of C2SP: text, an empty line, a line for each signature", () => {
    const lines = signNote(words, [log, other]).split("\n");
    expect(lines.slice(0, 4)).toEqual(["Gate OPEN", "", "until epoch 7", ""]);
    expect(lines[4]).toMatch(/^\u2014 holdfast\.example\/log [A-Za-z0-9+/]{91}=$/);
    expect(lines[5]).toMatch(/^\u2014 other\.example [A-Za-z0-9+/]{91}=$/);
    expect(lines.slice(6)).toEqual([""]);
  });

  test("is read in its parts, the text with its empty lines", () => {
    const { text, signatures } = readNote(note);
    expect(text).toBe(words);
    expect(signatures.map(({ name, keyHash }) => [name, keyHash])).toEqual([
      ["holdfast.example/log", logVerifier.keyHash],
    ]);
    expect(signatures[0]?.signature).toHaveLength(64);
    expect(signatures[0]?.line).toBe(log.sign(words));
  });

  test("is verified by the keys that are known, and says which they are", () => {
    const both = signNote(words, [log, other]);
    const names = (verifiers: Parameters<typeof verifyNote>[1]) =>
      verifyNote(both, verifiers).signatures.map(({ name }) => name);
    expect(names([logVerifier])).toEqual(["holdfast.example/log"]);
    expect(names([otherVerifier])).toEqual(["other.example"]);
    expect(names([otherVerifier, logVerifier])).toEqual(["holdfast.example/log", "other.example"]);
    expect(verifyNote(both, [logVerifier]).text).toBe(words);
  });

  test("without a known signature is unverified, also where name or hash alone are known", () => {
    expect(() => verifyNote(note, [otherVerifier])).toThrow(NoteUnverified);
    expect(() => verifyNote(note, [])).toThrow("none of its signatures is by a known key");
    const namesake = noteVerifier(verifierKeyOf(newNoteKey(log.name, sha256("namesake"))));
    expect(() => verifyNote(note, [namesake])).toThrow(NoteUnverified);
    const sameHash = { ...otherVerifier, keyHash: logVerifier.keyHash };
    expect(() => verifyNote(note, [sameHash])).toThrow(NoteUnverified);
  });

  test("with a wrong signature in the name and hash of a known key is unverified as a whole", () => {
    const wrong = lineWith({ flip: 40 }, log.sign(words));
    const cut = `\u2014 ${log.name} ${Buffer.alloc(5).toString("base64")}`;
    const short = lineWith({ hash: logVerifier.keyHash }, cut);
    for (const line of [wrong, short]) {
      for (const lines of [`${line}\n${other.sign(words)}\n`, `${log.sign(words)}\n${line}\n`]) {
        const mixed = `${words}\n${lines}`;
        expect(() => verifyNote(mixed, [logVerifier, otherVerifier])).toThrow(
          expect.objectContaining({ fault: "WRONG_SIGNATURE" }),
        );
      }
    }
    // Who does not know that key has no reason to reject.
    const mixed = `${words}\n${wrong}\n${other.sign(words)}\n`;
    expect(verifyNote(mixed, [otherVerifier]).signatures).toHaveLength(1);
  });

  test("counts a key once, however often it signed", () => {
    const line = log.sign(words);
    const twice = `${words}\n${line}\n${line}\n`;
    expect(verifyNote(twice, [logVerifier, logVerifier]).signatures).toHaveLength(1);
  });

  test("carries signatures of kinds that nobody here knows", () => {
    const large = Buffer.alloc(4_900, 7).toString("base64");
    const lines = Array.from({ length: 16 }, () => `\u2014 post-quantum.example ${large}\n`);
    const full = `${words}\n${lines.join("")}${log.sign(words)}\n`;
    expect(verifyNote(full, [logVerifier]).signatures).toHaveLength(1);
  });
});

describe("no signed note is", () => {
  const line = log.sign(words);
  const signed = (text: string, lines: string): string => `${text}\n${lines}`;
  test.each([
    ["nothing", ""],
    ["a text alone", "Gate OPEN\n"],
    ["a text without its last newline", `Gate OPEN\n${line}\n`],
    ["one without signatures", "Gate OPEN\n\n"],
    ["a signature line without an end", signed(words, line)],
    ["an empty line after the signatures", signed(words, `${line}\n\n`)],
    ["a carriage return", signed("Gate\r\n", `${line}\n`)],
    ["a tab", signed("Gate\tOPEN\n", `${line}\n`)],
    ["a zero byte", signed("Gate\u0000\n", `${line}\n`)],
    ["a lone surrogate", signed("Gate \ud800\n", `${line}\n`)],
    ["a hyphen for the dash", signed(words, `${line.replace("\u2014", "-")}\n`)],
    ["an en dash for the dash", signed(words, `${line.replace("\u2014", "\u2013")}\n`)],
    ["no space after the dash", signed(words, `${line.replace("\u2014 ", "\u2014")}\n`)],
    ["two spaces", signed(words, `${line.replace("\u2014 ", "\u2014  ")}\n`)],
    ["a space at the end", signed(words, `${line} \n`)],
    ["a third part", signed(words, `${line} more\n`)],
    ["no name", signed(words, `\u2014  ${line.split(" ")[2]}\n`)],
    ["a name with a plus", signed(words, `${lineWith({ name: "a+b" }, line)}\n`)],
    ["a name with a no-break space", signed(words, `${lineWith({ name: "a\u00a0b" }, line)}\n`)],
    ["a name with a wide space", signed(words, `${lineWith({ name: "a\u3000b" }, line)}\n`)],
    ["a name with a next line", signed(words, `${lineWith({ name: "a\u0085b" }, line)}\n`)],
    ["no signature", signed(words, `\u2014 ${log.name} \n`)],
    ["a hash alone", signed(words, `\u2014 ${log.name} AAAAAA==\n`)],
    ["base64 without padding", signed(words, `${line.replace("=", "")}\n`)],
    ["base64 with too much padding", signed(words, `${line}=\n`)],
    ["base64 for addresses", signed(words, `\u2014 a -_-_-_-_\n`)],
    ["base64 with unused bits set", signed(words, `\u2014 a AAAAAAB=\n`)],
    ["base64 with a character left out", signed(words, `${line.replace(/[A-Z]/, "*")}\n`)],
    ["101 signatures", signed(words, `${line}\n`.repeat(101))],
    ["more than a mebibyte", signed(`${"a".repeat(1_048_576)}\n`, `${line}\n`)],
  ])("%s", (_what, broken) => {
    expect(() => readNote(broken)).toThrow(NoteMalformed);
    expect(() => verifyNote(broken, [logVerifier])).toThrow(NoteMalformed);
  });

  test("what is a hundred signatures long is one", () => {
    expect(readNote(signed(words, `${line}\n`.repeat(100))).signatures).toHaveLength(100);
  });

  test("bytes that are not UTF-8, and a byte order mark is not passed over", () => {
    for (const faulty of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x80]]) {
      expect(() => decodeNote(Uint8Array.from(faulty))).toThrow(NoteMalformed);
    }
    expect(decodeNote(Buffer.from("\ufeffa"))).toBe("\ufeffa");
    expect(verifyNote(decodeNote(Buffer.from(note)), [logVerifier]).text).toBe(words);
  });

  test("a text that cannot be signed", () => {
    for (const text of ["", "no end", "a\r\n", "a\u0007\n", "\ud800\n"]) {
      expect(() => log.sign(text)).toThrow(NoteMalformed);
      expect(() => signNote(text, [log])).toThrow(NoteMalformed);
    }
    expect(() => signNote(words, [])).toThrow("it has no signature");
  });

  test("a single line that is no signature line", () => {
    expect(readSignatureLine(line).name).toBe(log.name);
    expect(() => readSignatureLine(`${line}\n`)).toThrow(NoteMalformed);
    expect(() => readSignatureLine("")).toThrow("signature line 1");
  });
});

describe("any text, any change", () => {
  const texts = fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => {
    return `${text.replaceAll(/(?!\n)\p{Cc}/gu, "")}\n`;
  });

  test("signs and verifies, and reads back as the same text", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const signedNote = signNote(text, [other, log]);
        expect(verifyNote(signedNote, [logVerifier, otherVerifier]).text).toBe(text);
        expect(signersByTheText(Buffer.from(signedNote), [log.verifierKey])).toEqual([
          `${log.name} 1`,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test("any one bit of a note flipped is found, and is never a crash", () => {
    const bytes = Buffer.from(note);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let outcome = "verified";
      try {
        verifyNote(decodeNote(changed), [logVerifier]);
      } catch (fault) {
        outcome = fault instanceof NoteMalformed || fault instanceof NoteUnverified ? "" : "crash";
      }
      expect(outcome, `bit ${bit}`).toBe("");
    }
  });

  test("no text at all is a crash", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        try {
          verifyNote(`${text}\n\n\u2014 ${text}`, [logVerifier]);
        } catch (fault) {
          expect(fault).toSatisfy(
            (fault) => fault instanceof NoteMalformed || fault instanceof NoteUnverified,
          );
        }
      }),
    );
  });
});

describe("a verifier written from the C2SP text alone", () => {
  test("verifies what is signed here, with one key and with two", () => {
    const both = Buffer.from(signNote(words, [log, other]));
    expect(signersByTheText(both, [log.verifierKey, other.verifierKey])).toEqual([
      "holdfast.example/log 1",
      "other.example 1",
    ]);
  });

  test("verifies a checkpoint, and the cosignature of a witness on it", () => {
    const witness = cosigner(newNoteKey("witness.example/w1", sha256("the witness's seed")));
    const root = sha256("a root");
    const text = checkpointText({ origin: log.name, size: 9n, root, extensions: [] });
    const cosigned = `${signNote(text, [log])}${witness.cosign(text, 1_679_315_147n)}\n`;
    const keys = [log.verifierKey, witness.verifierKey];
    expect(signersByTheText(Buffer.from(cosigned), keys)).toEqual([
      "holdfast.example/log 1",
      "witness.example/w1 4",
    ]);
    expect(verifyNote(cosigned, keys.map(noteVerifier)).signatures).toHaveLength(2);
  });

  test("rejects what was changed", () => {
    const changed = Buffer.from(note.replace("7", "8"));
    expect(signersByTheText(changed, [log.verifierKey])).toEqual([]);
  });
});

describe("a key", () => {
  test("is known by the three parts of its text", () => {
    expect(logKey).toMatch(
      /^PRIVATE\+KEY\+holdfast\.example\/log\+[0-9a-f]{8}\+A[Q-Za-f][A-Za-z0-9+/]{42}$/,
    );
    expect(log.verifierKey).toMatch(/^holdfast\.example\/log\+[0-9a-f]{8}\+A[A-Za-z0-9+/]{43}$/);
    expect(verifierKeyOf(logKey)).toBe(log.verifierKey);
    expect(log.verifierKey.split("+")[1]).toBe(logKey.split("+")[3]);
  });

  test("is the one of RFC 8032's first test, and signs as it says", () => {
    const seed = Buffer.from(
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "hex",
    );
    const publicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const text = verifierKeyOf(newNoteKey("rfc8032.example", seed));
    expect(Buffer.from(text.split("+").slice(2).join("+"), "base64").toString("hex")).toBe(
      `01${publicKey}`,
    );
  });

  test.each([
    ["nothing", ""],
    ["a private key", logKey],
    ["no hash", "name+AQ"],
    [
      "a hash in capitals",
      log.verifierKey.replace(/\+[0-9a-f]{8}\+/, (hash) => hash.toUpperCase()),
    ],
    ["another hash", log.verifierKey.replace(/\+[0-9a-f]{8}\+/, "+00000000+")],
    ["another name", `x${log.verifierKey}`],
    ["a name with a space", log.verifierKey.replace("/", " ")],
    ["a short key", "a+00000000+AQID"],
    ["a line break at the end", `${log.verifierKey}\n`],
    ["padding, where there is none", `${log.verifierKey}=`],
    ["a type that is not known", "a+00000000+AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["much too long", `${"a".repeat(2_000)}+00000000+AQ==`],
  ])("to verify with is not %s", (_what, text) => {
    expect(() => noteVerifier(text)).toThrow(NoteKeyMalformed);
  });

  test("to sign with is not anything else, and no message repeats it", () => {
    const secret = logKey.split("+").slice(4).join("+");
    const broken = [
      "",
      log.verifierKey,
      logKey.replace("PRIVATE", "PUBLIC"),
      logKey.replace(/\+[0-9a-f]{8}\+/, "+00000000+"),
      logKey.replace(/A([Q-Za-f][A-Za-z0-9+/]{42})$/, "B$1"),
      logKey.slice(0, -1),
      `${logKey}\n`,
    ];
    for (const text of broken) {
      expect(() => noteSigner(text)).toThrow(NoteKeyMalformed);
      expect(() => noteSigner(text)).not.toThrow(secret.slice(0, 10));
    }
    expect(() => verifierKeyOf("")).toThrow(NoteKeyMalformed);
  });

  test("has a name without spaces, pluses and line breaks, and 32 bytes of seed", () => {
    for (const name of [
      "",
      "a b",
      "a+b",
      "a\nb",
      "a\u2003b",
      "a\u0001",
      "\ud800",
      "a".repeat(513),
    ]) {
      expect(() => newNoteKey(name, sha256("seed"))).toThrow(NoteKeyMalformed);
    }
    expect(() => newNoteKey("a", new Uint8Array(31))).toThrow(RangeError);
  });
});
