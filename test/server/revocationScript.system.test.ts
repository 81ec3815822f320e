import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSignedList, REVOCATION_NAMESPACE, shardOf, shardText } from "#proof/revocationList.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";
import { fileOf } from "../programs/program.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..", "..");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-issuer-"));
});
afterAll(() => rm(folder, { recursive: true }));

const place = (name: string): string => path.join(folder, name);

async function keygen(...words: string[]): Promise<void> {
  await run("ssh-keygen", words);
}

async function add(...words: string[]): Promise<string> {
  const own = ["--lists", place("lists"), "--deployment", "d", "--issuer", "ines"];
  const { stdout } = await run(
    process.execPath,
    [fileOf("revocation"), "add", ...words, ...own, "--key", place("ines")],
    { cwd: root },
  );
  return stdout;
}

async function listOf(id: string) {
  const signed = readSignedList(await readFile(path.join(place("lists"), shardText(shardOf(id)))));
  if (signed === null) throw new Error(`${id} is in no list`);
  return signed;
}

async function fingerprintOf(name: string): Promise<string> {
  const { stdout } = await run("ssh-keygen", ["-l", "-f", place(`${name}.pub`)]);
  return stdout.split(" ")[1] ?? "";
}

test("lists are made of names and of what ssh-keygen -k wrote, each signed by ssh-keygen, and only grow", async () => {
  for (const name of ["ines", "ann", "ben"]) {
    await keygen("-q", "-t", "ed25519", "-N", "", "-f", place(name));
  }
  expect(await add("principal:ann", "node:north")).toMatch(/version 1: /);
  const first = await listOf("principal:ann");
  expect(first.list).toMatchObject({ deployment: "d", issuedBy: "ines", version: 1n });
  const { bytes: message, armored } = first;
  const key = verifySshSignature({ armored, message, namespace: REVOCATION_NAMESPACE });
  expect(key instanceof SshFault ? key.why : key.fingerprint).toBe(await fingerprintOf("ines"));
  expect(await add("principal:ann")).toBe("all of them are revoked already\n");

  await keygen("-q", "-k", "-f", place("keys.krl"), place("ann.pub"));
  await writeFile(place("spec"), `sha1: ${await readFile(place("ben.pub"), "utf8")}`);
  await keygen("-q", "-k", "-f", place("sha1.krl"), place("spec"));
  const signers = `ben ${await readFile(place("ben.pub"), "utf8")}`;
  await writeFile(place("signers"), signers);
  const krls = [place("keys.krl"), place("sha1.krl")].flatMap((krl) => ["--krl", krl]);
  const told = await add(...krls, "--signers", place("signers"));
  expect(told).toContain("names 1 keys by SHA-1 alone");
  for (const name of ["ann", "ben"]) {
    const id = `key:${await fingerprintOf(name)}`;
    expect((await listOf(id)).list.revoked).toContain(id);
  }
  const before = await listOf("principal:ann");
  const { stdout } = await run(
    process.execPath,
    [fileOf("revocation"), ..."add --reissue --deployment d --issuer iris".split(" ")].concat([
      "--lists",
      place("lists"),
      "--key",
      place("ben"),
    ]),
    { cwd: root },
  );
  expect(stdout).toContain("version 2: ");
  const after = await listOf("principal:ann");
  expect(after.list).toEqual({
    ...before.list,
    issuedBy: "iris",
    version: before.list.version + 1n,
  });
  const files = (await readdir(place("lists"))).length;
  expect(files).toBeGreaterThan(2);
  await expect(add("ann")).rejects.toMatchObject({ code: 2 });
  await expect(add("--krl", place("signers"))).rejects.toMatchObject({ code: 1 });
});
