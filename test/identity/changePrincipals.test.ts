import { mkdtemp, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import {
  addPrincipal,
  type NewPrincipal,
  PrincipalsUnchanged,
  removePrincipal,
} from "#identity/changePrincipals.ts";
import { openPrincipals } from "#identity/principals.ts";
import { PrincipalsUnusable, readPrincipals } from "#identity/principalsFile.ts";
import { heardLog } from "./heardLog.ts";
import { ownFolder } from "./passports.ts";

const folder = ownFolder();

async function newFile(): Promise<string> {
  return path.join(await mkdtemp(path.join(folder.path, "file-")), "deep", "principals.json");
}

function person(name: string): NewPrincipal {
  return { name, kind: "PERSON", roles: ["READER"] };
}

function bytes(seed: number): Uint8Array {
  return new Uint8Array(32).fill(seed);
}

async function namesIn(file: string): Promise<string[]> {
  return (await readPrincipals(file)).principals.map(({ name }) => name);
}

test("the first principal makes the file, for its owner alone and without the token", async () => {
  const file = await newFile();
  const token = await addPrincipal(file, person("ruth"), bytes(1));
  expect(token).toMatch(/^hf_[A-Za-z0-9_-]{43}$/);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).not.toContain(token);
  expect(await readdir(path.dirname(file))).toEqual(["principals.json"]);
});

test("the token that is returned is the one that counts", async () => {
  const file = await newFile();
  const [ruth, anna] = [
    await addPrincipal(file, person("ruth"), bytes(1)),
    await addPrincipal(file, person("anna"), bytes(2)),
  ];
  const principals = await openPrincipals({ file, log: heardLog().log, now: () => 0 });
  expect((await principals.authenticate(`Bearer ${ruth}`))?.actor).toBe("ruth");
  expect((await principals.authenticate(`Bearer ${anna}`))?.actor).toBe("anna");
});

test("a name that is there already is refused, whatever its case, and nothing is written", async () => {
  const file = await newFile();
  await addPrincipal(file, person("ruth"), bytes(1));
  const before = await readFile(file, "utf8");
  const again = addPrincipal(file, person("Ruth"), bytes(2));
  await expect(again).rejects.toBeInstanceOf(PrincipalsUnchanged);
  expect(await readFile(file, "utf8")).toBe(before);
  expect(await readdir(path.dirname(file))).toEqual(["principals.json"]);
});

test("whoever is removed is out, and the others stay", async () => {
  const file = await newFile();
  await addPrincipal(file, person("ruth"), bytes(1));
  await addPrincipal(file, person("anna"), bytes(2));
  await removePrincipal(file, "RUTH");
  expect(await namesIn(file)).toEqual(["anna"]);
  await expect(removePrincipal(file, "ruth")).rejects.toBeInstanceOf(PrincipalsUnchanged);
});

test("of many changes at the same time each is made or refused, and none is lost", async () => {
  const file = await newFile();
  await addPrincipal(file, person("ruth"), bytes(0));
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  const made = await Promise.all(
    names.map(async (name, index) => {
      try {
        await addPrincipal(file, person(name), bytes(index + 1));
        return [name];
      } catch (fault) {
        expect(fault).toBeInstanceOf(PrincipalsUnchanged);
        return [];
      }
    }),
  );
  expect((await namesIn(file)).toSorted()).toEqual(["ruth", ...made.flat()].toSorted());
  expect(await readdir(path.dirname(file))).toEqual(["principals.json"]);
});

test("what a change that was cut off has left is named", async () => {
  const file = await newFile();
  await addPrincipal(file, person("ruth"), bytes(1));
  await writeFile(`${file}.new`, "");
  await expect(removePrincipal(file, "ruth")).rejects.toThrow(`${file}.new is there`);
});

test("a file with a fault is left as it is", async () => {
  const file = path.join(folder.path, "faulty.json");
  await writeFile(file, "{}");
  const added = addPrincipal(file, person("ruth"), bytes(1));
  await expect(added).rejects.toBeInstanceOf(PrincipalsUnusable);
  expect(await readFile(file, "utf8")).toBe("{}");
});

test("a file that a link leads to is changed where it lies", async () => {
  const file = await newFile();
  await addPrincipal(file, person("ruth"), bytes(1));
  const link = path.join(folder.path, "link.json");
  await symlink(file, link);
  await addPrincipal(link, person("anna"), bytes(2));
  expect(await namesIn(file)).toEqual(["ruth", "anna"]);
});

test("a token of anything but 32 bytes is no token", async () => {
  const file = await newFile();
  await expect(addPrincipal(file, person("ruth"), bytes(1).subarray(1))).rejects.toThrow(
    RangeError,
  );
});
