import { watch } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { sha256Hex } from "#proof/digest.ts";
import { noteVerifier, verifyNote } from "#proof/signedNote.ts";
import { GrowingLog } from "./growingLog.ts";
import { add, told, witnesses } from "./openTestWitness.ts";
import { startWitness } from "./startWitness.ts";

const desk = witnesses();
const log = new GrowingLog("holdfast.example/log");
const START_MS_MAX = 120_000;

function environmentOf(directory: string): Record<string, string> {
  return {
    HOLDFAST_WITNESS_DATA: directory,
    HOLDFAST_WITNESS_NAME: "witness.example/w1",
    HOLDFAST_WITNESS_LOGS: log.signer.verifierKey,
  };
}

test(
  "a witness killed as soon as it has stored a checkpoint goes on from there",
  { timeout: START_MS_MAX },
  async () => {
    const directory = await desk.directory();
    const environment = environmentOf(directory);
    const first = await startWitness(environment);
    const watcher = watch(path.join(directory, "checkpoints"));
    const stored = new Promise<void>((resolve) => {
      watcher.on("change", (_kind, name) => {
        if (name === sha256Hex(log.origin)) resolve();
      });
    });
    const answer = add(first.url, await log.request(0, 8)).catch(() => null);
    await stored;
    expect(await first.end("SIGKILL")).toBe(null);
    watcher.close();
    await answer;

    const second = await startWitness(environment);
    expect(second.verifierKey).toBe(first.verifierKey);
    // Whether or not the log has heard the answer, it is told where the witness is.
    const forgot = await add(second.url, await log.request(0, 9));
    expect(forgot).toEqual({ status: 409, type: "text/x.tlog.size", body: "8\n" });
    const forked = await add(second.url, await log.request(8, 9, { forkedAt: 5 }));
    expect(forked).toMatchObject({ status: 422 });
    expect(await add(second.url, await log.request(8, 9))).toMatchObject({ status: 200 });
    const latest = await told(await fetch(`${second.url}/checkpoint/${sha256Hex(log.origin)}`));
    const { text } = verifyNote(latest.body, [noteVerifier(second.verifierKey)]);
    expect(text.split("\n")[1]).toBe("9");
    expect(await second.end("SIGTERM")).toBe(0);
  },
);

test(
  "a second process on one directory refuses, says who has it, and leaves it alone",
  { timeout: START_MS_MAX },
  async () => {
    const environment = environmentOf(await desk.directory());
    const first = await startWitness(environment);
    await expect(startWitness(environment)).rejects.toThrow(
      /it ended with 1 and said\nThe witness did not start:\n.* is held by another witness \(process \d+ on /,
    );
    expect(await add(first.url, await log.request(0, 1))).toMatchObject({ status: 200 });
    expect(await first.end("SIGINT")).toBe(0);
  },
);

test("a process without its variables says which", { timeout: START_MS_MAX }, async () => {
  await expect(startWitness({})).rejects.toThrow("HOLDFAST_WITNESS_DATA must name a directory");
});
