import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import type { HeadMark, Ledger } from "#ledger/ledger.ts";
import type { Query } from "#ledger/moment.ts";
import type { Notary } from "#notary/notary.ts";
import { newNoteKey, noteSigner } from "#proof/signedNote.ts";
import { copyOf } from "../audit/realLineage.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, granted, ledgerOn, readyPacket, record } from "../ledger/trainWorld.ts";
import { doubtOf, notaryOn } from "./notaryWorld.ts";

/** Whoever runs the database changes what is below a process, which had compared it before. */
const short = freshDatabase();
const long = freshDatabase();
const signer = noteSigner(newNoteKey("log.example/holdfast", randomBytes(32)));

let packet: string;
let database: Database;
let drop: () => Promise<void>;
let ledger: Ledger;
let folder: string;
let notary: Notary;

beforeAll(async () => {
  await make(short.url, 3);
  // More than the leaves of which the tree keeps a hash.
  await make(long.url, 300);
});

async function make(url: string, revisions: number): Promise<void> {
  const origin = connect(url, { applicationName: "holdfast tests", connectionsMax: 4 });
  const making = await ledgerOn(origin);
  const opened = await readyPacket(making, "train-1");
  const drifts = Array.from({ length: revisions }, () => drift(making, opened.packet));
  await Promise.all(drifts);
  await making.sequence();
  await making.logRoot(await making.logHead());
  await making.close();
  await origin.close();
}

/** A running process on a copy, which has compared it. */
async function open({ url }: { readonly url: string }): Promise<void> {
  const copy = await copyOf(url);
  drop = () => copy.drop();
  database = connect(copy.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  ledger = await ledgerOn(database);
  packet = (await ledger.packets({}, null, 1))[0]?.packet ?? "";
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-notary-"));
  notary = notaryOf();
  await notary.checkpoint();
}

afterEach(async () => {
  await ledger.close();
  await database.close();
  await drop();
  await rm(folder, { recursive: true });
});

/** A process's notary, as it starts. */
function notaryOf(): Notary {
  const checkpointFile = path.join(folder, "checkpoint");
  return notaryOn(ledger, { signer, checkpointFile, witness: null });
}

async function drift(on: Ledger, of: string): Promise<void> {
  granted(await record(on, of, [availability("sam", "WITHDRAWN")]));
}

async function headOf(): Promise<HeadMark> {
  const head = (await ledger.heads([packet])).get(packet);
  if (head === undefined) throw new Error("the packet has no head");
  return head;
}

const TABLES = ["revision", "packet_head", "log_position"];

/** As a superuser, whom no trigger stops. */
async function tamper(change: (tx: Query) => Promise<unknown>): Promise<void> {
  await database.sql.begin(async (tx) => {
    for (const table of TABLES) await tx`ALTER TABLE ${tx(table)} DISABLE TRIGGER ALL`;
    await tx`ALTER TABLE revision DROP CONSTRAINT IF EXISTS revision_header`;
    await change(tx);
    for (const table of TABLES) await tx`ALTER TABLE ${tx(table)} ENABLE TRIGGER ALL`;
  });
}

/** Ends the packet a revision earlier. */
async function setBack(tx: Query, { revision }: HeadMark): Promise<void> {
  await tx`
    UPDATE packet_head AS h SET number = r.number, digest = r.digest, status = r.status
    FROM revision AS r WHERE r.packet = h.packet AND h.packet = ${packet}
      AND r.number = ${revision - 1}`;
}

/** Takes the packet's last revision away, and perhaps its place in the log. */
async function cut({ isLogCut }: { readonly isLogCut: boolean }): Promise<void> {
  const head = await headOf();
  const { revision } = head;
  await tamper(async (tx) => {
    await tx`DELETE FROM revision WHERE packet = ${packet} AND number = ${revision}`;
    if (isLogCut)
      await tx`DELETE FROM log_position WHERE packet = ${packet} AND number = ${revision}`;
    await setBack(tx, head);
  });
}

/** Changes the digest of a revision of long ago. */
async function rewrite(): Promise<void> {
  await tamper(
    (tx) => tx`
      UPDATE revision SET digest = ${randomBytes(32)} WHERE packet = ${packet} AND number = 2`,
  );
}

describe.each([
  ["a log of a few revisions", short],
  ["a log of more than a block of them", long],
])("in %s", (_what, made) => {
  beforeEach(() => open(made));

  test("a revision that is cut from its packet is missed in the log, at once and after a restart", async () => {
    await cut({ isLogCut: false });
    expect(await doubtOf(notary)).toBe("HEAD_WENT_BACK");
    expect(await doubtOf(notaryOf())).toBe("HEAD_WENT_BACK");
  });

  test("so is one that is cut from the log as well, after more was appended", async () => {
    await cut({ isLogCut: true });
    for (let more = 0; more < 2; more += 1) await drift(ledger, packet);
    expect(await doubtOf(notaryOf())).toBe("HISTORY_REWRITTEN");
  });

  test("a revision that was changed is noticed after a restart, whatever is kept of the tree", async () => {
    await rewrite();
    expect(await doubtOf(notaryOf())).toBe("HISTORY_REWRITTEN");
  });

  test("and by a process that runs, once it has read the log again", async () => {
    const { size } = await notary.checkpoint();
    await rewrite();
    for (let read = 0n; read < size + 512n && notary.doubt() === null; read += 256n) {
      await notary.checkpoint().catch(() => undefined);
    }
    expect(notary.doubt()).toBe("HISTORY_REWRITTEN");
  });

  test("a log that lacks a revision is not believed", async () => {
    await tamper((tx) => tx`DELETE FROM revision WHERE packet = ${packet} AND number = 2`);
    expect(await doubtOf(notaryOf())).toBe("HISTORY_REWRITTEN");
  });
});

describe("a packet's lineage is believed to end", () => {
  beforeEach(() => open(long));

  test("where it does", async () => {
    expect(await notary.headDoubt({ packet, ...(await headOf()) })).toBeNull();
  });

  test("where it does since the last checkpoint", async () => {
    await drift(ledger, packet);
    expect(await notary.headDoubt({ packet, ...(await headOf()) })).toBeNull();
  });

  test("where it was seen to, though it goes on by now", async () => {
    const head = await headOf();
    await drift(ledger, packet);
    await notary.checkpoint();
    expect(await notary.headDoubt({ packet, ...head })).toBeNull();
  });

  test("nowhere else than the log says, by a revision of another digest", async () => {
    const { revision } = await headOf();
    const digest = randomBytes(32).toString("hex");
    expect(await notary.headDoubt({ packet, revision, digest })).toBe("HISTORY_REWRITTEN");
    expect(await doubtOf(notary)).toBe("HISTORY_REWRITTEN");
  });

  test("nor before what the log has of it, though the sum of all packets is right", async () => {
    const head = await headOf();
    await readyPacket(ledger, "train-that-makes-up-for-it");
    await tamper((tx) => setBack(tx, head));
    expect(await notary.headDoubt({ packet, ...(await headOf()) })).toBe("HEAD_WENT_BACK");
  });

  test("nor with a revision that the log lacks", async () => {
    const head = await headOf();
    await tamper(
      (tx) => tx`
        UPDATE log_position SET number = 1000000
        WHERE packet = ${packet} AND number = ${head.revision}`,
    );
    expect(await notary.headDoubt({ packet, ...head })).toBe("HISTORY_REWRITTEN");
  });
});
