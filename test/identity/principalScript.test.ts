import { execFile } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";
import { openPrincipals } from "#identity/principals.ts";
import { heardLog } from "./heardLog.ts";
import { ownFolder } from "./passports.ts";
import { fileOf } from "../programs/program.ts";

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
      [fileOf("principal"), ...args],
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

test("a service is scoped to what it reports, and a responder needs no token", async () => {
  const service = ["--kind", "SYSTEM", "--roles", "REPORTER"];
  const scopes = ["--reports", "AVAILABILITY:anna,ben", "--reports", "CUSTODY"];
  const added = await principal("add", "roster", ...service, ...scopes);
  expect(added).toMatchObject({ code: 0, stderr: "" });
  const [, token = ""] = added.stdout.split("\n");
  const file = path.join(folder.path, "principals.json");
  const desk = await openPrincipals({ file, log: heardLog().log, now: () => 0 });
  expect((await desk.authenticate(`Bearer ${token}`))?.reports).toEqual([
    { kind: "AVAILABILITY", subjects: ["anna", "ben"] },
    { kind: "CUSTODY" },
  ]);
  const person = ["--kind", "PERSON", "--roles", "READER", "--responder", "--tokenless"];
  expect((await principal("add", "nora", ...person)).stdout).not.toContain("hf_");
  expect((await principal("list")).stdout).toBe(
    "roster SYSTEM REPORTER reports=AVAILABILITY:anna,ben reports=CUSTODY\n" +
      "nora PERSON READER responder tokenless\n",
  );
});

test.each([
  [[], "say add NAME, remove NAME or list"],
  [["add", "ruth"], "kind: "],
  [["add", "ruth", "--kind", "PERSON", "--roles", "GOD"], "roles.0: "],
  [["add", "r u", "--kind", "PERSON", "--roles", "READER"], "name: "],
  [["list", "--roles", "READER"], "--roles can only be said of one who is added"],
  [
    ["add", "s", "--kind", "PERSON", "--roles", "READER", "--reports", "CUSTODY"],
    "reports: is for",
  ],
  [["add", "s", "--kind", "SYSTEM", "--roles", "READER", "--responder"], "responder: is for"],
  [
    ["add", "s", "--kind", "SYSTEM", "--roles", "REPORTER", "--reports", "ENCLAVE"],
    "reports.0.kind: ",
  ],
  [
    ["add", "s", "--kind", "SYSTEM", "--roles", "REPORTER", "--reports", "CUSTODY:"],
    "reports.0.subjects.0: ",
  ],
  [["list", "--force"], "--force"],
])("the command line %j is refused with what is wrong", async (args, told) => {
  const run = await principal(...args);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toContain(told);
});
