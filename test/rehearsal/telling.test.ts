import { describe, expect, test } from "vitest";
import { on } from "#rehearsal/holdNames.ts";
import { HELP, optionsOf } from "#rehearsal/options.ts";
import { listed, paperWidth, wrapped } from "#rehearsal/style.ts";
import { terminalTeller } from "#rehearsal/terminal.ts";
import { type RevisionTold, type Told, jsonTeller } from "#rehearsal/told.ts";

const revision: RevisionTold = {
  line: "revision",
  stage: 4,
  revision: 7,
  digest: "ab".repeat(32),
  words: ["adroitness", "adviser"],
  epoch: 9_007_199_254_740_993n,
  cause: "ENTRIES_RECORDED",
  by: "ann",
  status: "ON_HOLD",
  standing: "LAPSED",
  opened: on("SIGNER_QUORUM_MISSING", "evening", "night"),
  cleared: [],
  outOfScope: on("DIGEST_MISMATCH", `a@1.0.0 sha512:${"0123456789abcdef".repeat(8)}`),
  open: [{ code: "SIGNER_QUORUM_MISSING", count: 2 }],
  advisories: [{ code: "REFRESH_DUE", count: 1 }],
  seenAfterMs: 3.25,
  asExpected: true,
};

function told(item: Told, width = 80, isColoured = false): string {
  let text = "";
  const write = (piece: string): void => {
    text += piece;
  };
  terminalTeller(write, { width, isColoured })(item);
  return text;
}

describe("a plain terminal", () => {
  test("shows each hold that opened, cleared or left the scope under its sign", () => {
    const lines = told(revision).split("\n");
    expect(lines).toContain("    revision 7: ON_HOLD, approval LAPSED");
    expect(lines).toContain("      + SIGNER_QUORUM_MISSING x2  evening, night");
    expect(lines).toContain("      ~ DIGEST_MISMATCH  a@1.0.0 sha512:01234567");
    expect(told(revision)).toContain(
      "register: 2 open: SIGNER_QUORUM_MISSING 2; advisories: REFRESH_DUE 1",
    );
  });

  test("names the first of many subjects and counts the rest", () => {
    const many = Array.from(
      { length: 135 },
      (_, index) => `part-${index}@1.0.0 sha256:${"a".repeat(64)}`,
    );
    const text = told({ ...revision, opened: on("DIGEST_CONFIRMATION_MISSING", ...many) });
    expect(text).toContain("+ DIGEST_CONFIRMATION_MISSING x135  part-0@1.0.0, and 134 more");
  });

  test("gives two long subjects a line each", () => {
    const [one, other] = ["a", "b"].map((letter) => letter.repeat(60));
    const text = told({
      ...revision,
      opened: on("ARTIFACT_NOT_QUARANTINED", one ?? "", other ?? ""),
    });
    expect(text).toContain(`+ ARTIFACT_NOT_QUARANTINED x2\n        ${one}\n        ${other}\n`);
  });

  test("is never written beyond its width, whatever a name is", () => {
    const long = "x".repeat(256);
    const items = [revision, { ...revision, opened: on("OPERATOR_HOLD", long) }];
    const lines = items.flatMap((item) => told(item).split("\n"));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  test("has colour only when it is a terminal", () => {
    expect(told(revision)).not.toContain("\u001B");
    expect(told(revision, 80, true)).toContain("\u001B[31m+ SIGNER_QUORUM_MISSING x2\u001B[0m");
  });

  test("is written 80 to 100 columns wide", () => {
    expect([40, 90, 300, undefined].map(paperWidth)).toEqual([80, 90, 100, 96]);
    expect(wrapped({ width: 12, isColoured: false }, 2, "one two three four")).toEqual([
      "  one two",
      "  three four",
    ]);
    expect(listed(["one", "two", "three", "four"], 21)).toBe("one, two, and 2 more");
  });
});

test("programs get one JSON object a line, and epochs as decimal strings", () => {
  const lines: string[] = [];
  jsonTeller((text) => lines.push(text))(revision);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith("}\n")).toBe(true);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ line: "revision", epoch: "9007199254740993" });
});

describe("the command line", () => {
  test("asks for people to be told, in a temporary directory, unless it says otherwise", () => {
    expect(optionsOf([])).toEqual({
      isHelp: false,
      isJson: false,
      directory: null,
      server: null,
    });
    expect(optionsOf(["--json", "--data", "there"])).toEqual({
      isHelp: false,
      isJson: true,
      directory: "there",
      server: null,
    });
    const given = { url: "http://127.0.0.1:4000", principals: "people.json", isAlone: false };
    const line = ["--url", given.url, "--principals", given.principals];
    expect(optionsOf(line)).toMatchObject({ directory: null, server: given });
    expect(optionsOf([...line, "--alone"]).server).toEqual({ ...given, isAlone: true });
  });

  test.each([
    [["--nonsense"]],
    [["--data"]],
    [["--data", ""]],
    [["stray"]],
    [["--alone"]],
    [["--url", "http://127.0.0.1:4000"]],
    [["--principals", "people.json"]],
    [["--url", "127.0.0.1:4000", "--principals", "people.json"]],
    [["--url", "ftp://127.0.0.1", "--principals", "people.json"]],
    [["--url", "http://127.0.0.1", "--principals", "people.json", "--data", "there"]],
  ])("refuses %j", (args) => {
    expect(() => optionsOf(args)).toThrow(TypeError);
  });

  test("tells of every option", () => {
    for (const option of ["--json", "--data", "--url", "--principals", "--alone", "--help"])
      expect(HELP).toContain(option);
  });
});
