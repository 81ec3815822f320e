import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readSshKeyText } from "#proof/sshPublicKey.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";

const variable = "HOLDFAST_TEST_DATA";
const folder = path.join(process.env[variable] ?? "", "sshsig");
const isThere = process.env[variable] !== undefined && existsSync(folder);
const names = isThere
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".sig"))
      .map((name) => name.slice(0, -".sig".length))
      .toSorted()
  : [];

const textOf = (name: string): string => readFileSync(path.join(folder, name), "utf8");

test("says whether the signatures of others are at hand", () => {
  const line = isThere
    ? `${variable}: ${names.length} signatures of others are checked`
    : `${variable} names no folder with sshsig/: the signatures of others are not checked`;
  process.stdout.write(`${line}\n`);
  expect(process.env[variable] === undefined || isThere, `${variable} has no sshsig/`).toBe(true);
});

describe.runIf(isThere)("the signatures of others", () => {
  test("are there in number", () => {
    expect(names.length).toBeGreaterThan(0);
  });

  test.each(names)("%s is of its key over the data, and of nothing else", (name) => {
    const armored = textOf(`${name}.sig`);
    const message = readFileSync(path.join(folder, "signed-data"));
    const namespace = textOf("namespace");
    const [type = "", encoded = ""] = textOf(`${name}.pub`).split(" ");
    const listed = readSshKeyText(type, encoded.trim());
    const key = verifySshSignature({ armored, message, namespace });
    if (key instanceof SshFault || listed instanceof SshFault) throw new Error("it is refused");
    expect(key.fingerprint).toBe(listed.fingerprint);
    const other = { armored, message: message.subarray(1), namespace };
    expect(verifySshSignature(other)).toBeInstanceOf(SshFault);
    expect(verifySshSignature({ armored, message, namespace: "file" })).toBeInstanceOf(SshFault);
  });
});
