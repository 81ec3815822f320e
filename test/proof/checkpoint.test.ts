import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CheckpointMalformed, checkpointText, readCheckpoint } from "#proof/checkpoint.ts";
import { sha256 } from "#proof/digest.ts";
import { emptyLogRoot } from "#proof/logTree.ts";

const root = sha256("a root");
const rootText = Buffer.from(root).toString("base64");
const origin = "holdfast.example/log";

describe("a checkpoint", () => {
  test("is origin, size and root, a line each, and its extensions", () => {
    const text = checkpointText({ origin, size: 20_852_163n, root, extensions: ["more", "of it"] });
    expect(text).toBe(`${origin}\n20852163\n${rootText}\nmore\nof it\n`);
    expect(readCheckpoint(text)).toEqual({
      origin,
      size: 20_852_163n,
      root,
      extensions: ["more", "of it"],
    });
  });

  test("reads back as it was written, whatever it says", () => {
    const lines = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .filter((line) => !/\p{Cc}/u.test(line));
    const checkpoints = fc.record({
      origin: lines,
      size: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Uint8Array.from(bytes)),
      extensions: fc.array(lines, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        const read = readCheckpoint(checkpointText(checkpoint));
        expect({ ...read, root: Uint8Array.from(read.root) }).toEqual(checkpoint);
      }),
    );
  });

  test("of no leaves has the root of no leaves", () => {
    const empty = { origin, size: 0n, root: emptyLogRoot(), extensions: [] };
    expect(readCheckpoint(checkpointText(empty)).size).toBe(0n);
    expect(() => checkpointText({ ...empty, root })).toThrow(CheckpointMalformed);
  });
});

describe("no checkpoint is", () => {
  test.each([
    ["nothing", ""],
    ["an origin alone", `${origin}\n`],
    ["one without a root", `${origin}\n1\n`],
    ["one without its last newline", `${origin}\n1\n${rootText}`],
    ["one with an empty line after it", `${origin}\n1\n${rootText}\n\n`],
    ["an empty extension", `${origin}\n1\n${rootText}\na\n\nb\n`],
    ["an empty origin", `\n1\n${rootText}\n`],
    ["an empty size", `${origin}\n\n${rootText}\n`],
    ["a leading zero", `${origin}\n01\n${rootText}\n`],
    ["a sign", `${origin}\n+1\n${rootText}\n`],
    ["a negative size", `${origin}\n-1\n${rootText}\n`],
    ["a hexadecimal size", `${origin}\n0x1\n${rootText}\n`],
    ["a space after the size", `${origin}\n1 \n${rootText}\n`],
    ["a size of other digits", `${origin}\n\u0661\n${rootText}\n`],
    ["a size above 64 bits", `${origin}\n18446744073709551616\n${rootText}\n`],
    ["a short root", `${origin}\n1\nAAAA\n`],
    ["a long root", `${origin}\n1\n${Buffer.alloc(33).toString("base64")}\n`],
    ["a root without padding", `${origin}\n1\n${rootText.replace("=", "")}\n`],
    ["a root with unused bits set", `${origin}\n1\n${"A".repeat(42)}B=\n`],
    ["a carriage return", `${origin}\r\n1\n${rootText}\n`],
    ["too many extensions", `${origin}\n1\n${rootText}\n${"a\n".repeat(65)}`],
  ])("%s", (_what, text) => {
    expect(() => readCheckpoint(text)).toThrow(CheckpointMalformed);
  });

  test.each([
    ["a negative size", { size: -1n }],
    ["a size above 64 bits", { size: 1n << 64n }],
    ["a short root", { root: root.subarray(1) }],
    ["an origin of two lines", { origin: "a\nb" }],
    ["an empty origin", { origin: "" }],
    ["an empty extension", { extensions: [""] }],
    ["an extension of two lines", { extensions: ["a\nb"] }],
  ])("what is to be written with %s", (_what, change) => {
    const right = { origin, size: 1n, root, extensions: [] };
    expect(() => checkpointText({ ...right, ...change })).toThrow(CheckpointMalformed);
  });
});
