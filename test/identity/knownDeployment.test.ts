import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { FileUnusable } from "#identity/fileKind.ts";
import {
  type KnownDeployment,
  KnownDeploymentFile,
  readKnownDeployment,
} from "#identity/knownDeployment.ts";
import { RememberedGround } from "#identity/offlineGround.ts";
import { ownFolder } from "./passports.ts";

const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);

const KNOWN: KnownDeployment = {
  deployment: "0198f5a0-0000-7000-8000-000000000001",
  secret: new Uint8Array(32).fill(7),
  databaseRole: "APPEND_ONLY",
  epoch: 812n,
  asked: ["ada", "ben"],
  revoked: ["ben"],
};

test("what is kept is read again, by its owner alone, and written only where it differs", async () => {
  const file = place("deployment.json");
  expect(await readKnownDeployment(file)).toBeNull();
  const own = new KnownDeploymentFile(file);
  await own.keep(KNOWN);
  expect(await readKnownDeployment(file)).toEqual(KNOWN);
  const before = await stat(file);
  expect(before.mode & 0o777).toBe(0o600);
  await own.keep({ ...KNOWN, asked: KNOWN.asked.toReversed() });
  expect((await stat(file)).ino).toBe(before.ino);
  await own.keep({ ...KNOWN, epoch: null });
  expect((await readKnownDeployment(file))?.epoch).toBeNull();
});

test.each([
  ["is torn", (text: string) => text.slice(0, 40)],
  ["is of something else", () => "{}"],
  ["has an epoch that is none", (text: string) => text.replace("812", "-1")],
  ["has another secret's length", (text: string) => text.replace("0707", "07")],
])("a file that %s is no memory, and no word of it is repeated", async (_why, change) => {
  const file = place("changed.json");
  await new KnownDeploymentFile(file).keep(KNOWN);
  await writeFile(file, change(await readFile(file, "utf8")));
  const fault: unknown = await readKnownDeployment(file).catch((thrown: unknown) => thrown);
  expect(fault).toBeInstanceOf(FileUnusable);
  expect(String(fault)).not.toContain("0707");
});

test("a file that anybody may write to is no memory", async () => {
  const file = place("open.json");
  await new KnownDeploymentFile(file).keep(KNOWN);
  await chmod(file, 0o602);
  await expect(readKnownDeployment(file)).rejects.toThrow("anybody may write to it");
});

test("what was known before a start goes on while nobody can be asked, and is never unsaid", async () => {
  const it = { isAway: true, epoch: 811n };
  const answer = <T>(value: () => T): Promise<T> =>
    it.isAway ? Promise.reject(new Error("away")) : Promise.resolve(value());
  const ground = new RememberedGround({
    epoch: () => answer(() => it.epoch),
    revokedOf: () => answer(() => new Set<string>()),
    now: () => 0,
    known: KNOWN,
  });
  expect(await ground.epochNow()).toBe(812n);
  expect([await ground.isRevoked("ada"), await ground.isRevoked("ben")]).toEqual([false, true]);
  expect(await ground.isRevoked("cleo")).toBeNull();
  it.isAway = false;
  expect(await ground.epochNow()).toBe(812n);
  expect(await ground.isRevoked("cleo")).toBe(false);
  expect(await ground.isRevoked("ben")).toBe(true);
  expect(ground.known()).toEqual({ epoch: 812n, asked: ["ada", "ben", "cleo"], revoked: ["ben"] });
});
