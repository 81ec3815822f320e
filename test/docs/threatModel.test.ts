import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..", "..");
const page = readFileSync(path.join(root, "src", "docs", "threat-model.md"), "utf8");

/** A test that the page says shows something. */
interface Shown {
  readonly file: string;
  readonly name: string;
}

const SHOWN = /^- `([^`]+)` "(.+)"$/gm;

function shownBy(text: string): Shown[] {
  return [...text.matchAll(SHOWN)].map(([, file = "", name = ""]) => ({ file, name }));
}

/** Whether a file of tests has one, or a group of them, of this name. */
function isThere({ file, name }: Shown): boolean {
  const place = path.join(root, file);
  if (!file.startsWith("test/") || !file.endsWith(".test.ts") || !existsSync(place)) return false;
  const text = readFileSync(place, "utf8");
  const quoted = JSON.stringify(name);
  const at = text.indexOf(quoted);
  return at !== -1 && /(?:^|\n)\s*(?:test|describe)[\s\S]*\(\s*$/.test(text.slice(0, at));
}

/** The threats, each with the tests below it. */
const threats = page
  .split(/^(?=\*\*T\d+ )/m)
  .slice(1)
  .map((text) => ({ id: /^\*\*(T\d+) /.exec(text)?.[1] ?? "", tests: shownBy(text) }));

describe("the threat model", () => {
  test("numbers its threats without a gap", () => {
    expect(threats.map(({ id }) => id)).toEqual(threats.map((_threat, index) => `T${index + 1}`));
    expect(threats.length).toBeGreaterThan(10);
  });

  test.each(threats)("names tests that are there for $id", ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter((shown) => !isThere(shown))).toEqual([]);
  });

  test("has no line that looks like a test and is read as none", () => {
    const lines = page.split("\n").filter((line) => /^\s*[-*].*test\//.test(line));
    expect(lines.length).toBe(shownBy(page).length);
  });
});

test("a test that is not there is found", () => {
  const file = "test/docs/threatModel.test.ts";
  expect(isThere({ file, name: "a test that is not there is found" })).toBe(true);
  expect(isThere({ file, name: "a test that nobody has written" })).toBe(false);
  expect(isThere({ file: "test/docs/none.test.ts", name: "any" })).toBe(false);
});
