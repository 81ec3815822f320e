import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const src = path.resolve(import.meta.dirname, "..", "..", "src");

/** What the checker may see of the ledger: how things are written, and nothing of who writes. */
const FORMATS = new Set([
  "arranged.ts",
  "bytes.ts",
  "causes.ts",
  "columns.ts",
  "document.ts",
  "draft.ts",
  "factForm.ts",
  "fault.ts",
  "fold.ts",
  "logRows.ts",
  "rows.ts",
  "sections.ts",
]);

/** Files under `src` that are reached from one, itself included; types that are erased count as well. */
function reachedFrom(...files: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...files];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const text = readFileSync(path.join(src, file), "utf8");
    for (const [, source = ""] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)) {
      if (source.startsWith("#")) waiting.push(source.slice(1));
      else if (source.startsWith(".")) waiting.push(path.join(path.dirname(file), source));
    }
  }
  return reached;
}

test("the checker reaches nothing that appends or writes to a lineage", () => {
  const reached = [...reachedFrom("audit/verifyLineage.ts", "audit/bundleFile.ts", "verify.ts")];
  const ofLedger = reached.filter((file) => file.startsWith("ledger/"));
  expect(ofLedger.filter((file) => !FORMATS.has(path.basename(file)))).toEqual([]);
  const rooms = reached.filter((file) => file.includes("/")).map((file) => file.split("/")[0]);
  // `database` opens an embedded server for the front door; it has no statement about a table.
  const seen = new Set([
    "access",
    "audit",
    "database",
    "gate",
    "ledger",
    "packet",
    "proof",
    "recovery",
  ]);
  expect(rooms.filter((room) => !seen.has(room ?? ""))).toEqual([]);
});

test("no file that the checker reaches has a statement that changes rows", () => {
  const reached = [...reachedFrom("verify.ts")].filter((file) => !file.startsWith("database/"));
  const writing =
    /\b(?:INSERT\s+INTO|UPDATE\s+[a-z_"$]+\s+(?:AS\s+\w+\s+)?SET|DELETE\s+FROM|TRUNCATE\s+TABLE|nextval)\b/;
  const found = reached.filter((file) => writing.test(readFileSync(path.join(src, file), "utf8")));
  expect(found).toEqual([]);
  // The pattern does find those that there are.
  expect(writing.test(readFileSync(path.join(src, "ledger/write.ts"), "utf8"))).toBe(true);
});
