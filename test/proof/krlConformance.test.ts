import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Krl, readKrl } from "#proof/krl.ts";
import { certificateOfLine } from "./krlCertificate.ts";

const variable = "HOLDFAST_TEST_DATA";
const folder = process.env[variable] ?? "";
const isThere = folder !== "" && existsSync(path.join(folder, "krl"));

function revokes(list: string, certificate: string): boolean {
  const krl = readKrl(readFileSync(path.join(folder, "krl", `${list}.krl`)));
  if (!(krl instanceof Krl)) throw new Error(`${list}: ${krl.why}, at ${krl.at}`);
  const line = readFileSync(path.join(folder, "krl", `${certificate}-cert.pub`), "utf8");
  return krl.revokes(certificateOfLine(line));
}

test("says whether the lists of others are at hand", () => {
  const line = isThere
    ? `${variable}: two revocation lists of others are checked`
    : `${variable} names no folder with krl/: the revocation lists of others are not checked`;
  process.stdout.write(`${line}\n`);
  expect(folder === "" || isThere, `${variable} is set, and is no such folder`).toBe(true);
});

describe.runIf(isThere)("the lists of others", () => {
  test.each([
    ["krlbuf1", "key1cert1", true],
    ["krlbuf1", "key1cert2", true],
    ["krlbuf1", "key2cert1", false],
    ["krlbuf1", "key2cert2", true],
    ["krlbuf2", "key1cert1", true],
    ["krlbuf2", "key1cert2", true],
    ["krlbuf2", "key2cert1", true],
    ["krlbuf2", "key2cert2", false],
  ])("%s says of %s that it is revoked: %s", (list, certificate, isRevoked) => {
    expect(revokes(list, certificate)).toBe(isRevoked);
  });
});
