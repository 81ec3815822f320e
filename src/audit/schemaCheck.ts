import { EXPECTED_SCHEMA } from "./expectedSchema.ts";
import type { Findings } from "./findings.ts";
import type { Reading } from "./reading.ts";
import { readSchemaLines, subjectOfLine, tableOfLine, typesOfCast } from "./schemaLines.ts";

/**
 * Compares the database's own guards (rule 8.1) with those that the product's migrations make:
 * whatever is missing or other is found, and whatever else there is on a table or type of the product,
 * or could be meant in place of what it calls. Tables, types and extensions of others are theirs.
 */
export async function checkSchema(reading: Reading, findings: Findings): Promise<void> {
  await findings.reading({ table: "schema", row: "catalog" }, async () => {
    const found = new Map(
      (await readSchemaLines(reading)).map((line) => [subjectOfLine(line), line]),
    );
    const expected = new Map(EXPECTED_SCHEMA.map((line) => [subjectOfLine(line), line]));
    for (const [subject, line] of expected) {
      const there = found.get(subject);
      if (there === line) continue;
      const place = { table: "schema", row: subject };
      findings.add({ place, kind: "SCHEMA", expected: line, found: there ?? "nothing" });
    }
    for (const [subject, line] of found) {
      if (expected.has(subject) || !isOurs(subject)) continue;
      const place = { table: "schema", row: subject };
      findings.add({ place, kind: "SCHEMA", expected: "nothing", found: line });
    }
  });
}

const TABLES = new Set(EXPECTED_SCHEMA.map(tableOfLine).filter((table) => table !== null));
const TYPES = new Set(
  EXPECTED_SCHEMA.map(subjectOfLine).flatMap(
    (subject) => /^(?:type|table) (\S+)$/.exec(subject)?.[1] ?? [],
  ),
);

/** Whether what the product did not make is its affair. */
function isOurs(subject: string): boolean {
  if (/^(?:event trigger|function|operator) /.test(subject)) return true;
  const types = typesOfCast(subject);
  if (types === null) return TABLES.has(tableOfLine(subject) ?? "");
  const isOfPostgres = types.every((type) => !type.includes("."));
  return isOfPostgres || types.some((type) => TYPES.has(type.replace("public.", "")));
}
