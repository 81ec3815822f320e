import fc from "fast-check";
import { expect, test } from "vitest";
import { type RevisionHeader, REVISION_FORMAT, headerBytes, readHeader } from "#ledger/document.ts";
import { readStrictly } from "#audit/headerForm.ts";

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const whole = fc.nat();
const headers: fc.Arbitrary<RevisionHeader> = fc.record({
  format: fc.constant(REVISION_FORMAT),
  deployment: fc.uuid(),
  packet: fc.uuid(),
  exercise: fc.boolean(),
  number: whole,
  predecessor: fc.option(hash),
  cause: fc.constantFrom("PACKET_OPENED", "ENTRIES_RECORDED"),
  actorKind: fc.constantFrom("PERSON", "SYSTEM"),
  epoch: fc.bigInt(0n, 2n ** 63n - 1n),
  at: fc.constant("2026-11-21T18:00:00.123Z"),
  status: fc.constantFrom("ON_HOLD", "CLOSED"),
  openHolds: whole,
  materialDigest: hash,
  approves: fc.option(fc.record({ revision: whole, digest: hash })),
  body: hash,
  sections: fc.record({ decisions: hash, entries: hash, holds: hash, sources: hash }),
});

test("a header is taken apart as reading it again would", () => {
  fc.assert(
    fc.property(headers, (header) => {
      const members = readStrictly(headerBytes(header));
      if (typeof members === "string") throw new Error(members);
      expect(header).toMatchObject(members);
    }),
  );
});

test("whatever one byte of a header becomes, it is what is written again, or refused", () => {
  fc.assert(
    fc.property(headers, fc.nat(), fc.nat(255), (header, at, byte) => {
      const bytes = Buffer.from(headerBytes(header));
      bytes[at % bytes.length] = byte;
      const members = readStrictly(bytes);
      if (typeof members === "string") return;
      const again = readHeader(bytes);
      expect(Buffer.compare(headerBytes(again), bytes)).toBe(0);
      expect(again).toMatchObject(members);
    }),
    { numRuns: 2_000 },
  );
});
