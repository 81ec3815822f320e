import { describe, expect, test } from "vitest";
import { BundleLineMalformed, BundleSum, BundleWriter, readBundleLine } from "#proof/bundle.ts";
import { NotCanonical, canonical } from "#proof/canonical.ts";

const digest = "0f".repeat(32);
const start = {
  kind: "BUNDLE",
  format: "holdfast/bundle/1",
  form: "SHARED",
  deployment: "d",
  packet: "p",
  exercise: false,
} as const;
const revision = { kind: "REVISION", position: "1", proof: [digest], header: {} } as const;

const read = (text: string) => readBundleLine(Buffer.from(text));

test("what is written is read back as the same", () => {
  const lines = [
    start,
    { ...start, form: "FULL", train: "t", salt: digest } as const,
    { kind: "CHECKPOINT", note: "n" } as const,
    { kind: "SOURCE", content: { kind: "MANIFEST" } } as const,
    revision,
    { ...revision, body: { fact: null } } as const,
    { kind: "DOCUMENT", revision: 1, digest } as const,
    { kind: "LEAF", section: "holds", subject: "s", value: {} } as const,
    { kind: "HIDDEN_LEAF", section: "holds", key: digest, commitment: digest } as const,
    { kind: "STATEMENT", note: "n" } as const,
  ];
  const writer = new BundleWriter();
  const sum = new BundleSum();
  for (const line of lines) {
    const text = writer.line(line);
    sum.add(text);
    expect(read(text.slice(0, -1))).toEqual(line);
  }
  const end = writer.end((text) => text);
  expect(read(end.slice(0, -1))).toEqual({ kind: "END", note: sum.endText() });
  expect(sum.endText()).toMatch(/^holdfast\/bundle-end\/v1\n10\n[0-9a-f]{64}\n$/);
});

describe("no line is", () => {
  test.each([
    ["another spelling", `${canonical(start)} `],
    ["members in another order", '{"note":"n","kind":"END"}'],
    ["a repeated member", '{"kind":"END","kind":"END","note":"n"}'],
    ["bytes that are no text", "\u0000"],
  ])("%s", (_what, text) => {
    expect(() => read(text)).toThrow(NotCanonical);
  });

  test.each([
    ["a list", []],
    ["nothing", null],
    ["a kind of ours elsewhere", { kind: "toString" }],
    ["one member more", { kind: "END", note: "n", more: 1 }],
    ["one member less", { kind: "END" }],
    ["a member of another type", { kind: "END", note: 7 }],
    ["another format", { ...start, format: "holdfast/bundle/2" }],
    ["a full start without its salt", { ...start, form: "FULL", train: "t" }],
    ["a shared start with a salt", { ...start, train: "t", salt: digest }],
    ["a place before the first", { ...revision, position: "0" }],
    ["a place of 65 bits", { ...revision, position: "9223372036854775808" }],
    ["a path that no tree has", { ...revision, proof: Array.from({ length: 64 }, () => digest) }],
    ["a digest in capitals", { kind: "DOCUMENT", revision: 1, digest: digest.toUpperCase() }],
    ["a header that is a list", { ...revision, header: [] }],
  ])("%s", (_what, value) => {
    expect(() => read(canonical(value))).toThrow(BundleLineMalformed);
  });
});
