import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const folder = new URL(".", import.meta.url);

/** Everything that a file imports or re-exports from, types included. */
function importedBy(text: string): string[] {
  const specifiers = [
    /\bfrom\s*["']([^"'\s]+)["']/g,
    /\bimport\s*["']([^"'\s]+)["']/g,
    /\b(?:import|require|mock)\s*\(\s*["'`]([^"'`\s]+)["'`]/g,
  ];
  return specifiers.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => match[1] ?? ""),
  );
}

test("the judge imports its own files, Node and the test runner, and nothing of what it judges", () => {
  const files = readdirSync(fileURLToPath(folder), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts"));
  const foreign = sources.flatMap((file) =>
    importedBy(readFileSync(new URL(file, folder), "utf8"))
      .filter((specifier) => !/^(?:\.\/[A-Za-z.]+\.ts|node:[a-z]+|vitest)$/.test(specifier))
      .map((specifier) => `${file} imports ${specifier}`),
  );
  expect(sources).toContain("judge.ts");
  expect(foreign).toEqual([]);
});

test("the reader of imports sees every way to import", () => {
  const quote = '"';
  const text = [
    `import type { A } from ${quote}#gate/a.ts${quote};`,
    `import ${quote}#gate/b.ts${quote};`,
    `export * from ${quote}../../src/c.ts${quote};`,
    `await import(${quote}#gate/d.ts${quote});`,
  ].join("\n");
  expect(importedBy(text).sort()).toEqual(
    ["#gate/a.ts", "#gate/b.ts", "#gate/d.ts", "../../src/c.ts"].sort(),
  );
});
