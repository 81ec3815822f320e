import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { PrincipalsUnusable, readPrincipals } from "#identity/principalsFile.ts";
import { ownFolder, passport, textOf } from "./passports.ts";

const folder = ownFolder();
const ruth = passport("ruth");

/** A text that stands where a value does, and that nobody may read again in a message. */
const MARK = "Marked-Value";

async function faultsOf(content: string | Uint8Array): Promise<readonly string[]> {
  const file = path.join(folder.path, "principals.json");
  await writeFile(file, content);
  const fault = await readPrincipals(file).catch((fault: unknown) => fault);
  if (!(fault instanceof PrincipalsUnusable)) throw new Error("the file was read");
  expect(fault.message).toContain(file);
  expect(fault.message).not.toContain(MARK);
  return fault.faults;
}

function withEntry(change: object): string {
  return JSON.stringify({ principals: [{ ...ruth.entry, ...change }] });
}

test.each([
  ["not JSON", `{"principals": [${MARK}]}`, /^it is not JSON/],
  ["JSON that breaks off", `{"principals": [{"name": "${MARK}"`, /^it is not JSON/],
  ["a list", "[]", /^the file: /],
  ["no principals", "{}", /^principals: /],
  ["an unknown member", `{"principals": [], "${MARK}": 1}`, /^the file: has a member/],
  ["an unknown member of one", withEntry({ [MARK]: 1 }), /^principals\.0: has a member/],
  ["no name", withEntry({ name: undefined }), /^principals\.0\.name: /],
  ["no name at all", withEntry({ name: `${MARK} !` }), /^principals\.0\.name: must be 1 to 128/],
  ["an unknown kind", withEntry({ kind: MARK }), /^principals\.0\.kind: /],
  ["an unknown role", withEntry({ roles: ["READER", MARK] }), /^principals\.0\.roles\.1: /],
  ["no roles", withEntry({ roles: [] }), /^principals\.0\.roles: must have/],
  ["a role twice", withEntry({ roles: ["READER", "READER"] }), /^principals\.0\.roles: must not/],
  ["a token for a hash", withEntry({ tokenSha256: MARK }), /^principals\.0\.tokenSha256: must be/],
  [
    "a hash in capitals",
    withEntry({ tokenSha256: "A".repeat(64) }),
    /^principals\.0\.tokenSha256: must be/,
  ],
])("%s is refused by where it is", async (_what, text, told) => {
  expect(await faultsOf(text)).toEqual([expect.stringMatching(told)]);
});

test("every fault is told at once", async () => {
  const entries = [{ name: 1, kind: 2, roles: 3, tokenSha256: 4 }, 5];
  const faults = await faultsOf(JSON.stringify({ principals: entries }));
  expect(faults.map((fault) => fault.split(":")[0])).toEqual([
    "principals.0.name",
    "principals.0.kind",
    "principals.0.roles",
    "principals.0.tokenSha256",
    "principals.1",
  ]);
});

test("of many faults the first twenty are told, and how many there are", async () => {
  const file = path.join(folder.path, "principals.json");
  await writeFile(file, JSON.stringify({ principals: Array.from({ length: 50 }, () => 0) }));
  await expect(readPrincipals(file)).rejects.toThrow(/principals\.19: .*; and 30 more faults$/);
});

test("two of one name are refused, whatever their case", async () => {
  expect(await faultsOf(textOf(ruth, passport("anna"), passport("RUTH")))).toEqual([
    "principals.2.name: is that of principals.0 already",
  ]);
});

test("two of one token are refused", async () => {
  const twin = { ...ruth, entry: { ...ruth.entry, name: "twin" } };
  expect(await faultsOf(textOf(ruth, twin))).toEqual([
    "principals.1.tokenSha256: is that of principals.0 already",
  ]);
});

test("more than ten thousand are refused", async () => {
  const many = Array.from({ length: 10_001 }, (_, index) => passport(`p${index}`));
  expect(await faultsOf(textOf(...many))).toEqual([
    "principals: must not have more than 10000 principals",
  ]);
});

test("more than four mebibytes are refused", async () => {
  const text = textOf(ruth);
  expect(await faultsOf(text + " ".repeat(4 * 1024 * 1024 + 1 - text.length))).toEqual([
    "it is larger than 4194304 bytes",
  ]);
});

test("bytes that are not UTF-8 are refused", async () => {
  expect(await faultsOf(Uint8Array.of(0x7b, 0xff, 0x7d))).toEqual(["it is not UTF-8"]);
});

test("a file that is not there says how to make it", async () => {
  const absent = path.join(folder.path, "absent.json");
  await expect(readPrincipals(absent)).rejects.toThrow(/it is not there: .*npm run principal/);
});

test("a folder in its place is refused", async () => {
  await expect(readPrincipals(folder.path)).rejects.toThrow(/it cannot be read \(EISDIR\)/);
});
