import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, mkdtemp, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { addPrincipal } from "#identity/changePrincipals.ts";
import { type FirstPrincipal, makeFirstPrincipal } from "#identity/firstPrincipal.ts";
import { openPrincipals } from "#identity/principals.ts";
import { makeNoteKey, readNoteKey } from "#notary/noteKeyFile.ts";
import { heardLog } from "../identity/heardLog.ts";
import { ownFolder } from "../identity/passports.ts";
import { fileOf } from "../programs/program.ts";

const root = ownFolder();
const fileIn = (folder: string): string => path.join(folder, "principals.json");
const keyIn = (folder: string): string => path.join(folder, "log.key");

function firstIn(folder: string): Promise<FirstPrincipal | null> {
  const random = (): Uint8Array => randomBytes(32);
  return makeFirstPrincipal({ file: fileIn(folder), data: folder, random });
}

function newFolder(): Promise<string> {
  return mkdtemp(path.join(root.path, "first-"));
}

/** Whoever comes with this token, by name. */
async function comesWith(folder: string, token: string): Promise<string | undefined> {
  const file = fileIn(folder);
  const principals = await openPrincipals({ file, log: heardLog().log, now: () => 0 });
  const actor = await principals.authenticate(`Bearer ${token}`);
  principals.close();
  return actor?.actor;
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Lets a process make it all, killed before one step; resolves to what it showed, and whether it was killed. */
async function begin(folder: string, step: number) {
  const child = spawn(process.execPath, [fileOf("firstStartProcess"), folder, String(step)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [token] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (child.signalCode === null) expect(child.exitCode).toBe(0);
  return { token, isKilled: child.signalCode === "SIGKILL" };
}

test("a first start that is killed before any step of it leaves nothing that needs a person", async () => {
  let step = 0;
  for (let isOver = false; !isOver; step += 1) {
    const folder = await newFolder();
    const { token, isKilled } = await begin(folder, step);
    isOver = !isKilled;
    if (!(await isThere(keyIn(folder)))) {
      await makeNoteKey(keyIn(folder), "log.example/next", randomBytes(32));
    }
    expect((await readNoteKey(keyIn(folder))).verifierKey, `step ${step}`).toContain("log.example");
    const next = await firstIn(folder);
    await next?.told();
    expect(await comesWith(folder, next?.token ?? token), `step ${step}`).toBe("first.operator");
    expect(await firstIn(folder)).toBeNull();
  }
  // Four for the key, seven for the rest, and the one that is not killed.
  expect(step).toBe(12);
});

test("whoever has made the key once finds it unchanged when another would make it", async () => {
  const file = keyIn(await newFolder());
  const makers = Array.from({ length: 8 }, () =>
    makeNoteKey(file, "log.example/many", randomBytes(32)).then(
      ({ verifierKey }) => verifierKey,
      () => null,
    ),
  );
  const made = (await Promise.all(makers)).filter((key) => key !== null);
  expect(made).toEqual([(await readNoteKey(file)).verifierKey]);
  expect(await readdir(path.dirname(file))).toEqual(["log.key"]);
});

test("a token that was shown is never replaced, and one that was not leaves no file", async () => {
  const folder = await newFolder();
  await (await firstIn(folder))?.close();
  expect(await readdir(folder)).toEqual([]);
  const first = await firstIn(folder);
  await first?.told();
  await first?.close();
  expect(await firstIn(folder)).toBeNull();
  expect(await comesWith(folder, first?.token ?? "")).toBe("first.operator");
  expect(await readdir(folder)).toEqual(["principals.json"]);
});

test("whoever was added by hand before a token was shown stays", async () => {
  const folder = await newFolder();
  await firstIn(folder);
  const ruth = { name: "ruth", kind: "PERSON", roles: ["READER"] } as const;
  const token = await addPrincipal(fileIn(folder), ruth, randomBytes(32));
  expect(await firstIn(folder)).toBeNull();
  expect(await comesWith(folder, token)).toBe("ruth");
  expect(await readdir(folder)).toEqual(["principals.json"]);
});

test("a file that somebody else made is nobody's first", async () => {
  const folder = await newFolder();
  await writeFile(fileIn(folder), "{}");
  expect(await firstIn(folder)).toBeNull();
});
