import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonical,
  canonicalBytes,
  canonicalDepthMax,
  type CanonicalValue,
  NotCanonical,
} from "#proof/canonical.ts";
import { parseStored, readCanonical } from "#proof/readCanonical.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

const names = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom(
    "__proto__",
    "10",
    "9",
    "toString",
    "constructor",
    "",
    "a",
    "\u{1f600}",
    "\ufb33",
  ),
);

const documents = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((number) => number + 0),
    fc.bigInt(),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(names, tie("value"), { maxKeys: 6 }),
  ),
})).value;

/** RFC 8785 once more, from its text alone: sort the members, write what JSON writes. */
function naive(value: CanonicalValue): string {
  if (typeof value === "bigint") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(naive).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${naive(member)}`).join(",")}}`;
}

function shuffled(value: CanonicalValue): CanonicalValue {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries(members.map(([name, member]) => [name, shuffled(member)]));
}

function pathOfFault(value: unknown): string {
  try {
    canonical(value as CanonicalValue);
  } catch (error) {
    if (error instanceof NotCanonical) return error.path;
    throw error;
  }
  throw new Error("this value should have been refused");
}

function canonicalOrRefused(bytes: Uint8Array): string {
  try {
    return canonical(readCanonical(bytes));
  } catch (error) {
    if (error instanceof NotCanonical) return "refused";
    throw error;
  }
}

describe("the canonical form", () => {
  test("orders members by UTF-16 code units, as the example of RFC 8785 section 3.2.3 does", () => {
    const value = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\u{1f600}": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    expect(canonical(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control",' +
        '"\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",' +
        '"\u{1f600}":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  test("escapes what RFC 8785 section 3.2.2.2 says, in its shortest form, and nothing else", () => {
    expect(canonical("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/\u007f\u2028")).toBe(
      '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\u007f\u2028"',
    );
    expect(canonical("\b\t\n\f\r\u0000\u001f")).toBe('"\\b\\t\\n\\f\\r\\u0000\\u001f"');
  });

  test("writes integers up to the safe ones, and 64-bit values as decimal strings", () => {
    expect(canonical([0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])).toBe(
      "[0,-1,9007199254740991,-9007199254740991]",
    );
    expect(canonical({ epoch: 18446744073709551615n })).toBe('{"epoch":"18446744073709551615"}');
  });

  test("is the form of RFC 8785 for every document, in whatever order its members came", () => {
    fc.assert(
      fc.property(documents, (value) => {
        const text = canonical(value);
        expect(text).toBe(naive(value));
        expect(canonical(shuffled(value))).toBe(text);
      }),
    );
  });

  test("is kept by a round trip through its bytes", () => {
    fc.assert(
      fc.property(documents, (value) => {
        const bytes = canonicalBytes(value);
        const read = readCanonical(bytes);
        expect(canonicalBytes(read)).toEqual(bytes);
        expect(parseStored(bytes)).toEqual(read);
      }),
    );
  });

  test("writes objects of many shapes in one list as it writes each alone", () => {
    const shapes = [{ b: 1, a: 2 }, { a: 3, b: 4 }, { b: 5, c: 6 }, { b: 7, a: 8n }, { b: 9 }, {}];
    expect(canonical(shapes)).toBe(`[${shapes.map((shape) => canonical(shape)).join(",")}]`);
  });
});

const withHole = [1];
withHole[2] = 3;

describe("a value without a canonical form is refused with the place of its fault", () => {
  test.each([
    [
      "a member that is undefined",
      { entries: [{}, { observedEpoch: undefined }] },
      "/entries/1/observedEpoch",
    ],
    ["a hole in an array", { seats: withHole }, "/seats/1"],
    ["a fraction", { age: 1.5 }, "/age"],
    ["minus zero", [-0], "/0"],
    ["NaN", [[Number.NaN]], "/0/0"],
    ["infinity", { a: Number.POSITIVE_INFINITY }, "/a"],
    ["an integer that a double cannot hold", { size: 2 ** 53 }, "/size"],
    ["a lone surrogate in a text", { note: "x\ud800" }, "/note"],
    ["a lone surrogate in a name", { "\udc00": 1 }, "/\udc00"],
    ["an instance of a class", { at: new Date(0) }, "/at"],
    ["bytes", { digest: new Uint8Array(32) }, "/digest"],
    ["a function", { toJSON: () => "forged" }, "/toJSON"],
    ["a symbol", [Symbol("a")], "/0"],
    ["a name with a slash and a tilde", { "a/b~c": undefined }, "/a~1b~0c"],
    ["undefined itself", undefined, ""],
  ])("%s", (_, value, path) => {
    expect(pathOfFault(value)).toBe(path);
  });

  test("a document nested too deep, a cycle among them", () => {
    const nested = (levels: number): CanonicalValue => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(canonical(nested(canonicalDepthMax))).toHaveLength(2 * canonicalDepthMax + 1);
    expect(pathOfFault(nested(canonicalDepthMax + 1))).toBe("/0".repeat(canonicalDepthMax));
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(pathOfFault(cycle)).toBe("/self".repeat(canonicalDepthMax));
  });

  test("and the refusal does not repeat the value (rule 7.3)", () => {
    expect(() => canonical({ pin: "secret\ud800" })).toThrow(/lone surrogate/);
    expect(() => canonical({ pin: "secret\ud800" })).not.toThrow(/secret/);
  });
});

describe("bytes that are not the canonical form of what they say are refused", () => {
  test.each([
    ["a repeated member", '{"a":1,"a":1}'],
    ["a repeated member spelled otherwise", '{"a":1,"\\u0061":1}'],
    ["members out of order", '{"b":1,"a":1}'],
    ["white space", '{"a": 1}'],
    ["a line feed at the end", "1\n"],
    ["a byte order mark", "\ufeff1"],
    ["a fraction that is whole", "1.0"],
    ["an exponent", "1e2"],
    ["a fraction", "[1.5]"],
    ["minus zero", "-0"],
    ["a number over 2^53", "9007199254740993"],
    ["an escape that need not be", '"\\u0041"'],
    ["an escaped slash", '"\\/"'],
    ["an escape in upper case", '"\\u001F"'],
    ["an escaped lone surrogate", '"\\ud800"'],
    ["an escaped pair of surrogates", '"\\ud83d\\ude00"'],
    ["nothing", ""],
    ["half a document", '{"a":'],
    ["two documents", "1 2"],
    ["a document nested too deep", "[".repeat(50_000) + "]".repeat(50_000)],
  ])("%s", (_, text) => {
    expect(() => readCanonical(bytesOf(text))).toThrow(NotCanonical);
  });

  test.each([
    ["a byte that never is UTF-8", [0x22, 0xff, 0x22]],
    ["an overlong form", [0x22, 0xc1, 0x81, 0x22]],
    ["a surrogate in UTF-8", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["a sequence cut short", [0x22, 0xe2, 0x82, 0x22]],
  ])("invalid UTF-8: %s", (_, bytes) => {
    expect(() => readCanonical(Uint8Array.from(bytes))).toThrow(NotCanonical);
  });

  test("any single flipped bit is refused, or is another document", () => {
    fc.assert(
      fc.property(documents, fc.nat(), (value, position) => {
        const bytes = canonicalBytes(value);
        const flipped = Uint8Array.from(bytes);
        const bit = position % (bytes.length * 8);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        expect(canonicalOrRefused(flipped)).not.toBe(canonical(value));
      }),
    );
  });
});
