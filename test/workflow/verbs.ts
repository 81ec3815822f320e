import { v7 } from "uuid";
import type { Verb } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { changePreview } from "#workflow/changePreview.ts";
import type { Desk } from "#workflow/desk.ts";
import { epochAdvance } from "#workflow/epochAdvance.ts";
import { epochFreeze } from "#workflow/epochFreeze.ts";
import { epochRateChange } from "#workflow/epochRateChange.ts";
import { epochThaw } from "#workflow/epochThaw.ts";
import { escalationAcknowledge } from "#workflow/escalationAcknowledge.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { laneConfirm } from "#workflow/laneConfirm.ts";
import { lanePropose } from "#workflow/lanePropose.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { operatorHoldRelease } from "#workflow/operatorHoldRelease.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetBind } from "#workflow/packetBind.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { packetReject } from "#workflow/packetReject.ts";
import { packetResubmit } from "#workflow/packetResubmit.ts";
import { packetWithdraw } from "#workflow/packetWithdraw.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { rollbackForecast } from "#workflow/rollbackForecast.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { IVAN, OLGA, PIA, PROBE, REX, RITA, RUTH, UMA } from "./cast.ts";
import { digestOf } from "../gate/train.ts";
import { FULL_ENTRIES, type SharedWord, fullSources, sharedReports } from "./contents.ts";
import {
  BINDINGS,
  LANE,
  type Opened,
  type Wire,
  accept,
  accepted,
  approvalOf,
  newKey,
  onWire,
  open,
  openReady,
  settle,
} from "./trains.ts";

/** A verb as a face calls it. */
export type Call = (desk: Desk, actor: Actor, input: unknown) => Promise<unknown>;

/** An input that is accepted from this actor, once those before it in its list were. */
export interface Ask {
  readonly by: Actor;
  readonly input: unknown;
}

/** How one verb is called, and a situation in which it is accepted. */
export interface VerbRow {
  readonly call: Call;
  /** Makes the situation on a train of this name; answers inputs that between them hold every field. */
  readonly prepare: (desk: Desk, train: string) => Promise<readonly [Ask, ...Ask[]]>;
}

/** Of the form of a token: where nobody controls the change rate, nobody looks at it. */
const SOME_TOKEN = `eyJhbGciOiJFZERTQSIsInR5cCI6ImNoYW5nZStqd3QifQ.e30.${"A".repeat(86)}`;

let reports = 0;

/** The next number of an automated reporter, as JSON brings it. */
export function nextNumber(): string {
  reports += 1;
  return reports.toString();
}

function asked(by: Actor, input: Wire): Ask {
  return { by, input: { idempotencyKey: newKey(), ...input } };
}

/** A verb about a READY_FOR_APPROVAL packet that takes one text more. */
function onReady(
  call: Call,
  by: Actor,
  words: Wire,
  before?: (desk: Desk, packet: Opened) => Promise<unknown>,
): VerbRow {
  return {
    call,
    async prepare(desk, train) {
      const ready = await openReady(desk, train);
      await before?.(desk, ready);
      const { packet } = ready;
      const seen = accepted(await packetRead(desk, RITA, packet));
      return [asked(by, { packet, expectedRevision: seen.state.revision, ...words })];
    },
  };
}

/** A verb about the clock; what must have happened before is said by `before`. */
function onClock(call: Call, before: (desk: Desk) => Promise<unknown>, words: Wire = {}): VerbRow {
  return {
    call,
    async prepare(desk) {
      await before(desk);
      return [asked(REX, { reason: "drill", token: SOME_TOKEN, ...words })];
    },
  };
}

async function setFrozen(desk: Desk, frozen: boolean): Promise<void> {
  const { clock } = await desk.ledger.moment();
  if (clock.frozen === frozen) return;
  const verb = frozen ? epochFreeze : epochThaw;
  accepted(await verb(desk, REX, { idempotencyKey: newKey(), reason: "drill" }));
}

/** Resolves when the backstop permits the next step: the database says so, each time that it is asked. */
async function untilNextStep(desk: Desk): Promise<void> {
  await setFrozen(desk, false);
  for (;;) {
    const { clock, now } = await desk.ledger.moment();
    if (now.getTime() - clock.steppedAt > 1100) return;
  }
}

const releaseRow = onReady(
  operatorHoldRelease,
  REX,
  { placement: 1, reason: "explained" },
  (desk, { packet }) =>
    operatorHoldPlace(desk, IVAN, { idempotencyKey: newKey(), packet, reason: "odd noise" }),
);

const acknowledgeRow = onReady(escalationAcknowledge, IVAN, { note: "seen" }, (desk, ready) =>
  accept(
    desk,
    ready,
    onWire({ kind: "TRUSTED_BRANCH", repository: "git", branch: "other", commit: "b".repeat(40) }),
  ),
);

const resubmitRow = onReady(packetResubmit, PIA, { answer: "explained" }, (desk, { packet }) =>
  packetReject(desk, OLGA, { idempotencyKey: newKey(), packet, reason: "why two bags?" }),
);

const shared = (kind: SharedWord, by: Actor): VerbRow => ({
  call: sharedRecord,
  async prepare(desk, train) {
    const { enclaves } = await openReady(desk, train);
    const entries = [sharedReports(enclaves[0])[kind]];
    const number = by.kind === "SYSTEM" ? { reportNumber: nextNumber() } : {};
    return [asked(by, { exercise: false, entries, ...number })];
  },
});

const reading = (call: Call): VerbRow => ({
  call,
  prepare: async (desk, train) => [{ by: RITA, input: (await openReady(desk, train)).packet }],
});

/** Every verb. One that the permissions know and this table does not is no program. */
export const VERBS: Readonly<Record<Verb, VerbRow>> = {
  sourceAccept: {
    call: sourceAccept,
    async prepare(desk, train) {
      const ready = await openReady(desk, train);
      const [first, ...rest] = await fullSources(desk, ready);
      const asking = (source: Wire | undefined): Ask =>
        asked(UMA, { train, exercise: false, source });
      return [asking(first), ...rest.map(asking)];
    },
  },
  lanePropose: {
    call: lanePropose,
    async prepare(desk, train) {
      await openReady(desk, train);
      return [asked(REX, { train, exercise: false, lane: onWire(LANE) })];
    },
  },
  laneConfirm: {
    call: laneConfirm,
    async prepare(desk, train) {
      await openReady(desk, train);
      const lane = { idempotencyKey: newKey(), train, exercise: false, lane: LANE };
      const { proposal, digest } = accepted(await lanePropose(desk, REX, lane));
      return [asked(RUTH, { train, exercise: false, proposal, digest })];
    },
  },
  packetOpen: {
    call: packetOpen,
    async prepare(desk, train) {
      const settled = await settle(desk, train);
      const { packet: succeeds } = await open(desk, settled);
      const closing = { idempotencyKey: newKey(), packet: succeeds, reason: "begun too early" };
      accepted(await packetWithdraw(desk, OLGA, closing));
      const robot: Actor = { actor: "preparing-robot", kind: "SYSTEM", roles: ["PREPARER"] };
      const more = { packet: v7(), entries: FULL_ENTRIES, reportNumber: nextNumber() };
      return [asked(robot, { train, exercise: false, succeeds, bindings: BINDINGS, ...more })];
    },
  },
  packetBind: onReady(packetBind, PIA, { bindings: BINDINGS }),
  readinessRecord: {
    call: readinessRecord,
    async prepare(desk, train) {
      const { packet, revision: expectedRevision } = await openReady(desk, train);
      const [first, ...rest] = FULL_ENTRIES.map((entry) => {
        return asked(PROBE, { packet, entries: [entry], reportNumber: nextNumber() });
      });
      if (first === undefined) throw new Error("there is an entry of every kind");
      return [{ by: PROBE, input: { ...(first.input as Wire), expectedRevision } }, ...rest];
    },
  },
  sharedRecord: {
    call: sharedRecord,
    async prepare(desk, train) {
      const { enclaves } = await openReady(desk, train);
      const entries = Object.values(sharedReports(enclaves[1]));
      return [asked(RUTH, { exercise: false, entries })];
    },
  },
  enclaveReport: shared("enclave", PROBE),
  credentialRevoke: shared("credential", REX),
  componentReport: shared("component", RUTH),
  componentDeclare: shared("declaration", RUTH),
  releaseInitialise: shared("initialisation", RUTH),
  keyRotate: shared("rotation", RUTH),
  emergencyPlanReport: shared("plan", RUTH),
  operatorHoldPlace: onReady(operatorHoldPlace, IVAN, { reason: "odd noise" }),
  operatorHoldRelease: releaseRow,
  escalationAcknowledge: acknowledgeRow,
  packetApprove: {
    call: packetApprove,
    prepare: async (desk, train) => [{ by: OLGA, input: approvalOf(await openReady(desk, train)) }],
  },
  packetReject: onReady(packetReject, OLGA, { reason: "why two bags?" }),
  packetResubmit: resubmitRow,
  packetWithdraw: onReady(packetWithdraw, REX, { reason: "superseded" }),
  epochAdvance: onClock(epochAdvance, untilNextStep),
  epochFreeze: onClock(epochFreeze, (desk) => setFrozen(desk, false)),
  epochThaw: onClock(epochThaw, (desk) => setFrozen(desk, true)),
  // So long that no ticker moves the epoch meanwhile.
  epochRateChange: onClock(epochRateChange, () => Promise.resolve(), { epochMs: 86_399_000 }),
  packetRead: reading(packetRead),
  changePreview: {
    call: changePreview,
    async prepare(desk, train) {
      await setFrozen(desk, false);
      const ready = await openReady(desk, train);
      const { packet, revision, digest } = ready;
      const changes: Wire[] = [
        ...(await fullSources(desk, ready)).map((source) => ({ kind: "SOURCE", source })),
        { kind: "LANE", lane: onWire(LANE) },
        { kind: "BINDINGS", bindings: BINDINGS },
        ...FULL_ENTRIES.map((entry) => ({ kind: "ENTRIES", entries: [entry] })),
        { kind: "SHARED_ENTRIES", entries: Object.values(sharedReports(ready.enclaves[0])) },
        { kind: "REJECTION", reason: "why two bags?" },
        { kind: "OPERATOR_HOLD", reason: "odd noise" },
        { kind: "WITHDRAWAL", reason: "superseded" },
      ];
      const asking = (change: Wire): Ask => ({
        by: REX,
        input: { packet, as: OLGA.actor, change },
      });
      return [asking({ kind: "APPROVAL", revision, digest }), ...changes.map(asking)];
    },
  },
  gateRead: reading(gateRead),
  rollbackForecast: {
    call: rollbackForecast,
    async prepare(desk, train) {
      const component = (await openReady(desk, train)).train;
      const keys = { outgoing: "key-1", incoming: "key-2" };
      const planned = (change: Wire): Ask => ({
        by: RITA,
        input: { component, exercise: false, change },
      });
      return [
        planned({ kind: "FLOOR", floor: 5 }),
        planned({ kind: "DENY", denied: [digestOf("r1")] }),
        planned({ kind: "ROTATION", mode: "SUDDEN", ...keys }),
      ];
    },
  },
};
