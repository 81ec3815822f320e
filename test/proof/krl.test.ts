import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isKrl, Krl, readKrl } from "#proof/krl.ts";
import { KrlFault } from "#proof/krlReader.ts";
import { sshString } from "#proof/sshWire.ts";
import {
  bitmap,
  certificates,
  extension,
  keyIds,
  krlOf,
  range,
  section,
  serials,
  uint64,
} from "./krlByHand.ts";
import { certificate, sampleKeys, sampleKrl } from "./krlSample.ts";

const LAST = 2n ** 64n - 1n;
const { first, second, whole, bySha1, bySha256, free } = sampleKeys;

function listOf(bytes: Uint8Array): Krl {
  const read = readKrl(bytes);
  if (read instanceof KrlFault) throw new Error(`${read.why}, at ${read.at}`);
  return read;
}

function faultOf(bytes: Uint8Array): KrlFault {
  const read = readKrl(bytes);
  if (read instanceof KrlFault) return read;
  throw new Error("it was read");
}

/** Whether a list that says only this of the first authority revokes its certificates so numbered. */
function revoked(parts: readonly Uint8Array[], asked: readonly bigint[]): boolean[] {
  const list = listOf(krlOf([certificates(first.wire, ...parts)]));
  return asked.map((serial) => list.revokes(certificate(serial, "kim")));
}

describe("a list that ssh-keygen made", () => {
  const list = listOf(sampleKrl);

  test("says which one it is", () => {
    expect(isKrl(sampleKrl)).toBe(true);
    expect(list.version).toBe(43n);
    expect(list.generatedAt).toBe(1_795_335_543n);
    expect(list.comment).toBe("");
    expect(list.size).toBe(3);
  });

  test.each([
    ["a key that is listed whole", whole, true],
    ["a key that is listed by SHA-1", bySha1, true],
    ["a key that is listed by SHA-256", bySha256, true],
    ["a key that is not listed", free, false],
    ["an authority whose certificates are revoked", first, false],
    ["a listed serial number", certificate(7n, "kim"), true],
    ["a serial number next to it", certificate(8n, "kim"), false],
    ["the first of a range", certificate(1000n, "kim"), true],
    ["the last of a range", certificate(2000n, "kim"), true],
    ["one after a range", certificate(2001n, "kim"), false],
    ["the first of a bitmap", certificate(9001n, "kim"), true],
    ["a hole of a bitmap", certificate(9002n, "kim"), false],
    ["the last of a bitmap", certificate(9030n, "kim"), true],
    ["the last serial number there is", certificate(LAST, "kim"), true],
    ["no serial number", certificate(0n, "kim"), false],
    ["a revoked key identity", certificate(3n, "rob"), true],
    ["a revoked key identity without a serial number", certificate(0n, "rob"), true],
    ["the start of a revoked key identity", certificate(3n, "ro"), false],
    [
      "the serial number under another authority",
      certificate(7n, "kim", { authority: second }),
      false,
    ],
    [
      "the key identity under another authority",
      certificate(3n, "rob", { authority: second }),
      false,
    ],
    ["a key identity revoked everywhere", certificate(3n, "sam", { authority: second }), true],
    ["a certificate on a revoked key", certificate(3n, "kim", { key: bySha1 }), true],
    ["a certificate by a revoked key", certificate(3n, "kim", { authority: whole }), true],
  ])("answers as ssh-keygen for %s", (_what, subject, isRevoked) => {
    expect(list.revokes(subject)).toBe(isRevoked);
  });

  test("takes a fingerprint that is at hand for that of the key", () => {
    const fingerprint = "SHA256:WUYTwKuxxyoNkeMR97bRPNUJEgUHk0b7l33+K9mt7qE";
    expect(list.revokes({ wire: bySha256.wire, fingerprint })).toBe(true);
    expect(list.revokes({ wire: bySha1.wire, fingerprint: `SHA256:${"A".repeat(43)}` })).toBe(true);
  });

  test("is a fault when it ends anywhere but between sections", () => {
    const ends = [...sampleKrl.keys()].filter(
      (length) => !(readKrl(sampleKrl.subarray(0, length)) instanceof KrlFault),
    );
    expect(ends).toEqual([44, 188, 213, 273, 302]);
  });
});

describe("serial numbers", () => {
  test("of an authority that is named twice count together", () => {
    const list = listOf(
      krlOf([certificates(first.wire, serials(5n)), certificates(first.wire, range(8n, 9n))]),
    );
    expect([5n, 6n, 9n].map((serial) => list.revokes(certificate(serial, "kim")))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("of a bitmap stop at the last one there is", () => {
    expect(revoked([bitmap(LAST - 1n, "02")], [LAST - 1n, LAST])).toEqual([false, true]);
    expect(revoked([bitmap(LAST, "0000000001")], [LAST])).toEqual([true]);
    expect(revoked([bitmap(0n, "02"), bitmap(7n, ""), bitmap(9n, "00")], [1n, 7n, 9n])).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("of a bitmap longer than OpenSSH reads, but writes, are read", () => {
    const odd = revoked(
      [bitmap(1n, `00${"55".repeat(5_000)}`)],
      [1n, 2n, 39_999n, 40_000n, 40_001n],
    );
    expect(odd).toEqual([true, false, true, false, false]);
  });

  test("are revoked where any list, range or bitmap has them", () => {
    const edge = fc.constantFrom(1n, 60n, LAST - 70n);
    const part = fc.oneof(
      fc
        .record({ low: fc.bigInt(0n, 60n), more: fc.bigInt(0n, 9n), from: edge })
        .map(({ low, more, from }) => ({
          bytes: range(from + low, from + low + more),
          low,
          more,
          from,
          bits: null,
        })),
      fc
        .record({ low: fc.bigInt(0n, 6n), bits: fc.bigInt(0n, 2n ** 63n - 1n), from: edge })
        .map(({ low, bits, from }) => ({
          bytes: bitmap(from + low, `00${bits.toString(16).padStart(16, "0")}`),
          low,
          more: 0n,
          from,
          bits,
        })),
    );
    const asked = [0n, 60n, LAST - 70n].flatMap((from) =>
      Array.from({ length: 71 }, (_, index) => from + BigInt(index)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const expected = asked.map((serial) =>
          parts.some(({ from, low, more, bits }) => {
            const at = serial - from - low;
            if (bits !== null) return at >= 0n && ((bits >> at) & 1n) === 1n;
            return at >= 0n && at <= more;
          }),
        );
        expect(
          revoked(
            parts.map(({ bytes }) => bytes),
            asked,
          ),
        ).toEqual(expected);
      }),
    );
  });
});

describe("the form", () => {
  test.each([
    ["flags and what is reserved", krlOf([], { flags: 9n, reserved: "any" })],
    ["what is reserved of an authority", krlOf([section(1, sshString(""), sshString("any"))])],
    ["an empty section", krlOf([section(2), section(5), certificates(first.wire, keyIds())])],
    [
      "an extension that need not be understood",
      krlOf([extension(255, "bloom-explicit-key", false)]),
    ],
    [
      "one in a section",
      krlOf([certificates(first.wire, extension(0x39, "cert-bloom-serial", false))]),
    ],
    ["signatures at the end", krlOf([signature(first.wire), signature(second.wire)])],
    ["a zero byte that ends a text", krlOf([], { comment: "ours\0" })],
  ])("passes over %s", (_what, bytes) => {
    expect(readKrl(bytes)).toBeInstanceOf(Krl);
  });

  test.each([
    ["another magic", Buffer.from(sampleKrl.toString().replace("KRL\n", "KRL\r")), 0],
    ["nothing", new Uint8Array(), 0],
    ["another version of the form", krlOf([], { form: 2 }), 8],
    ["a comment with a zero byte in it", krlOf([], { comment: "ou\0rs" }), 44],
    ["a type of section that nobody knows", krlOf([section(6)]), 44],
    ["a part that nobody knows", krlOf([certificates(first.wire, section(0x24))]), 108],
    ["an extension that must be understood", krlOf([extension(255, "x@y.z", true)]), 58],
    ["one in a section", krlOf([certificates(first.wire, extension(0x39, "x@y.z", true))]), 122],
    ["more in an extension than it has", krlOf([section(255, named("x"), Uint8Array.of(1))]), 59],
    ["a section after a signature", krlOf([signature(first.wire), section(2)]), 117],
    ["a signature by no key", krlOf([signature(Buffer.from("any"))]), 49],
    ["an authority of no known type", krlOf([certificates(sshString("ssh-magic"))]), 57],
    [
      "an authority whose point is on no curve",
      krlOf([certificates(second.wire.map((byte, at) => (at === 100 ? byte ^ 1 : byte)))]),
      92,
    ],
    [
      "an authority whose numbers have zeros before them",
      krlOf([certificates(Buffer.concat(["ssh-rsa", "\0\u0001"].map(sshString)))]),
      68,
    ],
    [
      "an authority with more after its key",
      krlOf([certificates(Buffer.concat([first.wire, first.wire]))]),
      104,
    ],
    ["a SHA-1 of another length", krlOf([section(3, sshString("short"))]), 53],
    ["a SHA-256 of another length", krlOf([section(5, sshString("short"))]), 53],
    [
      "a part of a serial number",
      krlOf([certificates(first.wire, section(0x20, Uint8Array.of(1)))]),
      113,
    ],
    ["the serial number zero", krlOf([certificates(first.wire, serials(1n, 0n))]), 121],
    ["a range from zero", krlOf([certificates(first.wire, range(0n, 1n))]), 121],
    ["a range backwards", krlOf([certificates(first.wire, range(2n, 1n))]), 121],
    [
      "more in a range than it has",
      krlOf([certificates(first.wire, section(0x21, uint64(1n), uint64(2n), uint64(3n)))]),
      129,
    ],
    ["a bitmap that starts at zero", krlOf([certificates(first.wire, bitmap(0n, "01"))]), 125],
    ["a bitmap below zero", krlOf([certificates(first.wire, bitmap(1n, "80"))]), 125],
    [
      "a bitmap beyond the last serial number",
      krlOf([certificates(first.wire, bitmap(LAST, "02"))]),
      125,
    ],
    [
      "a key identity with a zero byte in it",
      krlOf([certificates(first.wire, keyIds("ro\0b"))]),
      117,
    ],
    ["a section that is longer than the file", krlOf([Buffer.from("02ffffffff", "hex")]), 49],
  ])("refuses %s, and says where", (_what, bytes, at) => {
    expect(faultOf(bytes).at).toBe(at);
  });

  test("repeats nothing of a file in a fault", () => {
    const bytes = krlOf([certificates(first.wire, keyIds("secret\0word"))], { comment: "secret" });
    expect(JSON.stringify(readKrl(bytes))).not.toContain("secret");
  });
});

describe("a list made to be long to read", () => {
  test("is not walked through range by range", () => {
    expect(revoked([range(1n, LAST), range(1n, LAST)], [1n, LAST / 2n, LAST])).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("is refused when its bitmaps are runs without end", () => {
    const parts = Array.from({ length: 5 }, () => bitmap(1n, "55".repeat(2 ** 18)));
    const bytes = krlOf([certificates(first.wire, ...parts)]);
    expect(faultOf(bytes).why).toContain("more than is read");
  });

  test("is refused when it names authorities without end", () => {
    const sections = Array.from({ length: 4_097 }, (_, index) => {
      const point = Buffer.alloc(32);
      point.writeUInt32BE(index);
      return certificates(Buffer.concat(["ssh-ed25519", point].map(sshString)));
    });
    expect(readKrl(krlOf(sections.slice(1)))).toBeInstanceOf(Krl);
    expect(faultOf(krlOf([...sections, ...sections])).why).toContain("more than is read");
  });

  test("is refused when it is longer than OpenSSH takes", () => {
    expect(readKrl(new Uint8Array(134_217_729))).toMatchObject({ at: 134_217_728 });
  });
});

function named(name: string): Uint8Array {
  return Buffer.concat([sshString(name), Uint8Array.of(0), sshString("")]);
}

function signature(wire: Uint8Array): Uint8Array {
  return Buffer.concat([section(4, wire), sshString("any signature")]);
}
