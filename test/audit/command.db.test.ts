import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { checkpointText } from "#proof/checkpoint.ts";
import { newNoteKey, noteSigner, signNote } from "#proof/signedNote.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ledgerOn, readyPacket } from "../ledger/trainWorld.ts";
import { fileOf } from "../programs/program.ts";

const ORIGIN = "log.example/holdfast";
const signer = noteSigner(newNoteKey(ORIGIN, randomBytes(32)));
const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 2 });
let packet: string;
beforeAll(async () => {
  const ledger = await ledgerOn(database);
  ({ packet } = await readyPacket(ledger, "train-1"));
  await ledger.sequence();
});
afterAll(() => database.close());

const root = path.resolve(import.meta.dirname, "..", "..");
const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own. */
async function verify(...args: readonly string[]): Promise<Ended> {
  const given = [fileOf("verify"), ...args];
  try {
    return { code: 0, ...(await run(process.execPath, given, { cwd: root })) };
  } catch (fault) {
    const { code, stdout, stderr } = fault as Ended;
    return { code, stdout, stderr };
  }
}

test("the command ends with 0 for what is right, and says what it did not look at", async () => {
  const { code, stdout, stderr } = await verify("--database", fresh.url);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toContain("1 packets, 1 revisions");
  expect(stdout).toContain("Everything is right.");
  expect(stdout).toContain("No --checkpoint was given");
  const chain = await verify("--database", fresh.url, "--chain-only");
  expect(chain).toMatchObject({ code: 0 });
  expect(chain.stdout).toContain("nothing was judged");
});

test("it says that nothing is signed, and refuses a file of signers that it cannot use", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "holdfast-signers-"));
  const file = path.join(folder, "allowed_signers");
  try {
    writeFileSync(file, "# nobody yet\n");
    const compared = await verify("--database", fresh.url, "--allowed-signers", file, "--json");
    expect(compared.code).toBe(0);
    expect(JSON.parse(compared.stdout)).toMatchObject({
      signatures: { decisions: 0, entries: 0, areSignersCompared: true },
    });
    const { stdout } = await verify("--database", fresh.url, "--allowed-signers", file);
    expect(stdout).toContain("Nothing is signed by whoever decided or reported it.");
    writeFileSync(file, "* ssh-ed25519 AAAA\n");
    const broken = await verify("--database", fresh.url, "--allowed-signers", file);
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining("line 1")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("it ends with 2 for what it could not check, and says why", async () => {
  const away = await verify("--database", "postgres://holdfast@127.0.0.1:1/none");
  expect(away).toMatchObject({ code: 2 });
  expect(away.stdout).toContain("could not be checked");
  expect(await verify("--no-such-option")).toMatchObject({ code: 2 });
  expect(await verify("packet")).toMatchObject({ code: 2 });
  const absent = ["--checkpoint", "no.such.file", "--key", signer.verifierKey];
  const unread = await verify("--database", fresh.url, ...absent);
  expect([unread.code, unread.stderr]).toEqual([2, expect.stringContaining("no.such.file")]);
});

test("a checkpoint counts only with the key that signed it", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "holdfast-checkpoint-"));
  const file = path.join(folder, "checkpoint");
  const given = ["--database", fresh.url, "--checkpoint", file];
  const key = ["--key", signer.verifierKey];
  try {
    const { stdout } = await verify("--database", fresh.url, "--json");
    const { size, root } = JSON.parse(stdout) as { size: string; root: string };
    const told = { origin: ORIGIN, size: BigInt(size), root: Buffer.from(root, "hex") };
    const text = checkpointText({ ...told, extensions: [] });
    writeFileSync(file, signNote(text, [signer]));
    expect(await verify(...given, ...key)).toMatchObject({ code: 0 });
    for (const more of [[], ["--witness", signer.verifierKey]]) {
      const keyless = await verify(...given, ...more);
      expect(keyless).toMatchObject({ code: 2, stdout: "" });
      expect(keyless.stderr).toContain("a --checkpoint needs the deployment's --key");
    }
    const stranger = noteSigner(newNoteKey(ORIGIN, randomBytes(32)));
    for (const forged of [signNote(text, [stranger]), text]) {
      writeFileSync(file, forged);
      const { code, stdout: found } = await verify(...given, ...key);
      expect([code, found]).toEqual([1, expect.stringContaining("SIGNATURE")]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("it ends with 1 for findings, one line of JSON for each", async () => {
  const { sql } = database;
  await sql`ALTER TABLE packet DISABLE TRIGGER append_only`;
  await sql`UPDATE packet SET preparer = 'mallory'`;
  await sql`ALTER TABLE packet ENABLE ALWAYS TRIGGER append_only`;
  const { code, stdout } = await verify("--database", fresh.url, "--json");
  expect(code).toBe(1);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    {
      place: { table: "packet", packet, column: "preparer" },
      kind: "VALUE",
      expected: "rita",
      found: "mallory",
    },
    { findings: 1, unchecked: null, packets: 1, revisions: 1, size: "1" },
  ]);
});
