import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalBytes } from "#proof/canonical.ts";
import { hex, sha256 } from "#proof/digest.ts";
import { MerkleMap } from "#proof/merkleMap.ts";
import { type DisclosedLeaf, leafKey, sealLeaf, verifyDisclosedLeaf } from "#proof/saltedLeaf.ts";

const salt = sha256("the salt of one packet");
const section = "entries";
const committed = canonicalBytes({ status: "COMMITTED", person: "mira" });
const withdrawn = canonicalBytes({ status: "WITHDRAWN", person: "mira" });
const subjects = ["availability/mira/shift-1", "availability/jonas/shift-1", "enclave/north"];

function sectionOf(name: string): MerkleMap {
  return subjects.reduce((map, subject) => {
    const sealed = sealLeaf(salt, name, subject, committed);
    return map.set(sealed.key, sealed.commitment);
  }, MerkleMap.empty);
}

function disclosed(subject: string): DisclosedLeaf {
  const { key, leafSalt } = sealLeaf(salt, section, subject, committed);
  return {
    key,
    leafSalt,
    subject,
    value: committed,
    proof: sectionOf(section).prove(key) ?? { steps: [] },
  };
}

/** The construction again, from its description alone. */
function frame(domain: string, parts: readonly (Uint8Array | string)[]): Buffer {
  const chunks = [Uint8Array.of(domain.length), Buffer.from(domain)];
  for (const part of parts) {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    chunks.push(length, bytes);
  }
  return Buffer.concat(chunks);
}

describe("a sealed leaf", () => {
  test("is made as its description says", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.string({ unit: "binary" }),
        fc.string({ unit: "binary" }),
        fc.uint8Array(),
        (someSalt, name, subject, value) => {
          const mac = (message: Buffer): string =>
            createHmac("sha256", someSalt).update(message).digest("hex");
          const sealed = sealLeaf(someSalt, name, subject, value);
          expect(hex(sealed.key)).toBe(mac(frame("holdfast/leaf-key/v1", [name, subject])));
          expect(hex(sealed.leafSalt)).toBe(
            mac(frame("holdfast/leaf-salt/v1", [name, subject, value])),
          );
          const preimage = frame("holdfast/leaf/v1", [sealed.leafSalt, name, subject, value]);
          expect(hex(sealed.commitment)).toBe(createHash("sha256").update(preimage).digest("hex"));
        },
      ),
    );
  });

  test("keeps its key while the value changes, and shares nothing else with the earlier one", () => {
    const before = sealLeaf(salt, section, "enclave/north", committed);
    const now = sealLeaf(salt, section, "enclave/north", withdrawn);
    expect(now.key).toEqual(before.key);
    expect(now.key).toEqual(leafKey(salt, section, "enclave/north"));
    expect(now.leafSalt).not.toEqual(before.leafSalt);
    expect(now.commitment).not.toEqual(before.commitment);
  });

  test("shares nothing with the same value of another packet, section or subject", () => {
    const all = [
      sealLeaf(salt, "entries", "a", committed),
      sealLeaf(sha256("another salt"), "entries", "a", committed),
      sealLeaf(salt, "holds", "a", committed),
      sealLeaf(salt, "entries", "b", committed),
      sealLeaf(salt, "entriesa", "", committed),
    ].flatMap(({ key, leafSalt, commitment }) => [key, leafSalt, commitment]);
    expect(new Set(all.map(hex)).size).toBe(all.length);
  });

  test.each([0, 16, 31, 33])("is refused under a salt of %i bytes", (length) => {
    expect(() => sealLeaf(new Uint8Array(length), section, "a", committed)).toThrow(RangeError);
    expect(() => leafKey(new Uint8Array(length), section, "a")).toThrow(RangeError);
  });
});

describe("a receiver who has only the root and what is disclosed", () => {
  const root = sectionOf(section).root();
  const [subject = "", hidden = ""] = subjects;
  const leaf = disclosed(subject);

  test("verifies each disclosed value without the packet's salt", () => {
    for (const some of subjects)
      expect(verifyDisclosedLeaf(root, section, disclosed(some))).toBe(true);
  });

  test("refuses another value, subject, section, salt, key, proof or root", () => {
    const others: Partial<DisclosedLeaf>[] = [
      { value: withdrawn },
      { subject: hidden },
      { leafSalt: disclosed(hidden).leafSalt },
      { key: disclosed(hidden).key },
      { proof: disclosed(hidden).proof },
      { leafSalt: new Uint8Array(0) },
      { key: new Uint8Array(0) },
      { subject: "\ud800" },
    ];
    for (const other of others)
      expect(verifyDisclosedLeaf(root, section, { ...leaf, ...other })).toBe(false);
    expect(verifyDisclosedLeaf(root, "holds", leaf)).toBe(false);
    expect(verifyDisclosedLeaf(root, "\ud800", leaf)).toBe(false);
    expect(verifyDisclosedLeaf(sectionOf("holds").root(), section, leaf)).toBe(false);
  });

  test("refuses every flipped bit of a disclosed value", () => {
    fc.assert(
      fc.property(fc.nat(committed.length * 8 - 1), (bit) => {
        const value = Uint8Array.from(committed);
        value[bit >> 3] = (value[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        expect(verifyDisclosedLeaf(root, section, { ...leaf, value })).toBe(false);
      }),
    );
  });

  test("cannot confirm a right guess of a hidden value with any salt that was disclosed", () => {
    const target = sealLeaf(salt, section, hidden, committed);
    const guess = {
      key: target.key,
      subject: hidden,
      value: committed,
      proof: disclosed(hidden).proof,
    };
    const known = subjects
      .filter((some) => some !== hidden)
      .map((some) => disclosed(some).leafSalt);
    // What was disclosed of the hidden subject at an earlier value does not help either.
    known.push(sealLeaf(salt, section, hidden, withdrawn).leafSalt);
    for (const leafSalt of known)
      expect(verifyDisclosedLeaf(root, section, { ...guess, leafSalt })).toBe(false);
    expect(verifyDisclosedLeaf(root, section, { ...guess, leafSalt: target.leafSalt })).toBe(true);
  });
});
