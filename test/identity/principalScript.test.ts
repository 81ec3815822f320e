import { execFile } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { openPrincipals } from "#identity/principals.ts";
import { heardLog } from "./heardLog.ts";
import { ownFolder } from "./passports.ts";

const folder = ownFolder();
const root = path.resolve(import.meta.dirname, "..", "..");

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function principal(...args: string[]): Promise<Run> {
  const file = path.join(folder.path, "principals.json");
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import=tsx/esm", "scripts/principal.ts", ...args],
      { cwd: root, env: { PATH: process.env["PATH"], HOLDFAST_PRINCIPALS: file } },
      (_fault, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test("somebody is added, listed and removed from a terminal", async () => {
  const added = await principal("add", "ruth", "--kind", "PERSON", "--roles", "READER,OPERATOR");
  expect(added).toMatchObject({ code: 0, stderr: "" });
  const [, token = ""] = added.stdout.split("\n");
  const file = path.join(folder.path, "principals.json");
  const desk = await openPrincipals({ file, log: heardLog().log, now: () => 0 });
  expect((await desk.authenticate(`Bearer ${token}`))?.roles).toEqual(["READER", "OPERATOR"]);

  expect((await principal("list")).stdout).toBe("ruth PERSON READER,OPERATOR\n");
  expect((await principal("remove", "ruth")).code).toBe(0);
  expect(await principal("list")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await principal("remove", "ruth")).toMatchObject({ code: 1, stdout: "" });
});

test.each([
  [[], "say add NAME, remove NAME or list"],
  [["add", "ruth"], "kind: "],
  [["add", "ruth", "--kind", "PERSON", "--roles", "GOD"], "roles.0: "],
  [["add", "r u", "--kind", "PERSON", "--roles", "READER"], "name: "],
  [["list", "--roles", "READER"], "--kind and --roles belong to add"],
  [["list", "--force"], "--force"],
])("the command line %j is refused with what is wrong", async (args, told) => {
  const run = await principal(...args);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toContain(told);
});
