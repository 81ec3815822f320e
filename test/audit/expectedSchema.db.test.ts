import path from "node:path";
import { expect, test } from "vitest";
import { Reading } from "#audit/reading.ts";
import { readSchemaLines } from "#audit/schemaLines.ts";
import { freshDatabase } from "../database/freshDatabase.ts";

const fresh = freshDatabase();
const file = path.resolve(import.meta.dirname, "..", "..", "src", "audit", "expectedSchema.ts");

const HEAD = `/**
 * What the migrations make, as \`readSchemaLines\` tells it. Made from them: after a migration,
 * \`npx vitest run --config test/vitest.config.ts -u test/audit/expectedSchema.db.test.ts\`.
 */
export const EXPECTED_SCHEMA: readonly string[] = [
`;

test("what the checker expects of the schema is what the migrations make", async () => {
  const reading = await Reading.open(fresh.url);
  try {
    const lines = await readSchemaLines(reading);
    const text = `${HEAD}${lines.map((line) => `  ${JSON.stringify(line)},\n`).join("")}];\n`;
    await expect(text).toMatchFileSnapshot(file);
  } finally {
    await reading.close();
  }
});
