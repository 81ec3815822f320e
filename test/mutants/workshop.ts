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

const LANES = 2;

/** How often the text that a mutant turns stands in its file. */
export async function occurrences({ file, find }: Mutant): Promise<number> {
  const text = await readFile(path.join(root, "src", file), "utf8");
  return text.split(find).length - 1;
}

/**
 * Searches for each in turn, two at a time, at most so many histories of a copy of the tree,
 * turned as the mutant says, or as it is for null; the answers come in the order of the mutants.
 */
export function searchAll(
  mutants: readonly (Mutant | null)[],
  histories: number,
): Promise<Found>[] {
  // A lane keeps its copy, so that what is compiled of it stays compiled.
  const lanes = Array.from({ length: LANES }, () => copyTree());
  const copies = [...lanes];
  const found = mutants.map((mutant, index) => {
    const lane = index % LANES;
    const before = lanes[lane] ?? copyTree();
    const searching = before.then((copy) => searchIn(copy, mutant, histories));
    const after = async (): Promise<string> => before;
    lanes[lane] = searching.then(after, after);
    return searching;
  });
  Promise.allSettled(found)
    .then(() => Promise.all(copies))
    .then((folders) => Promise.all(folders.map((copy) => rm(copy, { recursive: true }))))
    .catch(() => undefined);
  return found;
}

async function copyTree(): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), "holdfast-mutant-"));
  for (const part of ["src", "test", "package.json", "tsconfig.json"])
    await cp(path.join(root, part), path.join(copy, part), { recursive: true });
  await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"), "dir");
  return copy;
}

async function searchIn(copy: string, mutant: Mutant | null, histories: number): Promise<Found> {
  if (mutant === null) return runSearch(copy, histories);
  const file = path.join(copy, "src", mutant.file);
  const text = await readFile(file, "utf8");
  await writeFile(
    file,
    text.replace(mutant.find, () => mutant.replace),
  );
  try {
    return await runSearch(copy, histories);
  } catch (fault) {
    if (fault instanceof Error && "killed" in fault && fault.killed === true)
      return { fault: "it does not end", played: 0 };
    throw fault;
  } finally {
    await writeFile(file, text);
  }
}

async function runSearch(copy: string, histories: number): Promise<Found> {
  const search = path.join(copy, "test", "mutants", "searchProcess.ts");
  const { stdout } = await run(process.execPath, ["--import=tsx/esm", search, `${histories}`], {
    cwd: copy,
    timeout: SEARCH_MS,
  });
  return JSON.parse(stdout) as Found;
}
