import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cursors } from "#feed/cursor.ts";
import { CursorForeign, CursorForged, CursorFuture } from "#packet/refusal.ts";

const KEY = new Uint8Array(32).fill(7);
const cursors = new Cursors(KEY);
const scope = "revisions 019a0000-0000-7000-8000-000000000000";
const written = cursors.write(scope, 41n);

const anyScope = fc.string({ unit: "grapheme", maxLength: 60 });
const anyPosition = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });

/** A text over the bytes of a cursor with a MAC that is right for them, as only a holder of the key can make it. */
function sealed(change: (bytes: Buffer) => void): string {
  const bytes = Buffer.from(written, "base64url");
  change(bytes);
  const domain = "holdfast/cursor/1";
  const message = Buffer.concat([
    Buffer.from([domain.length]),
    Buffer.from(domain),
    Buffer.from([0, 0, 0, 26]),
    bytes.subarray(0, 26),
  ]);
  createHmac("sha256", KEY).update(message).digest().copy(bytes, 26, 0, 16);
  return bytes.toString("base64url");
}

test("a cursor gives back the position that it was written with, whatever the scope", () => {
  fc.assert(
    fc.property(anyScope, anyPosition, (name, position) => {
      expect(cursors.read(name, cursors.write(name, position))).toBe(position);
    }),
  );
});

test("every node of a deployment reads what another wrote, and another deployment does not", () => {
  expect(new Cursors(KEY).read(scope, written)).toBe(41n);
  expect(new Cursors(KEY).write(scope, 41n)).toBe(written);
  const elsewhere = new Cursors(new Uint8Array(32).fill(8));
  expect(elsewhere.read(scope, written)).toBeInstanceOf(CursorForged);
});

test("it is 56 characters that can stand in any URL and name neither scope nor packet", () => {
  expect(written).toMatch(/^[A-Za-z0-9_-]{56}$/);
  const long = cursors.write("log".repeat(1000), 41n);
  expect(long).toHaveLength(56);
  const [ours, theirs] = [cursors, new Cursors(new Uint8Array(32).fill(8))].map((each) =>
    Buffer.from(each.write("log", 1n), "base64url").subarray(1, 10).toString("hex"),
  );
  expect(ours).not.toBe(theirs);
});

test("the check's own seal is that of the product", () => {
  expect(sealed(() => undefined)).toBe(written);
});

describe("refused as forged is", () => {
  test("a cursor of which any one bit was changed", () => {
    const bytes = Buffer.from(written, "base64url");
    for (const [index, byte] of bytes.entries()) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed[index] = byte ^ (1 << bit);
        expect(cursors.read(scope, changed.toString("base64url"))).toBeInstanceOf(CursorForged);
      }
    }
  });

  test("a cursor of which any one byte was made any other", () => {
    const bytes = Buffer.from(written, "base64url");
    for (const index of bytes.keys()) {
      for (let other = 0; other < 256; other += 1) {
        if (bytes[index] === other) continue;
        const changed = Buffer.from(bytes);
        changed[index] = other;
        expect(cursors.read(scope, changed.toString("base64url"))).toBeInstanceOf(CursorForged);
      }
    }
  });

  test.each([
    ["nothing", ""],
    ["a cursor without its end", written.slice(0, -1)],
    ["a cursor with more behind it", `${written}A`],
    ["padding", `${written.slice(0, -1)}=`],
    ["a line break in it", `${written.slice(0, 10)}\n${written.slice(11)}`],
    ["plain base64", Buffer.alloc(33, 0xff).toString("base64")],
    ["letters of other scripts", "é".repeat(44)],
    ["a lone surrogate", `${written.slice(0, -1)}\ud800`],
    ["44 NUL characters", "\0".repeat(44)],
    ["a very long text", "A".repeat(10_000_000)],
    ["another version under a right seal", sealed((bytes) => bytes.writeUInt8(2))],
    ["version 0 under a right seal", sealed((bytes) => bytes.writeUInt8(0))],
  ])("%s", (_what, text) => {
    expect(cursors.read(scope, text)).toBeInstanceOf(CursorForged);
  });

  test("the same bytes in the other alphabet of base64", () => {
    // Among these is one that the two alphabets write differently.
    const texts = Array.from({ length: 64 }, (_none, n) => cursors.write(scope, BigInt(n)));
    const plain = texts.map((text) => text.replaceAll("-", "+").replaceAll("_", "/"));
    const changed = plain.filter((text, index) => text !== texts[index]);
    expect(changed.length).toBeGreaterThan(0);
    for (const text of changed) expect(cursors.read(scope, text)).toBeInstanceOf(CursorForged);
  });

  test("any text that was not written here", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.uint8Array({ minLength: 42, maxLength: 42 }),
        (text, bytes) => {
          expect(cursors.read(scope, text)).toBeInstanceOf(CursorForged);
          const sized = Buffer.from(bytes).toString("base64url");
          expect(cursors.read(scope, sized)).toBeInstanceOf(CursorForged);
        },
      ),
    );
  });
});

test("a cursor of another scope is foreign, and says no more", () => {
  fc.assert(
    fc.property(anyScope, anyScope, anyPosition, (own, other, position) => {
      fc.pre(own !== other);
      expect(cursors.read(other, cursors.write(own, position))).toBeInstanceOf(CursorForeign);
    }),
  );
});

test("a position of more than 128 bits is not written", () => {
  expect(() => cursors.write(scope, -1n)).toThrow(RangeError);
  expect(() => cursors.write(scope, 2n ** 128n)).toThrow(RangeError);
});

test("the three refusals have codes of their own, and each says what to do", () => {
  const refusals = [new CursorForged(), new CursorForeign(), new CursorFuture()];
  expect(refusals.map(({ code }) => code)).toEqual([
    "CURSOR_FORGED",
    "CURSOR_FOREIGN",
    "CURSOR_FUTURE",
  ]);
  for (const { message } of refusals) expect(message).toMatch(/: (give|start)/);
});
