import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Figure, Rounds } from "./measure.ts";
import { NODE_OPTIONS } from "./started.ts";

/** What is measured beside the product's own code runs as the product does: bundled, without a loader. */

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..", "..");
const FOLDER = path.join("dist", "bench");
const PROGRAM = path.join(FOLDER, "roundsProcess.js");

let building: Promise<unknown> | null = null;

/** The same options as the product's own `build`. */
function build(): Promise<unknown> {
  building ??= run(
    "npx",
    [
      ..."--no-install esbuild scripts/bench/roundsProcess.ts --bundle --platform=node".split(" "),
      ..."--target=node20.19 --format=esm --packages=external --sourcemap".split(" "),
      "--log-level=warning",
      `--outdir=${FOLDER}`,
    ],
    { cwd: root },
  );
  return building;
}

/** A figure whose rounds are run by a process of their own from the bundle; see `roundsProcess.ts`. */
export function bundled(figure: Figure): Figure {
  return {
    ...figure,
    async run() {
      await build();
      const { stdout } = await run(process.execPath, [...NODE_OPTIONS, PROGRAM, figure.name], {
        cwd: root,
      });
      return JSON.parse(stdout) as Rounds;
    },
  };
}
