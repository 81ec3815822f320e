import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openHolds } from "#gate/view.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { epochTick } from "#workflow/epochTick.ts";
import { type Gate, gateRead } from "#workflow/gateRead.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { packetWithdraw } from "#workflow/packetWithdraw.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ages, withdrawal } from "../gate/reports.ts";
import { OLGA, PAUL, RITA } from "./cast.ts";
import { shortestEpochMs } from "./written.ts";
import { RATE, openDesk } from "./openDesk.ts";
import { passEpoch } from "./situations.ts";
import {
  type Opened,
  accepted,
  approvalOf,
  calendarOf,
  newKey,
  onWire,
  openReady,
  readyAt,
  sealedReport,
  tell,
  windowOf,
} from "./trains.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk(database);
});
afterAll(() => database.close());

/** Nothing ages but what enclaves attest, which counts for two epochs. */
const BRIEF_SEALS = onWire(ages({ attestationMaxAge: 2n }));

async function gateOf(packet: PacketId, through = desk): Promise<Gate> {
  return accepted(await gateRead(through, RITA, packet));
}

async function approve(ready: Opened): Promise<void> {
  accepted(await packetApprove(desk, OLGA, approvalOf(ready)));
}

async function look(packet: PacketId) {
  const { state } = accepted(await packetRead(desk, RITA, packet));
  const holds = openHolds(state).map(({ code, subject }) => `${code} ${subject}`);
  return {
    status: state.status,
    standing: state.approval?.standing,
    holds,
    revision: state.revision,
  };
}

describe("rules 5.5 and 6.6: an approval that only time has touched", () => {
  let ready: Opened;
  let brief: Opened;
  beforeAll(async () => {
    ready = await openReady(desk, "ageing", { sources: [BRIEF_SEALS] });
    await approve(ready);
    brief = await openReady(desk, "brief", { sources: [await windowOf(desk, 0, 3)] });
    await approve(brief);
  });

  test("holds while the evidence is within its age, to the last epoch of it", async () => {
    const { epoch } = await gateOf(ready.packet);
    expect(await gateOf(ready.packet)).toMatchObject({
      status: "OPEN",
      reasons: [],
      validThroughEpoch: epoch + 2n,
    });
    expect(await gateOf(brief.packet)).toMatchObject({ validThroughEpoch: epoch + 2n });
    await passEpoch(desk);
    await passEpoch(desk);
    expect(await gateOf(ready.packet)).toMatchObject({ status: "OPEN", epoch: epoch + 2n });
    expect(await look(ready.packet)).toMatchObject({ standing: "STANDING", holds: [] });
  });

  test("is SUSPENDED one epoch later, in a revision of that epoch, and the gate is CLOSED", async () => {
    const before = await look(ready.packet);
    await passEpoch(desk);
    const stale = ready.enclaves.map((name) => `ENCLAVE_ATTESTATION_STALE ${name}`);
    expect(await look(ready.packet)).toEqual({
      status: "ON_HOLD",
      standing: "SUSPENDED",
      holds: stale,
      revision: before.revision + 1,
    });
    const [lapse] = await desk.ledger.revisions(ready.packet, before.revision, 1);
    const { epoch } = await desk.ledger.moment();
    expect(lapse).toMatchObject({ cause: "EPOCH_REACHED", epoch, actor: "holdfast" });
    expect(await gateOf(ready.packet)).toMatchObject({
      status: "CLOSED",
      reasons: ["HOLDS_OPEN", "APPROVAL_SUSPENDED"],
      validThroughEpoch: null,
    });
  });

  test("ends with the shipment window: CLOSED for good (rule 3.1)", async () => {
    expect(await look(brief.packet)).toMatchObject({ status: "CLOSED", standing: "LAPSED" });
    expect((await gateOf(brief.packet)).reasons).toEqual(
      expect.arrayContaining(["PACKET_CLOSED", "APPROVAL_LAPSED"]),
    );
  });

  test("stands again once the evidence is refreshed", async () => {
    accepted(await sharedRecord(desk, PAUL, sealedReport(ready)));
    expect(await look(ready.packet)).toMatchObject({
      status: "APPROVED",
      standing: "STANDING",
      holds: [],
    });
    expect(await gateOf(ready.packet)).toMatchObject({ status: "OPEN", reasons: [] });
  });

  test("LAPSES for good by any other hold, and the owner must approve again", async () => {
    const leaving = ["ana", "cleo", "eve"];
    await tell(
      desk,
      ready.packet,
      leaving.map((name) => withdrawal(name, "late")),
    );
    expect(await look(ready.packet)).toMatchObject({ status: "ON_HOLD", standing: "LAPSED" });
    await tell(
      desk,
      ready.packet,
      leaving.map((name) => ({ ...withdrawal(name, "late"), status: "COMMITTED" })),
    );
    expect(await look(ready.packet)).toMatchObject({ standing: "LAPSED", holds: [] });
    expect((await gateOf(ready.packet)).reasons).toEqual(["APPROVAL_LAPSED"]);
    await approve(await readyAt(desk, ready));
    expect(await gateOf(ready.packet)).toMatchObject({ status: "OPEN" });
  });
});

test("rule 4.2.1: outside its window and where signing rests the gate is CLOSED, with every reason", async () => {
  const at = [
    ["early", 5, 1000],
    ["late", 1000, 2000],
    ["night", 2000, 3000],
  ] as const;
  const resting = await openReady(desk, "resting", {
    sources: [await windowOf(desk, 0, 3000), await calendarOf(desk, at, [[0, 5]])],
  });
  expect((await gateOf(resting.packet)).reasons).toEqual(["NOT_APPROVED", "NO_SIGNING"]);
  await approve(resting);
  expect((await gateOf(resting.packet)).reasons).toEqual(["NO_SIGNING"]);
  const early = await openReady(desk, "not-yet", { sources: [await windowOf(desk, 10, 3000)] });
  await approve(early);
  expect((await gateOf(early.packet)).reasons).toEqual(["WINDOW_NOT_OPEN"]);
  const wish = { idempotencyKey: newKey(), packet: early.packet, reason: "superseded" };
  accepted(await packetWithdraw(desk, OLGA, wish));
  expect((await gateOf(early.packet)).reasons).toEqual([
    "PACKET_CLOSED",
    "APPROVAL_LAPSED",
    "WINDOW_NOT_OPEN",
  ]);
});

describe("rule 6.1: the epoch", () => {
  test("takes one step a second when fifty tickers of two processes ask at once", async () => {
    const other = await openDesk(database);
    await passEpoch(desk);
    const { epoch } = await desk.ledger.moment();
    let stepped = 0;
    while (stepped === 0) {
      const asked = Array.from({ length: 50 }, (_none, index) =>
        epochTick(index % 2 === 0 ? desk : other),
      );
      const answers = await Promise.all(asked);
      expect(answers.some((answer) => answer instanceof Refusal)).toBe(false);
      stepped = answers.filter((answer) => answer !== null).length;
    }
    expect((await desk.ledger.moment()).epoch).toBe(epoch + BigInt(stepped));
    expect(await shortestEpochMs(database.sql)).toBeGreaterThanOrEqual(1000);
  });

  test("that is seen to stall closes every gate and every approval (rule 6.5)", async () => {
    const ready = await openReady(desk, "stalling");
    const strict = await openDesk(database, { ...RATE, tickGapMaxMs: -1 });
    const answer = await packetApprove(strict, OLGA, approvalOf(ready));
    expect(answer).toMatchObject({ code: "APPROVAL_REFUSED" });
    expect(answer).toMatchObject({ reasons: [{ code: "CLOCK_IN_DOUBT", doubt: "EPOCH_STALLED" }] });
    expect((await gateOf(ready.packet, strict)).reasons).toEqual(["NOT_APPROVED", "EPOCH_STALLED"]);
    await approve(ready);
    expect((await gateOf(ready.packet, strict)).reasons).toEqual(["EPOCH_STALLED"]);
    expect((await gateOf(ready.packet)).status).toBe("OPEN");
  });
});
