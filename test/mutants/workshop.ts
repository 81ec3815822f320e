import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Plugin, build } from "esbuild";
import type { Mutant } from "./mutant.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** What the search found; null when every history was good. */
export interface Found {
  readonly fault: string | null;
  readonly played: number;
}

/** A turned gate may go round for ever, which is found as well: no search as it should be takes as long. */
const SEARCH_MS = 300_000;

const LANES = 2;

/** How often the text that a mutant turns stands in its file. */
export async function occurrences({ file, find }: Mutant): Promise<number> {
  const text = await readFile(path.join(root, "src", file), "utf8");
  return text.split(find).length - 1;
}

/**
 * Searches for each in turn, two at a time, at most so many histories of the tree, turned as the
 * mutant says, or as it is for null; the answers come in the order of the mutants.
 */
export function searchAll(
  mutants: readonly (Mutant | null)[],
  histories: number,
): Promise<Found>[] {
  const lanes = Array.from({ length: LANES }, () => Promise.resolve());
  return mutants.map((mutant, index) => {
    const lane = lanes[index % LANES] ?? Promise.resolve();
    const found = lane.then(() => searchIn(mutant, histories));
    const settled = (): void => undefined;
    lanes[index % LANES] = found.then(settled, settled);
    return found;
  });
}

/** The search as one file, so that what it depends on is found from where the tree is. */
async function searchIn(mutant: Mutant | null, histories: number): Promise<Found> {
  const folder = await mkdtemp(path.join(root, "node_modules", ".mutant-"));
  const bundle = path.join(folder, "search.mjs");
  try {
    await build({
      entryPoints: [path.join(root, "test", "mutants", "searchProcess.ts")],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      plugins: mutant === null ? [] : [turning(mutant)],
    });
    const options = { cwd: root, timeout: mutant === null ? 0 : SEARCH_MS };
    const { stdout } = await run(process.execPath, [bundle, `${histories}`], options);
    return JSON.parse(stdout) as Found;
  } catch (fault) {
    if (mutant !== null && fault instanceof Error && "killed" in fault && fault.killed === true)
      return { fault: "it does not end", played: 0 };
    throw fault;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Reads one file of the source turned as the mutant says. */
function turning({ file, find, replace }: Mutant): Plugin {
  const turned = path.join(root, "src", file);
  return {
    name: "turned",
    setup(bundling) {
      bundling.onLoad({ filter: /\.ts$/ }, async (loaded) => {
        if (loaded.path !== turned) return undefined;
        const text = await readFile(turned, "utf8");
        return { contents: text.replace(find, () => replace), loader: "ts" };
      });
    },
  };
}
