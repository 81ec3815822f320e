import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Notary } from "#notary/notary.ts";
import { NoteKeyUnusable, makeNoteKey, readNoteKey } from "#notary/noteKeyFile.ts";
import { readCheckpoint } from "#proof/checkpoint.ts";
import { newNoteKey, noteSigner, noteVerifier, verifyNote } from "#proof/signedNote.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, ledgerOn, readyPacket, record } from "../ledger/trainWorld.ts";
import { doubtOf, notaryOn } from "./notaryWorld.ts";

const fresh = freshDatabase();
let database: Database;
let ledger: Ledger;
let packet: string;
let folder: string;
const signer = noteSigner(newNoteKey("log.example/holdfast", randomBytes(32)));

beforeAll(async () => {
  database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  ledger = await ledgerOn(database);
  packet = (await readyPacket(ledger, "train-1")).packet;
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-notary-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A process's notary on this file. */
function notaryOf(file = "checkpoint", over: Partial<Ledger> = {}): Notary {
  const checkpointFile = path.join(folder, file);
  return notaryOn(ledger, { signer, checkpointFile, witness: null }, over);
}

const drift = () => record(ledger, packet, [availability("sam", "WITHDRAWN")]);

test("nothing is believed before it was compared", async () => {
  const notary = notaryOf();
  expect(notary.doubt()).toBe("NOT_COMPARED");
  await notary.checkpoint();
  expect(notary.doubt()).toBeNull();
});

test("a checkpoint is a note that the deployment's key verifies, of all that was committed", async () => {
  const notary = notaryOf();
  await drift();
  const { note, size, root } = await notary.checkpoint();
  const { text } = verifyNote(note, [noteVerifier(notary.verifierKey)]);
  expect(readCheckpoint(text)).toEqual({ origin: notary.origin, size, root, extensions: [] });
  expect(size).toBe(await ledger.logHead());
  expect(root).toEqual(await ledger.logRoot(size));
  expect(await readFile(path.join(folder, "checkpoint"), "utf8")).toBe(note);
});

test("whoever asks while one is made gets one that covers what they saw", async () => {
  const notary = notaryOf();
  const first = notary.checkpoint();
  await drift();
  const head = await ledger.sequence();
  const [, ...later] = await Promise.all([first, notary.checkpoint(), notary.checkpoint()]);
  for (const { size } of later) expect(size).toBeGreaterThanOrEqual(head);
});

describe("after a restart the database is compared with the last checkpoint:", () => {
  beforeEach(async () => {
    await notaryOf().checkpoint();
  });

  test("a log that only grew is believed", async () => {
    await drift();
    const notary = notaryOf();
    const { size } = await notary.checkpoint();
    expect(notary.doubt()).toBeNull();
    expect(size).toBe(await ledger.logHead());
  });

  test("a log that is shorter went back", async () => {
    const shorter = { sequence: async () => (await ledger.logHead()) - 1n };
    expect(await doubtOf(notaryOf("checkpoint", shorter))).toBe("HEAD_WENT_BACK");
  });

  test("a log of another root was rewritten", async () => {
    const other = { rereadLogRoot: async () => randomBytes(32) };
    expect(await doubtOf(notaryOf("checkpoint", other))).toBe("HISTORY_REWRITTEN");
  });

  test.each([
    ["is garbled", (note: string) => note.replace("log.example", "log.exampel")],
    ["is cut", (note: string) => note.slice(0, 40)],
    ["is empty", () => ""],
  ])("one that %s is not passed over", async (_what, change) => {
    const file = path.join(folder, "checkpoint");
    await writeFile(file, change(await readFile(file, "utf8")));
    expect(await doubtOf(notaryOf())).toBe("CHECKPOINT_UNREADABLE");
  });

  test("a doubt lasts for as long as the process, and the checkpoint stays as it was", async () => {
    const file = path.join(folder, "checkpoint");
    const before = await readFile(file, "utf8");
    let back = 1n;
    const notary = notaryOf("checkpoint", {
      sequence: async () => (await ledger.logHead()) - back,
    });
    expect(await doubtOf(notary)).toBe("HEAD_WENT_BACK");
    back = 0n;
    expect(await doubtOf(notary)).toBe("HEAD_WENT_BACK");
    expect(await readFile(file, "utf8")).toBe(before);
  });
});

test("a first revision that went is noticed though there is no checkpoint yet", async () => {
  const heads = { logExtent: async () => ({ position: 2n, revisions: 1n }) };
  expect(await doubtOf(notaryOf("none yet", heads))).toBe("HEAD_WENT_BACK");
});

describe("the deployment's key", () => {
  test("is made once, for its owner alone, and read again", async () => {
    const file = path.join(folder, "log.key");
    const made = await makeNoteKey(file, "log.example/holdfast", randomBytes(32));
    expect((await readNoteKey(file)).verifierKey).toBe(made.verifierKey);
    await expect(makeNoteKey(file, "log.example/holdfast", randomBytes(32))).rejects.toThrow(
      NoteKeyUnusable,
    );
  });

  test.each([
    ["is absent", async () => undefined],
    ["is no key", (file: string) => writeFile(file, "no key\n", { mode: 0o600 })],
    [
      "may be read by others",
      async (file: string) => {
        await makeNoteKey(`${file}.made`, "log.example/holdfast", randomBytes(32));
        await copyFile(`${file}.made`, file);
        await chmod(file, 0o644);
      },
    ],
  ])("that %s is refused, and not repeated", async (_what, prepare) => {
    const file = path.join(folder, "log.key");
    await prepare(file);
    const refused = await readNoteKey(file).catch((fault: unknown) => fault);
    expect(refused).toBeInstanceOf(NoteKeyUnusable);
    expect(String(refused)).toContain(file);
    expect(String(refused)).not.toContain("PRIVATE");
  });
});
