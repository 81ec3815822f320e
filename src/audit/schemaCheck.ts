import { EXPECTED_SCHEMA } from "./expectedSchema.ts";
import type { Findings } from "./findings.ts";
import type { Reading } from "./reading.ts";
import { readSchemaLines, subjectOfLine, tableOfLine } from "./schemaLines.ts";

/**
 * Compares the database's own guards (rule 8.1) with those that the product's migrations make:
 * whatever is missing or other is found, and whatever else there is on a table of the product.
 * Tables, functions and types of others are theirs.
 */
export async function checkSchema(reading: Reading, findings: Findings): Promise<void> {
  await findings.reading({ table: "schema", row: "catalog" }, async () => {
    const found = new Map(
      (await readSchemaLines(reading)).map((line) => [subjectOfLine(line), line]),
    );
    const expected = new Map(EXPECTED_SCHEMA.map((line) => [subjectOfLine(line), line]));
    const tables = new Set(EXPECTED_SCHEMA.map(tableOfLine));
    for (const [subject, line] of expected) {
      const there = found.get(subject);
      if (there === line) continue;
      const place = { table: "schema", row: subject };
      findings.add({ place, kind: "SCHEMA", expected: line, found: there ?? "nothing" });
    }
    for (const [subject, line] of found) {
      if (expected.has(subject)) continue;
      const isOurs = tables.has(tableOfLine(line)) || subject.startsWith("event trigger");
      if (!isOurs) continue;
      const place = { table: "schema", row: subject };
      findings.add({ place, kind: "SCHEMA", expected: "nothing", found: line });
    }
  });
}
