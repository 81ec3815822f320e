import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalBytes } from "#proof/canonical.ts";
import {
  isCredentialId,
  readRevocationList,
  readShardText,
  readSignedList,
  revocationListBytes,
  SHARDS,
  shardOf,
  shardText,
  signedListText,
} from "#proof/revocationList.ts";

const KEY = `key:SHA256:${"A".repeat(42)}Q`;
const LIST = {
  deployment: "releases.example",
  shard: 94,
  version: 7n,
  issuedBy: "ines",
  revoked: [KEY, "node:north-1", "principal:ann"],
};

describe("a list of revoked credentials", () => {
  test("is canonical JSON with its format, and reads as it was written", () => {
    const bytes = revocationListBytes(LIST);
    expect(Buffer.from(bytes).toString()).toBe(
      `{"deployment":"releases.example","format":"holdfast/revocation/1","issuedBy":"ines","revoked":["${KEY}","node:north-1","principal:ann"],"shard":94,"version":"7"}`,
    );
    expect(readRevocationList(bytes)).toEqual(LIST);
  });

  test("is one line, and its signature the rest", () => {
    const bytes = revocationListBytes(LIST);
    const text = Buffer.from(signedListText(bytes, "-----BEGIN\nEND-----\n"));
    const read = readSignedList(text);
    expect(read?.list).toEqual(LIST);
    expect(read?.armored).toBe("-----BEGIN\nEND-----\n");
    expect(Buffer.compare(read?.bytes ?? new Uint8Array(), bytes)).toBe(0);
    expect(readSignedList(bytes)).toBeNull();
  });

  const stored = { ...LIST, version: "7", format: "holdfast/revocation/1" };
  test.each([
    ["of another format", { ...stored, format: "holdfast/revocation/2" }],
    ["with a member more", { ...stored, more: 1 }],
    ["of a shard that is none", { ...stored, shard: 256 }],
    ["of a negative shard", { ...stored, shard: -1 }],
    ["of version 0", { ...stored, version: "0" }],
    ["whose version is a JSON number", { ...stored, version: 7 }],
    ["whose version is beyond 64 bits", { ...stored, version: "9223372036854775808" }],
    ["in another order", { ...stored, revoked: ["principal:ann", "node:north-1"] }],
    ["with an id twice", { ...stored, revoked: ["principal:ann", "principal:ann"] }],
    ["with an id of no kind", { ...stored, revoked: ["ann"] }],
    ["with an id that is no text", { ...stored, revoked: [7] }],
  ])("is none %s", (_what, value) => {
    expect(readRevocationList(canonicalBytes(value))).toBeNull();
  });

  test("is none with white space, or cut off anywhere", () => {
    const bytes = revocationListBytes(LIST);
    expect(readRevocationList(Buffer.concat([bytes, Buffer.from(" ")]))).toBeNull();
    for (let end = 0; end < bytes.length; end += 1) {
      expect(readRevocationList(bytes.subarray(0, end))).toBeNull();
    }
  });

  test("is read or refused, whatever the bytes are", () => {
    const bytes = revocationListBytes(LIST);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(bytes);
        changed[at] = byte;
        const read = readRevocationList(changed);
        const written = read === null ? changed : revocationListBytes(read);
        expect(Buffer.compare(written, changed)).toBe(0);
      }),
    );
  });
});

describe("a credential's id", () => {
  test.each([
    ["principal:ann", true],
    ["node:north-1", true],
    [KEY, true],
    ["Principal:ann", false],
    ["principal:", false],
    ["principal:an n", false],
    ["key:ann", false],
    // Its last character has bits that no byte has: another spelling of the same fingerprint.
    [`key:SHA256:${"A".repeat(42)}R`, false],
  ])("%s: %s", (id, is) => {
    expect(isCredentialId(id)).toBe(is);
  });

  test("says its shard by the first byte of its SHA-256", () => {
    expect(shardOf("principal:ann")).toBe(0x5b);
    const texts = Array.from({ length: SHARDS }, (_, shard) => shardText(shard));
    expect(texts.map(readShardText)).toEqual(texts.map((_, shard) => shard));
    expect(["", "0", "100", "FF", "zz"].map(readShardText)).toEqual(Array(5).fill(null));
  });
});
