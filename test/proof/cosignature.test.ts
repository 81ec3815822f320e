import { describe, expect, test } from "vitest";
import { CheckpointMalformed, checkpointText } from "#proof/checkpoint.ts";
import { cosignatureSeconds, cosignatureVerifier, cosigner } from "#proof/cosignature.ts";
import { sha256 } from "#proof/digest.ts";
import { NoteKeyMalformed } from "#proof/noteKey.ts";
import {
  newNoteKey,
  noteVerifier,
  readSignatureLine,
  verifierKeyOf,
  verifyNote,
} from "#proof/signedNote.ts";

const key = newNoteKey("witness.example/w1", sha256("the witness's seed"));
const witness = cosigner(key);
const verifier = cosignatureVerifier(witness.verifierKey);
const root = sha256("a root");
const text = checkpointText({ origin: "holdfast.example/log", size: 5n, root, extensions: ["x"] });
const seconds = 1_679_315_147n;

describe("a cosignature", () => {
  test("is a time of eight bytes and a signature, in a line of a note", () => {
    const { name, keyHash, signature } = readSignatureLine(witness.cosign(text, seconds));
    expect([name, keyHash]).toEqual(["witness.example/w1", verifier.keyHash]);
    expect(signature).toHaveLength(72);
    expect(cosignatureSeconds(signature)).toBe(seconds);
    expect(verifier.verify(text, signature)).toBe(true);
  });

  test("verifies the note that it is put under", () => {
    const note = `${text}\n${witness.cosign(text, seconds)}\n`;
    const [signature] = verifyNote(note, [noteVerifier(witness.verifierKey)]).signatures;
    expect(signature?.name).toBe("witness.example/w1");
  });

  test("counts once for a witness that cosigned twice: the first in the note", () => {
    const lines = [seconds, seconds + 1n].map((time) => `${witness.cosign(text, time)}\n`);
    const { signatures } = verifyNote(`${text}\n${lines.join("")}`, [verifier]);
    expect(signatures.map(({ signature }) => cosignatureSeconds(signature))).toEqual([seconds]);
  });

  test("is not another time's, another text's, nor another witness's", () => {
    const { signature } = readSignatureLine(witness.cosign(text, seconds));
    const later = Buffer.from(signature);
    later.writeBigUInt64BE(seconds + 1n);
    expect(verifier.verify(text, later)).toBe(false);
    expect(verifier.verify(text.replace("5", "6"), signature)).toBe(false);
    const other = cosigner(newNoteKey("witness.example/w1", sha256("another seed")));
    expect(cosignatureVerifier(other.verifierKey).verify(text, signature)).toBe(false);
  });

  test("is not a note's own signature, though one key may make both", () => {
    expect(witness.verifierKey).not.toBe(verifierKeyOf(key));
    const { signature } = readSignatureLine(witness.cosign(text, seconds));
    expect(noteVerifier(verifierKeyOf(key)).verify(text, signature)).toBe(false);
  });

  test("cut, lengthened or of a time above 2^63 - 1 is none, and no crash", () => {
    const { signature } = readSignatureLine(witness.cosign(text, seconds));
    const late = Buffer.from(signature);
    late.writeBigUInt64BE(1n << 63n);
    const broken = [signature.subarray(1), Buffer.concat([signature, Buffer.alloc(1)]), late];
    for (const bytes of [...broken, new Uint8Array()]) {
      expect(cosignatureSeconds(bytes)).toBe(null);
      expect(verifier.verify(text, bytes)).toBe(false);
    }
  });

  test("is made of checkpoints alone, at times that can be written", () => {
    expect(() => witness.cosign("Gate OPEN\n", seconds)).toThrow(CheckpointMalformed);
    expect(() => witness.cosign(text, -1n)).toThrow(RangeError);
    expect(() => witness.cosign(text, 1n << 63n)).toThrow(RangeError);
    const last = readSignatureLine(witness.cosign(text, (1n << 63n) - 1n)).signature;
    expect(verifier.verify(text, last)).toBe(true);
  });

  test("is verified by a key of its own type alone", () => {
    expect(() => cosignatureVerifier(verifierKeyOf(key))).toThrow(NoteKeyMalformed);
    expect(() => cosigner(witness.verifierKey)).toThrow(NoteKeyMalformed);
  });
});
