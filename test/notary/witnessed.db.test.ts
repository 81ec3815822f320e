import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Notary } from "#notary/notary.ts";
import { cosignatureVerifier } from "#proof/cosignature.ts";
import { noteVerifier, verifyNote } from "#proof/signedNote.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, ledgerOn, readyPacket, record } from "../ledger/trainWorld.ts";
import { GrowingLog } from "../witness/growingLog.ts";
import { type TestWitness, witnesses } from "../witness/openTestWitness.ts";
import { doubtOf, notaryOn } from "./notaryWorld.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
/** Known to the witness by its name and key; what it is of is in the database. */
const log = new GrowingLog("log.example/holdfast");
const { signer } = log;
const house = witnesses();
let ledger: Ledger;
let packet: string;
let folder: string;
let witness: TestWitness;

beforeAll(async () => {
  ledger = await ledgerOn(database);
  packet = (await readyPacket(ledger, "train-1")).packet;
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-notary-"));
  witness = await house.open(await house.directory(), [log]);
});
afterEach(() => rm(folder, { recursive: true }));

/** A process's notary that asks the witness, with a checkpoint file of its own. */
function notaryOf(over: Partial<Ledger> = {}, url = witness.url): Notary {
  const checkpointFile = path.join(folder, randomBytes(6).toString("hex"));
  const { verifierKey } = witness.opened;
  return notaryOn(ledger, { signer, checkpointFile, witness: { url, verifierKey } }, over);
}

const drift = () => record(ledger, packet, [availability("sam", "WITHDRAWN")]);

test("every checkpoint of a log that grows is cosigned", async () => {
  const notary = notaryOf();
  for (let round = 0; round < 4; round += 1) {
    const { note } = await notary.checkpoint();
    const known = [
      noteVerifier(signer.verifierKey),
      cosignatureVerifier(witness.opened.verifierKey),
    ];
    expect(verifyNote(note, known).signatures).toHaveLength(2);
    await drift();
  }
  expect(notary.isWitnessed()).toBe(true);
});

test("several processes of one deployment, whose log grows meanwhile, are all cosigned", async () => {
  const notaries = [notaryOf(), notaryOf(), notaryOf()];
  for (let round = 0; round < 5; round += 1) {
    await Promise.all([drift(), ...notaries.map((notary) => notary.checkpoint()), drift()]);
  }
  expect(notaries.map((notary) => notary.doubt())).toEqual([null, null, null]);
});

describe("without a file of its own, by the witness alone,", () => {
  beforeEach(async () => {
    await notaryOf().checkpoint();
  });

  test("a log that is shorter is not believed", async () => {
    const shorter = (await ledger.logHead()) - 1n;
    expect(await doubtOf(notaryOf({ sequence: async () => shorter }))).toBe("WITNESS_DISAGREES");
  });

  test("neither is one of the same length and another root", async () => {
    const logRoot = async (): Promise<Uint8Array> => randomBytes(32);
    expect(await doubtOf(notaryOf({ logRoot }))).toBe("WITNESS_DISAGREES");
  });

  test("nor one that forked and then grew", async () => {
    await drift();
    const logRoot = async (): Promise<Uint8Array> => randomBytes(32);
    expect(await doubtOf(notaryOf({ logRoot }))).toBe("WITNESS_DISAGREES");
  });
});

describe("a witness that is away", () => {
  test("at the start leaves a doubt, until it answers", async () => {
    const notary = notaryOf({}, "http://127.0.0.1:1");
    expect(await doubtOf(notary)).toBe("WITNESS_SILENT");
    expect(notary.isWitnessed()).toBe(false);
    expect(await doubtOf(notary)).toBe("WITNESS_SILENT");
  });

  test("later is told of, and hides nothing that was seen before", async () => {
    const notary = notaryOf();
    await notary.checkpoint();
    await drift();
    await witness.close();
    const { size } = await notary.checkpoint();
    expect(size).toBe(await ledger.logHead());
    expect([notary.doubt(), notary.isWitnessed()]).toEqual([null, false]);
  });
});

test("the word of somebody else at the witness's address does not count", async () => {
  const stranger = await house.open(await house.directory(), [log]);
  expect(await doubtOf(notaryOf({}, stranger.url))).toBe("WITNESS_SILENT");
});
