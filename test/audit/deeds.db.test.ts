import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyBundle } from "#audit/bundleFile.ts";
import { findingText } from "#audit/finding.ts";
import type { AuditResult } from "#audit/verifyLineage.ts";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Entry, PacketReport } from "#packet/entry.ts";
import { type Fact, HOLDFAST } from "#packet/fact.ts";
import { approveBy, exported, inChunks, newSigning, sourcesOn } from "../bundle/bundleWorld.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { passEpochs } from "../ledger/passEpochs.ts";
import {
  OWNER,
  PREPARER,
  REPORTER,
  ROBOT,
  RUTH,
  UPSTREAM,
  acceptAll,
  asking,
  availability,
  contents,
  digestOf,
  enclave,
  entriesOf,
  goodNews,
  granted,
  ledgerOn,
  open,
  opening,
  readyPacket,
  report,
  stateOf,
} from "../ledger/trainWorld.ts";
import { verified } from "./realLineage.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
const signing = newSigning();
let ledger: Ledger;
let trains = 0;

/** A packet of a train of its own, with what somebody did to it as no verb would have let them. */
type Deed = () => Promise<string>;

async function ready(): Promise<string> {
  return (await readyPacket(ledger, `train-${(trains += 1)}`)).packet;
}

async function append(packet: string, actor: Actor, fact: Fact): Promise<void> {
  const asker = asking(actor, "somehow");
  granted(await ledger.append({ packet, asker, decide: () => fact }));
}

function does(actor: Actor, ...facts: readonly Fact[]): Deed {
  return async () => {
    const packet = await ready();
    for (const fact of facts) await append(packet, actor, fact);
    return packet;
  };
}

const CONFIRMED: PacketReport = {
  kind: "DIGEST_CONFIRMATION",
  artifact: "app",
  digest: digestOf("app"),
  observed: digestOf("app"),
};

/** What entries say, and what their receipts say instead of what is so. */
interface Telling {
  readonly by?: Actor;
  readonly reports?: readonly PacketReport[];
  readonly receipt?: Partial<Entry>;
  /** The number that is recorded with them. */
  readonly reportNumber?: bigint;
}

async function tell(packet: string, telling: Telling, on: Ledger = ledger): Promise<void> {
  const { by = REPORTER, reports = [CONFIRMED], receipt = {}, reportNumber } = telling;
  const asker = asking(by, "readinessRecord");
  granted(
    await on.append({
      packet,
      asker,
      reportNumber,
      decide: (_head, { epoch }) => ({
        kind: "ENTRIES_RECORDED",
        entries: entriesOf(reports, { actor: by, epoch }, reportNumber ?? null).map(
          (entry) => ({ ...entry, ...receipt }) as Entry,
        ),
      }),
    }),
  );
}

function tells(...tellings: readonly Telling[]): Deed {
  return async () => {
    const packet = await ready();
    for (const telling of tellings) await tell(packet, telling);
    return packet;
  };
}

/** Opens a packet in whosever name, with bindings and entries by whomever. */
function opens(by: Actor, changed: object = {}, reports: readonly PacketReport[] = []): Deed {
  return async () => {
    const key = { exercise: false, train: `train-${(trains += 1)}` };
    await acceptAll(ledger, key);
    const request = opening(key, reports);
    const { packet } = granted(
      await ledger.open({
        ...request,
        asker: asking(by, "packetOpen"),
        decide(train, moment) {
          const decided = request.decide(train, moment);
          return "bindings" in decided ? { ...decided, ...changed } : decided;
        },
      }),
    );
    return packet;
  };
}

const REJECTED: Fact = { kind: "PACKET_REJECTED", reason: "look again" };
const RESUBMITTED: Fact = { kind: "PACKET_RESUBMITTED", answer: "looked" };
const PLACED = { kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "wait" } as const;
const RELEASED: Fact = { kind: "OPERATOR_HOLD_RELEASED", placement: 1, reason: "go on" };
const FIRST = { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 };
const bound = (version: number): Fact => ({
  kind: "PACKET_BOUND",
  bindings: { ...FIRST, MANIFEST: version },
});
const system = (actor: Actor): Actor => ({ ...actor, kind: "SYSTEM" });
const holdfast: Actor = { ...HOLDFAST, roles: [] };

const RECEIPT = "body.fact.entries.0";

/** What is done, and what is found of it: the kind, the member, and what is said of it. */
const DEEDS: Readonly<Record<string, readonly [Deed, readonly [string, string, RegExp] | null]>> = {
  "an entry by whoever acts": [tells({}), null],
  "an entry in the name of another reporter": [
    tells({ by: PREPARER, receipt: { reporter: REPORTER.actor } }),
    ["VALUE", `${RECEIPT}.reporter`, /rita/],
  ],
  "a word in the name of whoever it is of": [
    tells({ reports: [availability("sam", "COMMITTED")], receipt: { reporter: "sam" } }),
    ["VALUE", `${RECEIPT}.reporter`, /sam/],
  ],
  "an entry of a person as of a system": [
    tells({ receipt: { reporterKind: "SYSTEM" } }),
    ["VALUE", `${RECEIPT}.reporterKind`, /SYSTEM/],
  ],
  "an entry that was recorded at another epoch": [
    tells({ receipt: { recordedEpoch: 2n ** 50n } }),
    ["VALUE", `${RECEIPT}.recordedEpoch`, /1125899906842624/],
  ],
  "an entry that was observed in the future": [
    tells({ receipt: { observedEpoch: 2n ** 60n } }),
    ["ENTITLEMENT", `${RECEIPT}.observedEpoch`, /lies in the future/],
  ],
  "an entry older than its reporter's newest": [
    async () => {
      const packet = await ready();
      await tell(packet, { receipt: { observedEpoch: -1n } });
      return packet;
    },
    ["ENTITLEMENT", `${RECEIPT}.observedEpoch`, /older than your newest/],
  ],
  "an entry about what is not in scope": [
    tells({ reports: [{ ...CONFIRMED, artifact: "other" }] }),
    ["ENTITLEMENT", `${RECEIPT}.artifact`, /not in the newest accepted manifest/],
  ],
  "two entries on one subject at once": [
    tells({ reports: [CONFIRMED, CONFIRMED] }),
    ["ENTITLEMENT", "body.fact.entries.1.kind", /repeats the subject/],
  ],
  "numbers that rise": [
    tells({ by: ROBOT, reportNumber: 11n }, { by: ROBOT, reportNumber: 12n }),
    null,
  ],
  "a number given twice to one packet": [
    tells({ by: ROBOT, reportNumber: 21n }, { by: ROBOT, receipt: { reportNumber: 21n } }),
    ["GAP", `${RECEIPT}.reportNumber`, /21/],
  ],
  "a number that is lower than the last": [
    tells(
      { by: ROBOT, reportNumber: 31n },
      { by: ROBOT, reportNumber: 32n },
      { by: ROBOT, receipt: { reportNumber: 31n } },
    ),
    ["GAP", `${RECEIPT}.reportNumber`, /31/],
  ],
  "a system's entry without a number": [
    tells({ by: ROBOT }),
    ["VALUE", `${RECEIPT}.reportNumber`, /none/],
  ],
  "a person's entry with a number": [
    tells({ by: ROBOT, reportNumber: 41n }, { receipt: { reportNumber: 41n } }),
    ["VALUE", `${RECEIPT}.reportNumber`, /41/],
  ],
  "an opening by its preparer": [opens(PREPARER), null],
  "an opening by the owner": [opens(OWNER), ["ENTITLEMENT", "body.fact", /DUTIES_NOT_SEPARATE/]],
  "an opening by who proposed the lane": [
    opens(RUTH),
    ["ENTITLEMENT", "body.fact", /DUTIES_NOT_SEPARATE/],
  ],
  "an opening by who confirmed the lane": [
    opens(UPSTREAM),
    ["ENTITLEMENT", "body.fact", /DUTIES_NOT_SEPARATE/],
  ],
  "an opening with somebody else's entries": [
    opens(PREPARER, {}, goodNews()),
    ["VALUE", `${RECEIPT}.reporter`, /rita/],
  ],
  "an opening bound to a version that was never accepted": [
    opens(PREPARER, { bindings: { ...FIRST, MANIFEST: 2 } }),
    ["ENTITLEMENT", "body.fact.bindings.MANIFEST", /does not exist/],
  ],
  "a binding to the newest version": [does(PREPARER, bound(1)), null],
  "a binding to a version that was never accepted": [
    does(PREPARER, bound(2)),
    ["ENTITLEMENT", "body.fact.bindings.MANIFEST", /does not exist/],
  ],
  "a binding to no version": [
    does(PREPARER, bound(0)),
    ["ENTITLEMENT", "body.fact.bindings.MANIFEST", />=1/],
  ],
  "a rejection that the owner answers": [
    does(OWNER, REJECTED, RESUBMITTED),
    ["ENTITLEMENT", "body.fact", /DUTIES_NOT_SEPARATE/],
  ],
  "an answer to no rejection": [
    does(PREPARER, RESUBMITTED),
    ["ENTITLEMENT", "body.fact", /WRONG_STATUS/],
  ],
  "an answer by a system": [
    async () => {
      const packet = await does(OWNER, REJECTED)();
      await append(packet, system(PREPARER), RESUBMITTED);
      return packet;
    },
    ["ENTITLEMENT", "body.fact", /SYSTEM_CANNOT_DECIDE/],
  ],
  "a hold that is placed and released": [does(RUTH, PLACED, RELEASED), null],
  "a placement out of turn": [
    does(RUTH, { ...PLACED, placement: 2 }),
    ["GAP", "body.fact.placement", /placement 2/],
  ],
  "the release of what nobody placed": [
    does(RUTH, RELEASED),
    ["ENTITLEMENT", "body.fact", /UNKNOWN_PLACEMENT/],
  ],
  "a second release": [
    does(RUTH, PLACED, RELEASED, RELEASED),
    ["ENTITLEMENT", "body.fact", /UNKNOWN_PLACEMENT/],
  ],
  "a release by a system": [
    async () => {
      const packet = await does(RUTH, PLACED)();
      await append(packet, system(RUTH), RELEASED);
      return packet;
    },
    ["ENTITLEMENT", "body.fact", /SYSTEM_CANNOT_DECIDE/],
  ],
  "a release in the product's own name": [
    async () => {
      const packet = await does(RUTH, PLACED)();
      await append(packet, holdfast, RELEASED);
      return packet;
    },
    ["ENTITLEMENT", "body.actor", /holdfast/],
  ],
  "an acknowledgement where nothing escalates": [
    does(RUTH, { kind: "ESCALATION_ACKNOWLEDGED", note: "seen" }),
    ["ENTITLEMENT", "body.fact", /WRONG_STATUS/],
  ],
};

const packets = new Map<string, string>();
let sound: AuditResult;
beforeAll(async () => {
  ledger = await ledgerOn(database);
  for (const [name, [deed]] of Object.entries(DEEDS)) packets.set(name, await deed());
  await ledger.sequence();
  sound = await verified(fresh.url);
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

function packetOf(name: string): string {
  const packet = packets.get(name);
  if (packet === undefined) throw new Error(`nobody did ${name}`);
  return packet;
}

/** What a finding must be; null for none. */
function matching(expected: readonly [string, string, RegExp] | null): unknown {
  if (expected === null) return null;
  const [kind, column, why] = expected;
  const place: unknown = expect.objectContaining({ column });
  const found: unknown = expect.stringMatching(why);
  return expect.objectContaining({ kind, place, found });
}

describe.each(Object.entries(DEEDS))("%s", (name, [, expected]) => {
  test("is told by the rows of the database", () => {
    const found = sound.findings.find(({ place }) => place.packet === packetOf(name));
    expect(found ?? null).toEqual(matching(expected));
  });

  test("is told by a bundle", async () => {
    const lines = await exported(sourcesOn(ledger, signing), packetOf(name), "FULL");
    const { signer, witness } = signing;
    const keys = { keys: [signer.verifierKey], witnesses: [witness.verifierKey] };
    const { findings } = await verifyBundle(inChunks([lines.join("")]), keys);
    expect(findings[0] ?? null).toEqual(matching(expected));
  });
});

test("nothing else is found", () => {
  const others = sound.findings.filter(({ place }) => place.packet === undefined);
  expect(others.map(findingText)).toEqual([]);
  expect(sound.unchecked).toBeNull();
});

describe("what a hold rests on", () => {
  const own = freshDatabase();
  const there = connect(own.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  afterAll(() => there.close());

  test("is not cleared for good in another's name, though the owner approves of it", async () => {
    const on = await ledgerOn(there);
    const key = { exercise: false, train: "train-1" };
    const { FRESHNESS_POLICY } = contents(key.train);
    await acceptAll(on, key, { FRESHNESS_POLICY: { ...FRESHNESS_POLICY, digestMaxAge: 1n } });
    await report(on, false, [enclave("vault")]);
    const others = goodNews().filter(({ kind }) => kind !== "DIGEST_CONFIRMATION");
    const { packet } = await open(on, key, others);
    expect(await stateOf(on, packet)).toMatchObject({ status: "ON_HOLD", openHolds: 1 });
    const mallory: Actor = { actor: "mallory", kind: "PERSON", roles: [] };
    const receipt = { reporter: REPORTER.actor, observedEpoch: 2n ** 60n };
    await tell(packet, { by: mallory, receipt }, on);
    await passEpochs(there.sql, 3);
    await on.settle(packet);
    await approveBy(on, packet, OWNER);
    expect((await stateOf(on, packet)).status).toBe("APPROVED");
    await on.close();
    const { findings } = await verified(own.url);
    expect(findings.map(findingText)).toEqual([
      `VALUE at revision.body.fact.entries.0.reporter, packet ${packet}, revision 2: expected mallory, found rita`,
    ]);
  });
});
