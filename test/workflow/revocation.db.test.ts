import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findingText } from "#audit/finding.ts";
import { openHolds } from "#gate/view.ts";
import { connect } from "#database/connect.ts";
import { NotEntitled, Refusal } from "#packet/refusal.ts";
import { shardOf, shardText } from "#proof/revocationList.ts";
import type { Desk } from "#workflow/desk.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { revocationPreview } from "#workflow/revocationPreview.ts";
import { revocationRecord } from "#workflow/revocationRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { verified } from "../audit/realLineage.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { CONTENTS } from "../gate/train.ts";
import { listOf } from "../revocation/lists.ts";
import { OLGA, PAUL, REX, RITA, RUTH } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import {
  GOOD_NEWS,
  LANE,
  type Opened,
  type Wire,
  accepted,
  approvalOf,
  onWire,
  open,
  openReady,
  readyAt,
  sealedReport,
  settle,
  settleLane,
  tell,
} from "./trains.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk(database);
});
afterAll(() => database.close());

const OWNER = "olga-of-own";

const list = (names: readonly string[], version = 1n) => {
  const ids = names.map((name) => `principal:${name}`);
  return listOf(ids, { version, issuedBy: "ruth", shard: shardOf(ids[0] ?? "") });
};

async function standing(packet: string) {
  const { state } = accepted(await packetRead(desk, RUTH, packet));
  return {
    status: state.status,
    holds: openHolds(state).map(({ code, subject }) => `${code} ${subject}`),
    approval: state.approval?.standing ?? null,
    revision: state.revision,
    revoked: state.facts.revoked,
  };
}

describe("a list that is applied", () => {
  test("gives every open packet that rests on somebody its revision, once, whichever node tells it", async () => {
    const packets = [await openReady(desk, "both-a"), await openReady(desk, "both-b")];
    const exercise = await openReady(desk, "both-x", { exercise: true });
    const of = list(["ana"]);
    const other = await openDesk(database);
    const told = await Promise.all([revocationRecord(desk, of), revocationRecord(other, of)]);
    expect(told.filter((answer) => answer instanceof Refusal)).toEqual([]);
    const news = told.map((answer) => (answer === null ? null : accepted(answer)));
    const first = news.filter((answer) => answer?.repeated === false);
    expect(first.map((answer) => answer?.appended.length)).toEqual([2]);
    for (const { packet, revision } of packets) {
      const after = await standing(packet);
      expect(after.revision).toBe(revision + 1);
      expect(after.revoked.has("ana")).toBe(true);
    }
    // Rule 2.3: what is revoked is not revoked in an exercise.
    expect((await standing(exercise.packet)).revision).toBe(exercise.revision);
    expect(await revocationRecord(desk, of)).toBeNull();
    expect(await revocationRecord(other, list(["ana"], 2n))).toBeNull();
  });

  test("lets the approval of a revoked owner lapse for good, and is told as its issuer's report", async () => {
    const opened = await openWithPeople("owner", "-own");
    accepted(await packetApprove(desk, { ...OLGA, actor: OWNER }, approvalOf(opened)));
    const foreseen = accepted(
      await revocationPreview(desk, REX, { revoked: [`principal:${OWNER}`, "node:north"] }),
    );
    const impact = foreseen.packets.find(({ packet }) => packet === opened.packet);
    expect(impact).toMatchObject({ approvalLapses: true, approverCutOff: OWNER });
    expect([foreseen.nodesCutOff, foreseen.refusedHere]).toEqual([["north"], false]);
    await revocationRecord(desk, list([OWNER]));
    expect((await standing(opened.packet)).approval).toBe("LAPSED");
    const { state } = accepted(await packetRead(desk, RUTH, opened.packet));
    expect(state.facts.evidence.get(`CREDENTIAL_REVOCATION ${OWNER}`)).toMatchObject([
      {
        reporter: "ruth",
        reporterKind: "PERSON",
        note: `revocation-${shardText(shardOf(`principal:${OWNER}`))}-1`,
      },
    ]);
  });
});

describe("what revoking would do", () => {
  test("is told to release security and auditors alone", async () => {
    expect(await revocationPreview(desk, RITA, { revoked: ["principal:x"] })).toBeInstanceOf(
      NotEntitled,
    );
  });

  test.each([
    ["nothing", []],
    ["a name without its kind", ["ben"]],
    ["another kind", ["shift:early"]],
    ["a fingerprint that is none", ["key:SHA256:x"]],
    ["no text", [7]],
  ])("of %s is bad input, with its path", async (_what, revoked) => {
    expect(await revocationPreview(desk, REX, { revoked })).toMatchObject({
      code: "INVALID_INPUT",
      faults: [{ path: revoked.length === 0 ? ["revoked"] : ["revoked", 0] }],
    });
  });
});

/** People of a train's own: their names end with its number. */
function rosterOf(suffix: string): Wire {
  const { people } = CONTENTS.ROSTER;
  return onWire({
    ...CONTENTS.ROSTER,
    people: people.map((one) => ({ ...one, person: `${one.person}${suffix}` })),
  });
}

test("verify derives what lists did as everything else", async () => {
  await desk.ledger.sequence();
  const { findings, unchecked } = await verified(fresh.url);
  expect(findings.map(findingText)).toEqual([]);
  expect(unchecked).toBeNull();
});

/** A ready packet whose people, owner included, are in no other. */
async function openWithPeople(train: string, suffix: string): Promise<Opened> {
  const settled = await settle(desk, train, { sources: [rosterOf(suffix)] });
  await settleLane(desk, settled, { ...LANE, owner: `olga-of${suffix}` });
  const opened = await open(desk, settled);
  const news = GOOD_NEWS.map((report) => ({
    ...report,
    ...("person" in report ? { person: `${String(report["person"])}${suffix}` } : {}),
    ...("custodian" in report ? { custodian: `${String(report["custodian"])}${suffix}` } : {}),
  }));
  await tell(desk, opened.packet, news);
  accepted(await sharedRecord(desk, PAUL, sealedReport(settled)));
  return readyAt(desk, opened);
}
