import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Mutant } from "./mutant.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** What the search found; null when every history was good. */
export interface Found {
  readonly fault: string | null;
  readonly played: number;
}

/** How often the text that a mutant turns stands in its file. */
export async function occurrences({ file, find }: Mutant): Promise<number> {
  const text = await readFile(path.join(root, "src", file), "utf8");
  return text.split(find).length - 1;
}

/** Searches at most so many histories of a copy of the tree, turned as the mutant says, or as it is. */
export async function searchIn(mutant: Mutant | null, histories: number): Promise<Found> {
  const copy = await mkdtemp(path.join(tmpdir(), "holdfast-mutant-"));
  try {
    for (const part of ["src", "test", "package.json", "tsconfig.json"])
      await cp(path.join(root, part), path.join(copy, part), { recursive: true });
    await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"), "dir");
    if (mutant !== null) {
      const file = path.join(copy, "src", mutant.file);
      const text = await readFile(file, "utf8");
      await writeFile(
        file,
        text.replace(mutant.find, () => mutant.replace),
      );
    }
    const search = path.join(copy, "test", "mutants", "searchProcess.ts");
    const { stdout } = await run(
      process.execPath,
      ["--conditions=development", "--import=tsx/esm", search, `${histories}`],
      { cwd: copy },
    );
    return JSON.parse(stdout) as Found;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
