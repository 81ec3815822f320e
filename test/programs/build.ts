import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { z } from "zod";
import type { Program } from "./program.ts";

const root = path.resolve(import.meta.dirname, "..", "..");

const SOURCES: Readonly<Record<Program, string>> = {
  main: "src/main.ts",
  verify: "src/verify.ts",
  witness: "src/witness.ts",
  pace: "src/pace.ts",
  approval: "scripts/approval.ts",
  changeToken: "scripts/changeToken.ts",
  entry: "scripts/entry.ts",
  principal: "scripts/principal.ts",
  revocation: "scripts/revocation.ts",
  signIn: "scripts/signIn.ts",
  holderProcess: "test/database/holderProcess.ts",
  appendProcess: "test/faults/appendProcess.ts",
  firstStartProcess: "test/server/firstStartProcess.ts",
  verbProcess: "test/faults/verbProcess.ts",
};

/**
 * Before the first test: every program that tests start, built with the very options of the
 * product's own build into a folder that is removed after the last.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Two levels deep, as dist/server is, since the product finds its migrations from there.
  const folder = await mkdtemp(path.join(root, "node_modules", ".programs-"));
  // For those that tests start under another account.
  await chmod(folder, 0o755);
  const esbuild = path.join(root, "node_modules", ".bin", "esbuild");
  // Node takes a module in there for one by its ending alone.
  const here = [`--outdir=${folder}`, "--entry-names=[name]", "--out-extension:.js=.mjs"];
  const options = [...(await ownOptions()), ...here];
  await promisify(execFile)(esbuild, [...Object.values(SOURCES), ...options], { cwd: root });
  project.provide("programs", folder);
  return () => rm(folder, { recursive: true });
}

/** The options of `npm run build`, without what it builds and where to. */
async function ownOptions(): Promise<string[]> {
  const text = await readFile(path.join(root, "package.json"), "utf8");
  const { scripts } = z
    .object({ scripts: z.object({ build: z.string() }) })
    .parse(JSON.parse(text));
  const words = scripts.build.split(" ");
  return words.filter((word) => word.startsWith("--") && !word.startsWith("--outdir="));
}
