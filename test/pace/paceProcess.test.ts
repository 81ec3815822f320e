import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { changeText } from "#recovery/change.ts";
import { FREEZE, THAW, ask, look, paces, policyText, requestText, setPolicy } from "./paceWorld.ts";
import { startPace } from "./startPace.ts";
import { fileOf } from "../programs/program.ts";

const desk = paces();
const START_MS_MAX = 120_000;
const root = path.resolve(import.meta.dirname, "..", "..");

test(
  "a service killed after it gave a token knows it again",
  { timeout: START_MS_MAX },
  async () => {
    const environment = { HOLDFAST_PACE_DATA: await desk.directory() };
    const first = await startPace(environment);
    await setPolicy(first.url, policyText());
    const request = requestText();
    const given = await ask(first.url, request);
    expect(given).toMatchObject({ status: 200 });
    expect(await first.end("SIGKILL")).toBe(null);
    const second = await startPace(environment);
    expect((await ask(second.url, request)).body).toEqual({ ...given.body, repeated: true });
    expect(await ask(second.url)).toMatchObject({ status: 409 });
    expect(await second.end("SIGTERM")).toBe(0);
  },
);

test(
  "a second process on one directory refuses, says who has it, and leaves it alone",
  { timeout: START_MS_MAX },
  async () => {
    const environment = { HOLDFAST_PACE_DATA: await desk.directory() };
    const first = await startPace(environment);
    await expect(startPace(environment)).rejects.toThrow(
      /it ended with 1 and said\nThe change-rate service did not start:\n.* is held by another change-rate service \(process \d+ on /,
    );
    expect(await setPolicy(first.url, policyText())).toMatchObject({ status: 200 });
    expect(await first.end("SIGINT")).toBe(0);
  },
);

/** What `npm run change-token --` with these words comes to. */
async function changeToken(words: readonly string[]) {
  const command = [fileOf("changeToken"), ...words];
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [exit, said, complained] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: exit[0] as number, said, complained };
}

test(
  "downstream verifies a token with the key set alone, and once",
  { timeout: START_MS_MAX },
  async () => {
    const directory = await desk.directory();
    const { url } = await desk.open(directory);
    await setPolicy(url, policyText());
    const token = String((await ask(url)).body["token"]);
    const file = (name: string): string => path.join(directory, name);
    await writeFile(file("keys.json"), JSON.stringify((await look(`${url}/keys`)).body));
    await writeFile(file("freeze.json"), changeText(FREEZE));
    await writeFile(file("thaw.json"), changeText(THAW));
    await writeFile(file("token"), `${token}\n`);
    const TRUSTED = ["--keys", file("keys.json")];
    const check = (change: string, epoch: string, given = token, more: readonly string[] = []) =>
      changeToken([
        "check",
        given,
        ...TRUSTED,
        "--change",
        file(change),
        "--epoch",
        epoch,
        ...more,
      ]);
    const [good, fromFile, other, late, forged, incomplete] = await Promise.all([
      check("freeze.json", "101"),
      check("freeze.json", "102", file("token")),
      check("thaw.json", "101"),
      check("freeze.json", "103"),
      check("freeze.json", "101", `${token.slice(0, -8)}AAAAAAAA`),
      changeToken(["check", token]),
    ]);
    expect([good.code, fromFile.code]).toEqual([0, 0]);
    expect(good.said).toContain("allowed: EPOCH_FREEZE of epoch");
    expect([other.code, late.code, forged.code, incomplete.code]).toEqual([1, 1, 1, 2]);
    expect(other.complained).toContain("OTHER_KIND, OTHER_CHANGE");
    expect(late.complained).toContain("TOO_LATE");
    expect(forged.complained).toContain("NOT_");
    const using = ["--used", file("used")];
    const uses = await Promise.all([1, 2, 3].map(() => check("freeze.json", "101", token, using)));
    expect(uses.filter(({ code }) => code === 0)).toHaveLength(1);
    const refused = uses.filter(({ code }) => code === 1).map(({ complained }) => complained);
    expect(refused.map((words) => words.includes("ALREADY_USED"))).toEqual([true, true]);
  },
);
