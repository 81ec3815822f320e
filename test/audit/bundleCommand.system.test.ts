import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { exported, newSigning, seasonedPacket, sourcesOn } from "../bundle/bundleWorld.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ledgerOn } from "../ledger/trainWorld.ts";
import { fileOf } from "../programs/program.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast command", connectionsMax: 4 });
const signing = newSigning();
const keys = ["--key", signing.signer.verifierKey, "--witness", signing.witness.verifierKey];
const root = path.resolve(import.meta.dirname, "..", "..");
const folder = mkdtempSync(path.join(tmpdir(), "holdfast-bundle-"));
let ledger: Ledger;
beforeAll(async () => {
  ledger = await ledgerOn(database);
  const packet = await seasonedPacket(ledger, "orion-7");
  for (const form of ["FULL", "SHARED"] as const) {
    const lines = await exported(sourcesOn(ledger, signing), packet, form);
    writeFileSync(path.join(folder, form), lines.join(""));
    writeFileSync(path.join(folder, `${form} cut`), lines.slice(0, -1).join(""));
  }
});
afterAll(async () => {
  await ledger.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

interface Said {
  readonly code: number;
  readonly stdout: string;
}

/** Runs the command in an environment without any database. */
function verify(file: string, ...args: string[]): Promise<Said> {
  const command = [fileOf("verify"), "bundle", path.join(folder, file), ...args];
  const options = { cwd: root, env: { PATH: process.env["PATH"] } };
  return new Promise((resolve) => {
    execFile(process.execPath, command, options, (fault, stdout) => {
      resolve({ code: fault === null ? 0 : Number(fault.code), stdout });
    });
  });
}

test.each(["FULL", "SHARED"])(
  "the command proves a %s bundle by public keys alone",
  async (form) => {
    const { code, stdout } = await verify(form, ...keys, "--epoch", "7");
    expect(stdout).toContain(`The bundle (${form}) proves packet`);
    expect(stdout).toContain("the gate is OPEN");
    expect(code).toBe(0);
  },
);

test("it says in JSON what it proved, and that a later epoch is CLOSED", async () => {
  const { code, stdout } = await verify("SHARED", ...keys, "--epoch", "999999", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ findings: 0, gate: "CLOSED", revision: 10 });
  expect(code).toBe(0);
});

test("it ends with 1 for a bundle without its END, and for another key", async () => {
  const other = newSigning().signer.verifierKey;
  const cut = await verify("FULL cut", ...keys);
  expect([cut.code, cut.stdout]).toEqual([1, expect.stringContaining("MISSING at bundle")]);
  const strange = await verify("FULL", "--key", other);
  expect([strange.code, strange.stdout]).toEqual([1, expect.stringContaining("SIGNATURE")]);
});
