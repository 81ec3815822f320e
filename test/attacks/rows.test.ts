import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

function rows(letter: string, first: number, last: number): string[] {
  return Array.from(
    { length: last - first + 1 },
    (_none, index) => `${letter}${String(first + index).padStart(2, "0")}`,
  );
}

/** The checklist's rows about requests, documents and the domain; of H27 there is nothing to attack. */
const ROWS = [...rows("H", 1, 26), ...rows("D", 1, 17), "S01", ...rows("A", 1, 20)];

const root = path.resolve(import.meta.dirname, "..");

/** What stands in quotes in test files: their tests are named there. */
function namedIn(folder: string): string {
  const files = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
  return files
    .filter(({ name }) => name.endsWith(".ts") && name !== "rows.test.ts")
    .map(({ parentPath, name }) => readFileSync(path.join(parentPath, name), "utf8"))
    .flatMap((text) => text.match(/["`](?:[HDSA]\d\d)\b[^"`\n]*/g) ?? [])
    .join("\n");
}

test("every row of the checklist of attacks is named by a test", () => {
  const named = ["attacks", "redaction", "streams", "graphql"].map(namedIn).join("\n");
  const missing = ROWS.filter((row) => !new RegExp(`\\b${row}\\b`).test(named));
  expect(missing).toEqual([]);
});
