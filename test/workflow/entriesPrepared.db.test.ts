import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyLineage } from "#audit/verifyLineage.ts";
import { connect } from "#database/connect.ts";
import { readBody } from "#ledger/document.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Refusal } from "#packet/refusal.ts";
import { AllowedSigners, parseAllowedSigners } from "#proof/allowedSigners.ts";
import { ENTRY_NAMESPACE, readEntryStatement } from "#proof/entryStatement.ts";
import type { Desk } from "#workflow/desk.ts";
import { type PreparedEntries, entryPrepare } from "#workflow/entryPrepare.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { confirmation, enclave } from "../gate/reports.ts";
import { digestOf } from "../gate/train.ts";
import { readFile } from "node:fs/promises";
import { PAUL, PIA, PROBE } from "./cast.ts";
import { type Keys, openKeys } from "./keyRing.ts";
import { openDesk } from "./openDesk.ts";
import { BINDINGS, type Wire, accepted, newKey, onWire, open, settle } from "./trains.ts";
import { gained, written } from "./written.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
let keys: Keys;
beforeAll(async () => {
  const own = ["ssh-ed25519", ENTRY_NAMESPACE] as const;
  keys = await openKeys({ paul: own, pia: own, probe: own });
  desk = { ...(await openDesk(database)), signers: keys.signers };
});
afterAll(async () => {
  await database.close();
  await keys.close();
});

const APP = onWire(confirmation("app"));
const ABSENT = "01a1ff9f-f613-75f0-a6ff-9051e6983bf8";

const prepare = (by: Actor, about: Wire, more: Wire = {}): Promise<PreparedEntries | Refusal> =>
  entryPrepare(desk, by, { about, ...more });

/** The reports with the epochs of their statements and this person's signatures under these. */
function signed(by: Actor, reports: readonly Wire[], { entries }: PreparedEntries): Wire[] {
  return reports.map((report, at) => {
    const { bytes, observedEpoch } = entries[at] ?? {};
    if (bytes === undefined) throw new Error("a statement is missing");
    const signature = keys.sign(by.actor, bytes, ENTRY_NAMESPACE);
    return { ...report, observedEpoch: String(observedEpoch), signature };
  });
}

async function signaturesIn({ packet, revision }: Appended): Promise<unknown[]> {
  const recorded = await desk.ledger.revision(packet, revision);
  if (recorded === null) throw new Error("the revision is missing");
  const { fact } = readBody(recorded.body);
  return "entries" in fact ? fact.entries.map(({ signature }) => signature) : [];
}

describe("what a reporter signs is given byte for byte", () => {
  test("about a packet, at the present epoch where none is said, and recorded as it was signed", async () => {
    const { packet } = await open(desk, await settle(desk, "prepared"));
    const later = { ...onWire(confirmation("lib")), observedEpoch: "0" };
    const before = await written(database.sql);
    const about = { kind: "PACKET", packet, entries: [APP, later] };
    const prepared = accepted(await prepare(PAUL, about));
    expect(gained(before, await written(database.sql))).toEqual({});
    const { epoch } = await desk.ledger.moment();
    const [first, second] = prepared.entries;
    const digest = digestOf("app");
    expect(new TextDecoder().decode(first?.bytes)).toBe(
      `{"deployment":"${desk.ledger.deployment}","exercise":false,"format":"holdfast/entry/1","packet":"${packet}","report":{"artifact":"app","digest":"${digest}","kind":"DIGEST_CONFIRMATION","observed":"${digest}","observedEpoch":"${epoch}"},"reportNumber":null,"reporter":"paul"}`,
    );
    expect(second?.observedEpoch).toBe(0n);
    const entries = signed(PAUL, [APP, later], prepared);
    const wish = { idempotencyKey: newKey(), packet, entries };
    const appended = accepted(await readinessRecord(desk, PAUL, wish));
    expect(await signaturesIn(appended)).toEqual(entries.map(({ signature }) => signature));
  });

  test("on what packets share, without a packet", async () => {
    const { enclaves } = await settle(desk, "shared");
    const report = onWire(enclave(enclaves[0]));
    const about = { kind: "SHARED", exercise: false, entries: [report] };
    const prepared = accepted(await prepare(PAUL, about));
    expect(prepared.packet).toBeNull();
    const entries = signed(PAUL, [report], prepared);
    const wish = { idempotencyKey: newKey(), exercise: false, entries };
    accepted(await sharedRecord(desk, PAUL, wish));
    const drill = { ...wish, idempotencyKey: newKey(), exercise: true };
    expect(await sharedRecord(desk, PAUL, drill)).toMatchObject({ code: "INVALID_INPUT" });
  });

  test("of a system, with the number that it will report under", async () => {
    const { packet } = await open(desk, await settle(desk, "numbered"));
    const about = { kind: "PACKET", packet, entries: [APP] };
    expect(await prepare(PROBE, about)).toMatchObject({ faults: [{ path: ["reportNumber"] }] });
    const prepared = accepted(await prepare(PROBE, about, { reportNumber: "41" }));
    const [entry] = prepared.entries;
    expect(readEntryStatement(entry?.bytes ?? new Uint8Array())?.reportNumber).toBe(41n);
    const entries = signed(PROBE, [APP], prepared);
    const wish = { idempotencyKey: newKey(), packet, entries };
    const under = (reportNumber: string) =>
      readinessRecord(desk, PROBE, { ...wish, idempotencyKey: newKey(), reportNumber });
    expect(await under("42")).toMatchObject({ code: "INVALID_INPUT" });
    accepted(await under("41"));
  });
});

describe("entries that a packet is opened with (rules 2.2 and 3.3)", () => {
  async function opening(train: string, exercise = false) {
    const settled = await settle(desk, train, { exercise });
    const about = { kind: "OPENING", exercise, entries: [APP] };
    const prepared = accepted(await prepare(PIA, about));
    const entries = signed(PIA, [APP], prepared);
    const { packet } = prepared;
    const named = { train: settled.train, exercise, bindings: BINDINGS, entries, packet };
    return (change: Wire = {}) =>
      packetOpen(desk, PIA, { idempotencyKey: newKey(), ...named, ...change });
  }

  test("are signed for the id that it then has, and for no other packet", async () => {
    const openAs = await opening("opening");
    for (const change of [{ packet: ABSENT }, { packet: undefined }]) {
      expect(await openAs(change)).toMatchObject({
        code: "INVALID_INPUT",
        faults: [{ path: ["entries", 0, "signature"] }],
      });
    }
    const appended = accepted(await openAs());
    expect(await signaturesIn(appended)).toEqual([expect.stringContaining("SSH SIGNATURE")]);
  });

  test("are signed for practice or for real, and not for the other (rule 2.3)", async () => {
    const openAs = await opening("drill", true);
    await settle(desk, "drill");
    expect(await openAs({ exercise: false })).toMatchObject({
      faults: [{ path: ["entries", 0, "signature"] }],
    });
    accepted(await openAs());
  });

  test("of one packet are no evidence of the next: an id is one packet's, also in a race", async () => {
    const first = await opening("one-of-two");
    await settle(desk, "other-of-two");
    const answers = await Promise.all([first(), first({ train: "other-of-two" })]);
    const refused = answers.filter((answer) => answer instanceof Refusal);
    expect(refused).toMatchObject([{ code: "INVALID_INPUT", faults: [{ path: ["packet"] }] }]);
    const trains = new Set(["one-of-two", "other-of-two"]);
    for (const train of trains) {
      const again = await first({ train });
      const code = again instanceof Refusal ? again.code : null;
      expect(["INVALID_INPUT", "TRAIN_HAS_PACKET"]).toContain(code);
    }
  });

  test("are verified again by whoever checks the lineage", async () => {
    const listed = parseAllowedSigners(await readFile(keys.file, "utf8"));
    if (!(listed instanceof AllowedSigners)) throw new Error(listed.join());
    const { findings, signatures } = await verifyLineage({ url: fresh.url, signers: listed });
    expect(findings).toEqual([]);
    expect(signatures.entries).toBeGreaterThanOrEqual(5);
  });
});

describe("nothing is prepared", () => {
  const NOBODY: Actor = { ...PAUL, roles: ["DEVELOPER"] };

  test.each<readonly [string, Actor, Wire, readonly unknown[] | null]>([
    ["INVALID_INPUT", PAUL, { kind: "PACKET", packet: ABSENT, entries: [] }, ["about", "entries"]],
    ["INVALID_INPUT", PAUL, { kind: "TRAIN", entries: [APP] }, ["about", "kind"]],
    [
      "INVALID_INPUT",
      PAUL,
      {
        kind: "PACKET",
        packet: ABSENT,
        entries: [{ ...APP, note: `token ghp_${"a1".repeat(18)}` }],
      },
      ["about", "entries", 0, "note"],
    ],
    ["UNKNOWN_PACKET", PAUL, { kind: "PACKET", packet: ABSENT, entries: [APP] }, null],
    ["NOT_ENTITLED", NOBODY, { kind: "PACKET", packet: ABSENT, entries: [APP] }, null],
    ["NOT_ENTITLED", NOBODY, { kind: "OPENING", exercise: false, entries: [APP] }, null],
  ])("where it is refused: %s to %o", async (code, by, about, path) => {
    const answer = await prepare(by, about);
    expect(answer).toMatchObject({ code, ...(path !== null && { faults: [{ path }] }) });
  });

  test("of what the reporter's own credential does not cover", async () => {
    const narrow: Actor = { ...PAUL, reports: [{ kind: "ENCLAVE_REPORT" }] };
    const about = { kind: "PACKET", packet: ABSENT, entries: [APP] };
    expect(await prepare(narrow, about)).toMatchObject({
      code: "REPORT_OUT_OF_SCOPE",
      faults: [{ path: ["about", "entries", 0] }],
    });
  });
});
