import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

function rows(letter: string, first: number, last: number): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_none, index) => `${letter}${String(first + index).padStart(2, "0")}`,
  );
}

/** The rows of the checklist of attacks: of H27 there is nothing to attack. */
const ATTACKS = [
  ...rows("H", 1, 26),
  ...rows("D", 1, 17),
  "S01",
  ...rows("A", 1, 20),
  ...rows("W", 1, 32),
];

/** The rows of the checklist of faults; of F21, the limits of a process's memory and files, there is no test. */
const FAULTS = [...rows("F", 1, 20), ...rows("F", 22, 26)];

const root = path.resolve(import.meta.dirname, "..");

/** What stands in quotes in test files, beginning with a row: their tests are named there. */
function namedIn(folder: string): string {
  const files = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
  return files
    .filter(({ name }) => name.endsWith(".ts") && name !== "rows.test.ts")
    .map(({ parentPath, name }) => readFileSync(path.join(parentPath, name), "utf8"))
    .flatMap((text) => text.match(/["`](?:[HDSAWF]\d\d)\b[^"`\n]*/g) ?? [])
    .join("\n");
}

test.each([
  ["attacks", ATTACKS, ["attacks", "redaction", "streams", "graphql", "walls"]],
  ["faults", FAULTS, ["faults", "walls", "live", "database", "ledger", "server", "rehearsal"]],
])("every row of the checklist of %s is named by a test", (_what, demanded, folders) => {
  const named = folders.map(namedIn).join("\n");
  const missing = demanded.filter((row) => !new RegExp(`\\b${row}\\b`).test(named));
  expect(missing).toEqual([]);
});
