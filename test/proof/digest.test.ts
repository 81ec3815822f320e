import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf, framed, hex, hmacSha256, sha256, sha256Hex } from "#proof/digest.ts";

const asBytes = (part: Uint8Array | string): string => Buffer.from(part).toString("hex");
const bytes = fc.uint8Array();
const domains = fc.stringMatching(/^[a-z0-9][a-z0-9./-]{0,62}$/);

describe("SHA-256", () => {
  test("gives the digests of FIPS 180-4", () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(hex(sha256("abc"))).toBe(abc);
    expect(sha256Hex(Buffer.from("abc"))).toBe(abc);
    expect(sha256Hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  test("hashes a view into a larger buffer as its own bytes", () => {
    const whole = Buffer.from("xxabcxx");
    expect(hex(sha256(whole.subarray(2, 5)))).toBe(sha256Hex("abc"));
    expect(hex(whole.subarray(2, 5))).toBe("616263");
  });

  test("takes a text as UTF-8", () => {
    expect(sha256Hex("\u20ac")).toBe(sha256Hex(Uint8Array.of(0xe2, 0x82, 0xac)));
  });
});

describe("HMAC-SHA256", () => {
  test("gives the first vector of RFC 4231", () => {
    expect(hex(hmacSha256(Buffer.alloc(20, 0x0b), Buffer.from("Hi There")))).toBe(
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    );
  });

  test("is that of Node for any key and message", () => {
    fc.assert(
      fc.property(bytes, bytes, (key, message) => {
        const expected = createHmac("sha256", key).update(message).digest("hex");
        expect(hex(hmacSha256(key, message))).toBe(expected);
      }),
    );
  });
});

describe("a digest for one use only", () => {
  const byDefinition = (domain: string, message: Uint8Array): string =>
    createHash("sha256")
      .update(Uint8Array.of(domain.length))
      .update(domain, "ascii")
      .update(message)
      .digest("hex");

  test("is SHA-256 over the length of the domain, the domain and the bytes", () => {
    fc.assert(
      fc.property(domains, bytes, (domain, message) => {
        expect(hex(digestOf(domain, message))).toBe(byDefinition(domain, message));
      }),
    );
  });

  test.each([4095, 4096, 4097, 2_000_000])("is the same for a document of %i bytes", (length) => {
    const message = Buffer.alloc(length, "document");
    expect(hex(digestOf("holdfast/a", message))).toBe(byDefinition("holdfast/a", message));
  });

  test("cannot be had under another domain by moving bytes from one to the other (T18)", () => {
    expect(digestOf("holdfast/a", Buffer.from("bc"))).not.toEqual(
      digestOf("holdfast/ab", Buffer.from("c")),
    );
  });

  test.each(["", "Upper", "a b", "a\n", "-a", "\u00e4", "a".repeat(64)])(
    "has no domain %j",
    (domain) => {
      expect(() => digestOf(domain, Buffer.alloc(0))).toThrow(RangeError);
    },
  );
});

describe("a frame", () => {
  const parts = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.string({ unit: "binary", maxLength: 8 })),
    {
      maxLength: 4,
    },
  );

  test("is equal only for an equal domain and equal parts (T18)", () => {
    fc.assert(
      fc.property(domains, parts, domains, parts, (domain, some, otherDomain, others) => {
        const same =
          domain === otherDomain && some.map(asBytes).join() === others.map(asBytes).join();
        expect(hex(framed(domain, some)) === hex(framed(otherDomain, others))).toBe(
          same && some.length === others.length,
        );
      }),
    );
  });

  test("shows where each part ends", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 6 }), fc.nat(6), (text, at) => {
        const units = Array.from(text);
        const cut = [units.slice(0, at).join(""), units.slice(at).join("")];
        expect(hex(framed("a", cut))).not.toBe(hex(framed("a", [text])));
      }),
    );
    expect(hex(framed("ab", ["c", Uint8Array.of(1, 2)]))).toBe("0261620000000163000000020102");
  });

  test("refuses a text that UTF-8 cannot tell from another", () => {
    expect(() => framed("a", ["\ud800"])).toThrow(RangeError);
  });
});
