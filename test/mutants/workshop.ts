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

/** A turned gate may go round for ever, which is found as well: no search as it should be takes as long. */
const SEARCH_MS = 120_000;

/** How often the text that a mutant turns stands in its file. */
export async function occurrences({ file, find }: Mutant): Promise<number> {
  const text = await readFile(path.join(root, "src", file), "utf8");
  return text.split(find).length - 1;
}

/** Searches at most so many histories of a copy of the tree, turned as the mutant says, or as it is. */
async function searchIn(mutant: Mutant | null, histories: number): Promise<Found> {
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
      { cwd: copy, timeout: SEARCH_MS },
    );
    return JSON.parse(stdout) as Found;
  } catch (fault) {
    if (mutant !== null && fault instanceof Error && "killed" in fault && fault.killed === true)
      return { fault: "it does not end", played: 0 };
    throw fault;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

const LANES = 2;

/** Searches for each in turn, two at a time; the answers come in the order of the mutants. */
export function searchAll(
  mutants: readonly (Mutant | null)[],
  histories: number,
): Promise<Found>[] {
  const lanes = Array.from({ length: LANES }, () => Promise.resolve());
  return mutants.map((mutant, index) => {
    const found = (lanes[index % LANES] ?? Promise.resolve()).then(() =>
      searchIn(mutant, histories),
    );
    const settled = (): void => undefined;
    lanes[index % LANES] = found.then(settled, settled);
    return found;
  });
}
