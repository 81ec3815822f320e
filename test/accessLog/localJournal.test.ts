import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LocalJournal } from "#accessLog/localJournal.ts";
import { type AccessEvent, type AccessLog, AccessUnrecorded } from "#packet/accessEvent.ts";
import { heardLog } from "../identity/heardLog.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-journal-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Records of access that are kept in memory, or not at all while `fault` is set. */
class Records implements AccessLog {
  readonly kept: AccessEvent[] = [];
  fault: Error | null = null;

  record(event: AccessEvent): Promise<void> {
    if (this.fault !== null) return Promise.reject(new AccessUnrecorded(this.fault));
    this.kept.push(event);
    return Promise.resolve();
  }

  note(event: AccessEvent): void {
    this.kept.push(event);
  }
}

const away = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const cameIn: AccessEvent = { code: "SIGNED_IN_OFFLINE", actor: "olga", subject: "SHA256:o" };
const readCopy: AccessEvent = { code: "GOVERNED_READ", actor: "olga", subject: "LastKnownPacket" };

function opened(records: Records) {
  const file = path.join(folder, "data", "access-journal.jsonl");
  const asked = (): Promise<void> =>
    records.fault === null ? Promise.resolve() : Promise.reject(records.fault);
  const journal = new LocalJournal({ access: records, file, asked, log: heardLog().log });
  return { file, journal };
}

describe("the journal of access", () => {
  test("is not written while the database takes records", async () => {
    const records = new Records();
    const { file, journal } = opened(records);
    await journal.record(cameIn);
    journal.note(readCopy);
    expect(records.kept).toEqual([cameIn, readCopy]);
    await expect(stat(file)).rejects.toThrow("ENOENT");
    expect(await journal.tell()).toBeNull();
  });

  test("takes what the emergency way needs while the database is away, and tells it afterwards once", async () => {
    const records = new Records();
    const { file, journal } = opened(records);
    records.fault = away;
    await Promise.all([journal.record(cameIn), journal.record(readCopy)]);
    expect((await readFile(file, "utf8")).trimEnd().split("\n")).toHaveLength(2);
    expect((await stat(file)).mode & 0o077).toBe(0);
    await expect(journal.tell()).rejects.toThrow("ECONNREFUSED");
    records.fault = null;
    expect(await journal.tell()).toBe(2);
    expect(records.kept).toEqual([cameIn, readCopy]);
    expect(await journal.tell()).toBeNull();
  });

  test.each<AccessEvent>([
    { code: "EXPORTED", actor: "olga", subject: "FULL" },
    { code: "GOVERNED_READ", actor: "olga", subject: "Packet.train" },
    { code: "GOVERNED_READ", actor: "olga" },
  ])("takes nothing else: $code $subject", async (event) => {
    const records = new Records();
    const { file, journal } = opened(records);
    records.fault = away;
    await expect(journal.record(event)).rejects.toThrow(AccessUnrecorded);
    await expect(stat(file)).rejects.toThrow("ENOENT");
  });

  test("is no way around a database that answers and refuses", async () => {
    const records = new Records();
    const { journal } = opened(records);
    records.fault = Object.assign(new Error("permission denied"), { code: "42501" });
    await expect(journal.record(cameIn)).rejects.toThrow(AccessUnrecorded);
  });

  test("lets nobody in where the file cannot be written either", async () => {
    const records = new Records();
    const { journal } = opened(records);
    records.fault = away;
    await writeFile(path.join(folder, "data"), "a file where the folder would be");
    await expect(journal.record(cameIn)).rejects.toThrow(AccessUnrecorded);
  });

  test("passes over a line that a crash cut off", async () => {
    const records = new Records();
    const { file, journal } = opened(records);
    records.fault = away;
    await journal.record(cameIn);
    await writeFile(file, `${await readFile(file, "utf8")}{"code":"SIGNED_IN`);
    records.fault = null;
    expect(await journal.tell()).toBe(1);
    expect(records.kept).toEqual([cameIn]);
  });
});
