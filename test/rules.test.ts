import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

/** Every numbered rule of the gate, by chapter. */
const RULES = [
  ["2.1", "2.2", "2.3", "2.4"],
  ["3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8"],
  ["4.1.1", "4.1.2", "4.1.3", "4.1.4", "4.1.5", "4.1.6"],
  ["4.1.7", "4.1.8", "4.1.9", "4.1.10", "4.1.11", "4.1.12", "4.1.13"],
  ["4.2.1", "4.2.2", "4.2.3", "4.2.4", "4.2.5", "4.2.6", "4.2.7"],
  ["4.3.1", "4.3.2", "4.3.3", "4.3.4"],
  ["5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7"],
  ["6.1", "6.2", "6.3", "6.4", "6.5", "6.6"],
].flat();

const NUMBER = String.raw`\d+(?:\.\d+)+`;
const CITATION = new RegExp(
  String.raw`\brules?\s+${NUMBER}(?:(?:,|\s+and|,\s+and)\s+${NUMBER})*`,
  "gi",
);

/** The numbers in "rule 4.1.5", "Rules 5.1 and 5.2", "rules 2.1, 2.2 and 3.4". */
function citedIn(text: string): string[] {
  const citations = text.match(CITATION) ?? [];
  return citations.flatMap((citation) => citation.match(new RegExp(NUMBER, "g")) ?? []);
}

function citedByTests(): Set<string> {
  const files = readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith(".test.ts") && entry.name !== "rules.test.ts")
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Set(files.flatMap((file) => citedIn(readFileSync(file, "utf8"))));
}

test("every rule of the gate is cited by a test", () => {
  const cited = citedByTests();
  expect(RULES.filter((rule) => !cited.has(rule))).toEqual([]);
});

test("no test cites a rule of these chapters that does not exist", () => {
  const known = [...citedByTests()].filter((rule) => /^[2-6]\./.test(rule));
  expect(known.filter((rule) => !RULES.includes(rule))).toEqual([]);
});

test("a citation is told from a number that only looks like one", () => {
  expect(citedIn("Rule 4.1.5: a spare enclave")).toEqual(["4.1.5"]);
  expect(citedIn("by rules 2.1, 2.2 and 3.4 alike")).toEqual(["2.1", "2.2", "3.4"]);
  expect(citedIn("Postgres 18.4 answers rule 5.1.")).toEqual(["5.1"]);
  expect(citedIn("version 5.1 of the rules")).toEqual([]);
});
