import { readFileSync } from "node:fs";
import path from "node:path";

const MANIFEST = path.resolve(import.meta.dirname, "..", "..", "package.json");

/** What `npm start` gives Node, so that what is measured runs as the product does. */
export const NODE_OPTIONS: readonly string[] = startOf(readFileSync(MANIFEST, "utf8"))
  .split(" ")
  .filter((word) => word.startsWith("--"));

function startOf(manifest: string): string {
  return (JSON.parse(manifest) as { scripts: { start: string } }).scripts.start;
}
