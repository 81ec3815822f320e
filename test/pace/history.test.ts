import { appendFile, chmod, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { DirectoryHeld } from "#outpost/directoryHold.ts";
import { HistoryBroken } from "#pace/history.ts";
import { PaceSignersUnusable } from "#pace/signers.ts";
import { PaceKeyUnusable } from "#pace/tokenKey.ts";
import { changeTokenFaults, openChangeToken } from "#recovery/changeToken.ts";
import { keysOf } from "../recovery/tokenMaker.ts";
import {
  FREEZE,
  ask,
  followedBy,
  look,
  paces,
  policyText,
  requestText,
  setPolicy,
} from "./paceWorld.ts";

const desk = paces();
const POLICY = policyText();
const historyOf = (directory: string): string => path.join(directory, "history.jsonl");

/** A directory in which a policy was set and a token given, and that token. */
async function used() {
  const directory = await desk.directory();
  const service = await desk.open(directory);
  await setPolicy(service.url, POLICY);
  const text = requestText();
  const answer = await ask(service.url, text);
  const { body: keySet } = await look(`${service.url}/keys`);
  await service.close();
  return { directory, text, token: String(answer.body["token"]), keySet };
}

describe("what was allowed", () => {
  test("is known after a restart: policy, rate, key and the answer to each key", async () => {
    const { directory, text, token, keySet } = await used();
    const { url } = await desk.open(directory);
    expect((await look(`${url}/keys`)).body).toEqual(keySet);
    expect((await look(`${url}/policy`)).body).toMatchObject({ number: 1, text: POLICY });
    expect((await ask(url, text)).body).toMatchObject({ token, repeated: true });
    expect(await ask(url)).toMatchObject({ status: 409 });
    const opened = await openChangeToken(token, keysOf(keySet));
    if (typeof opened === "string") throw new Error(opened);
    expect(changeTokenFaults(opened, FREEZE, 100n)).toEqual([]);
  });

  test("is kept for its owner alone, with who asked and why, and never the token itself", async () => {
    const { directory, token } = await used();
    for (const name of ["history.jsonl", "key.pem"]) {
      expect((await stat(path.join(directory, name))).mode & 0o777).toBe(0o600);
    }
    const history = await readFile(historyOf(directory), "utf8");
    expect(history).toMatch(/"asker":"ben".*"reason":"drill"/);
    expect(history).not.toContain(token.split(".")[2] ?? token);
  });

  test.each([1, 40, 400])(
    "is whole before a last line of which %i bytes are missing, which nobody was told of",
    async (missing) => {
      const { directory } = await used();
      const { size } = await stat(historyOf(directory));
      await truncate(historyOf(directory), size - missing);
      const { url, close } = await desk.open(directory);
      expect((await look(`${url}/changes`)).body).toEqual({ changes: [], next: 0 });
      expect(await ask(url)).toMatchObject({ status: 200 });
      await close();
      const again = await desk.open(directory);
      expect((await look(`${again.url}/changes`)).body).toMatchObject({ next: 1 });
    },
  );

  test("is whole before what a crash left of zeros", async () => {
    const { directory } = await used();
    await appendFile(historyOf(directory), Buffer.alloc(512));
    const { url } = await desk.open(directory);
    expect((await look(`${url}/changes`)).body).toMatchObject({ next: 1 });
    expect(await setPolicy(url, followedBy(POLICY))).toMatchObject({ status: 200 });
  });

  test("is not gone on with where a line was altered, taken out or put in", async () => {
    const { directory } = await used();
    const file = historyOf(directory);
    const history = await readFile(file, "utf8");
    const [first = "", second = ""] = history.split("\n");
    const wrong = [
      history.replace(second, `${second} `),
      history.replace("in normal times", "in odd times"),
      `${second}\n`,
      `${first}\n${first}\n${second}\n`,
      `${first}\n\n${second}\n`,
      `${history}{}\n`,
    ];
    for (const text of wrong) {
      await writeFile(file, text);
      await expect(desk.open(directory)).rejects.toThrow(HistoryBroken);
    }
    await writeFile(file, history);
    await desk.open(directory);
  });
});

describe("the directory", () => {
  test("has one service, and a second one is told who has it", async () => {
    const directory = await desk.directory();
    const { url } = await desk.open(directory);
    const second = desk.open(directory);
    await expect(second).rejects.toThrow(DirectoryHeld);
    await expect(second).rejects.toThrow("another change-rate service");
    expect(await setPolicy(url, POLICY)).toMatchObject({ status: 200 });
  });

  test("without its key makes none where tokens were given, and takes none that others may read", async () => {
    const { directory } = await used();
    const key = path.join(directory, "key.pem");
    await chmod(key, 0o644);
    await expect(desk.open(directory)).rejects.toThrow(PaceKeyUnusable);
    await writeFile(key, "no key");
    await chmod(key, 0o600);
    await expect(desk.open(directory)).rejects.toThrow("no private key");
    await rm(key);
    await expect(desk.open(directory)).rejects.toThrow("it is gone");
  });

  test("without a file of keys is no service", async () => {
    const directory = await desk.directory();
    await rm(path.join(directory, "allowed_signers"));
    await expect(desk.open(directory)).rejects.toThrow(PaceSignersUnusable);
  });
});
