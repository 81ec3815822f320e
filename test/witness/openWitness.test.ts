import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "#proof/digest.ts";
import { newNoteKey } from "#proof/signedNote.ts";
import {
  DirectoryHeld,
  type DirectoryHold,
  DirectoryUnusable,
  holdDirectory,
} from "#outpost/directoryHold.ts";
import { KeyUnusable, openKey } from "#witness/keyFile.ts";
import { Turns } from "#outpost/turns.ts";
import { GrowingLog } from "./growingLog.ts";
import { add, witnesses } from "./openTestWitness.ts";

const desk = witnesses();
const log = new GrowingLog("holdfast.example/log");
const WITNESS = { who: "witness", variable: "HOLDFAST_WITNESS_DATA" };
const nonce = (): string => randomBytes(6).toString("hex");

describe("a directory", () => {
  test("has one witness, and a second one is told who has it", async () => {
    const directory = await desk.directory();
    const first = await desk.open(directory, [log]);
    const second = desk.open(directory, [log]);
    await expect(second).rejects.toThrow(DirectoryHeld);
    await expect(second).rejects.toThrow(`held by another witness (process ${process.pid} on `);
    expect(await add(first.url, await log.request(0, 1))).toMatchObject({ status: 200 });
  });

  test("is free again when its witness is closed, any number of times", async () => {
    const directory = await desk.directory();
    for (let time = 0; time < 3; time += 1) {
      const hold = await holdDirectory(directory, nonce(), WITNESS);
      await expect(holdDirectory(directory, nonce(), WITNESS)).rejects.toThrow(DirectoryHeld);
      await hold.release();
      expect(await readdir(directory)).toHaveLength(1);
    }
  });

  test("has one witness when many start at once, also over claims that are dead", async () => {
    const directory = await desk.directory();
    for (let round = 0; round < 6; round += 1) {
      const starts = Array.from({ length: 8 }, () => holdDirectory(directory, nonce(), WITNESS));
      const ended = await Promise.allSettled(starts);
      const holds = ended.filter((end) => end.status === "fulfilled").map(({ value }) => value);
      const refusals = ended.filter((end) => end.status === "rejected");
      expect(holds).toHaveLength(1);
      for (const { reason } of refusals) expect(reason).toBeInstanceOf(DirectoryHeld);
      await Promise.all(holds.map((hold: DirectoryHold) => hold.release()));
    }
    expect(await readdir(directory)).toHaveLength(1);
  });

  test("that is no place for a socket is named", async () => {
    const directory = await desk.directory();
    const deep = path.join(directory, "a".repeat(100));
    await mkdir(deep);
    await expect(holdDirectory(deep, nonce(), WITNESS)).rejects.toThrow(DirectoryUnusable);
    const missing = path.join(directory, "missing");
    await expect(holdDirectory(missing, nonce(), WITNESS)).rejects.toThrow(DirectoryUnusable);
  });
});

describe("a witness's key", () => {
  const request = (file: string) => ({
    file,
    name: "witness.example/w1",
    newSeed: () => sha256("seed"),
    hasCosigned: false,
  });

  test("is made once, for its owner alone to read, and stays the same", async () => {
    const file = path.join(await desk.directory(), "key");
    const made = await openKey(request(file));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).toMatch(/^PRIVATE\+KEY\+witness\.example\/w1\+.*\n$/);
    const again = await openKey({ ...request(file), newSeed: () => sha256("another seed") });
    expect(again.verifierKey).toBe(made.verifierKey);
  });

  test("of another name, readable by others or unreadable is not used", async () => {
    const file = path.join(await desk.directory(), "key");
    await openKey(request(file));
    const renamed = openKey({ ...request(file), name: "w2" });
    await expect(renamed).rejects.toThrow("it is the key of witness.example/w1");
    await chmod(file, 0o644);
    await expect(openKey(request(file))).rejects.toThrow("others may read it");
    await rm(file);
    await writeFile(file, newNoteKey("w1", sha256("x")).slice(0, -2), { mode: 0o600 });
    await expect(openKey(request(file))).rejects.toThrow(KeyUnusable);
  });

  test("is not made anew by a witness that has cosigned", async () => {
    const directory = await desk.directory();
    const first = await desk.open(directory, [log]);
    await add(first.url, await log.request(0, 1));
    await first.close();
    await rm(path.join(directory, "key"));
    await expect(desk.open(directory, [log])).rejects.toThrow("restore it");
    // The refusal let go of the directory.
    await expect(desk.open(directory, [log])).rejects.toThrow(KeyUnusable);
  });
});

/** A promise that the test resolves. */
function gateOf<Value>() {
  let open: (value: Value) => void = () => undefined;
  const opened = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { opened, open: (value: Value) => open(value) };
}

describe("turns", () => {
  test("come one at a time for a key, in order, and at once for others", async () => {
    const turns = new Turns(8);
    const said: string[] = [];
    const gate = gateOf<void>();
    const first = turns.take("a", async () => {
      await gate.opened;
      said.push("first");
    });
    const second = turns.take("a", async () => {
      said.push("second");
    });
    await turns.take("b", async () => {
      said.push("other");
    });
    gate.open();
    await Promise.all([first, second]);
    expect(said).toEqual(["other", "first", "second"]);
  });

  test("go on after one that failed", async () => {
    const turns = new Turns(8);
    const failing = turns.take("a", () => Promise.reject(new Error("no disk")));
    const next = turns.take("a", async () => 7);
    await expect(failing).rejects.toThrow("no disk");
    expect(await next).toBe(7);
  });

  test("are refused above the limit, and free again below it", async () => {
    const turns = new Turns(2);
    const gate = gateOf<number>();
    const taken = [turns.take("a", () => gate.opened), turns.take("a", async () => 2)];
    expect(await turns.take("a", async () => 3)).toBe(null);
    expect(await turns.take("b", async () => 4)).toBe(4);
    gate.open(1);
    expect(await Promise.all(taken)).toEqual([1, 2]);
    expect(await turns.take("a", async () => 5)).toBe(5);
  });
});
