import type { StepAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Refusal } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { epochAdvance } from "#workflow/epochAdvance.ts";
import { epochFreeze } from "#workflow/epochFreeze.ts";
import { epochRateChange } from "#workflow/epochRateChange.ts";
import { epochThaw } from "#workflow/epochThaw.ts";
import { escalationAcknowledge } from "#workflow/escalationAcknowledge.ts";
import { laneConfirm } from "#workflow/laneConfirm.ts";
import { lanePropose } from "#workflow/lanePropose.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { operatorHoldRelease } from "#workflow/operatorHoldRelease.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetBind } from "#workflow/packetBind.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { packetReject } from "#workflow/packetReject.ts";
import { packetResubmit } from "#workflow/packetResubmit.ts";
import { packetWithdraw } from "#workflow/packetWithdraw.ts";
import type { PacketVerb } from "#workflow/packetVerb.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { builder } from "./builder.ts";
import {
  LaneProposePayloadRef,
  SharedRecordPayloadRef,
  appendedPayload,
  sourcePayload,
  stepPayload,
} from "./payloads.ts";
import type { RefusalName } from "./refusalNames.ts";
import * as inputs from "./input/verbInput.ts";
import { type VerbField, addMutation, typeName } from "./verbs.ts";

const ALWAYS: readonly RefusalName[] = ["InvalidInput", "NotEntitled", "IdempotencyConflict"];
const ON_PACKET: readonly RefusalName[] = [...ALWAYS, "UnknownPacket", "PacketClosed"];
const OF_TOKENS: readonly RefusalName[] = ["ChangeTokenNeeded", "ChangeTokenRefused"];
const ON_CLOCK: readonly RefusalName[] = [...ALWAYS, "SystemCannotDecide", ...OF_TOKENS];

/** A mutation of one packet, which appends one revision to it, at the head that was expected. */
function addAtHead(...[name, description, run, input, refusals]: Parameters<typeof addOnPacket>) {
  addOnPacket(name, description, run, input, ["RevisionConflict", ...refusals]);
}

/** A mutation of one packet, which appends one revision to it. */
function addOnPacket(
  name: string,
  description: string,
  run: PacketVerb,
  input: VerbField<object>["input"],
  refusals: readonly RefusalName[],
): void {
  const payload = appendedPayload(`${typeName(name)}Payload`);
  addMutation(name, { description, input, payload, refusals: [...ON_PACKET, ...refusals], run });
}

function packetMutations(): void {
  addMutation("packetOpen", {
    description:
      "Opens the packet of a train: scope, bindings and first entries together, as revision 1.",
    input: inputs.PacketOpenInput,
    payload: appendedPayload("PacketOpenPayload"),
    refusals: [
      ...ALWAYS,
      "UnknownPacket",
      "SourcesMissing",
      "TrainHasPacket",
      "DutiesNotSeparate",
      "ReportOutOfScope",
      "ReportReplayed",
    ],
    run: packetOpen,
  });
  addAtHead(
    "packetBind",
    "Binds a packet anew to accepted versions.",
    packetBind,
    inputs.PacketBindInput,
    [],
  );
  addOnPacket(
    "packetApprove",
    "Records the named owner's approval of one exact revision, and stops there.",
    packetApprove,
    inputs.PacketApproveInput,
    ["ApprovalRefused", "SystemCannotDecide"],
  );
  addAtHead(
    "packetReject",
    "Records the owner's rejection, which holds the packet until a preparer answers.",
    packetReject,
    inputs.PacketRejectInput,
    [
      "NotTheOwner",
      "CredentialRevoked",
      "SystemCannotDecide",
      "DigestUnknown",
      "StaleRevision",
      "SignatureInvalid",
    ],
  );
  addAtHead(
    "packetResubmit",
    "Answers the owner's rejection.",
    packetResubmit,
    inputs.PacketResubmitInput,
    ["WrongStatus", "DutiesNotSeparate", "SystemCannotDecide"],
  );
  addAtHead(
    "packetWithdraw",
    "Withdraws a packet for good.",
    packetWithdraw,
    inputs.PacketWithdrawInput,
    ["CredentialRevoked", "SystemCannotDecide"],
  );
}

function holdMutations(): void {
  addAtHead(
    "operatorHoldPlace",
    "Places a hold at once, which only release security releases.",
    operatorHoldPlace,
    inputs.OperatorHoldPlaceInput,
    ["SystemCannotDecide"],
  );
  addAtHead(
    "operatorHoldRelease",
    "Releases an operator hold; no other hold is touched.",
    operatorHoldRelease,
    inputs.OperatorHoldReleaseInput,
    ["UnknownPlacement", "SystemCannotDecide"],
  );
  addAtHead(
    "escalationAcknowledge",
    "Records that an escalation was seen; it clears nothing.",
    escalationAcknowledge,
    inputs.EscalationAcknowledgeInput,
    ["WrongStatus", "SystemCannotDecide"],
  );
}

function evidenceMutations(): void {
  addAtHead(
    "readinessRecord",
    "Records readiness entries about a packet's own subjects: all or none.",
    readinessRecord,
    inputs.ReadinessRecordInput,
    ["ReportOutOfScope", "ReportReplayed"],
  );
  addMutation("sharedRecord", {
    description:
      "Reports once on subjects that several packets share; each of them gets its revision with it.",
    input: inputs.SharedRecordInput,
    payload: SharedRecordPayloadRef,
    refusals: [
      ...ALWAYS,
      "ReportOutOfScope",
      "ReportReplayed",
      "SystemCannotDecide",
      "ReleaseInadmissible",
      "KeySlotsExhausted",
      ...OF_TOKENS,
    ],
    run: sharedRecord,
  });
}

function sourceMutations(): void {
  addMutation("sourceAccept", {
    description:
      "Accepts a new version of one source; the train's open packet gets its revision with it.",
    input: inputs.SourceAcceptInput,
    payload: sourcePayload("SourceAcceptPayload"),
    refusals: [...ALWAYS, "NotTheAuthority", "SourcesMissing", "PolicyUnmeetable"],
    run: sourceAccept,
  });
  addMutation("lanePropose", {
    description: "Proposes an approval lane, which another release-security person must confirm.",
    input: inputs.LaneProposeInput,
    payload: LaneProposePayloadRef,
    refusals: [...ALWAYS, "DutiesNotSeparate", "SystemCannotDecide"],
    run: lanePropose,
  });
  addMutation("laneConfirm", {
    description: "Confirms the approval lane that another release-security person proposed.",
    input: inputs.LaneConfirmInput,
    payload: sourcePayload("LaneConfirmPayload"),
    refusals: [...ALWAYS, "UnknownProposal", "DutiesNotSeparate", "SystemCannotDecide"],
    run: laneConfirm,
  });
}

type ClockVerb = (desk: Desk, actor: Actor, input: unknown) => Promise<StepAnswer | Refusal | null>;

/** By hand a step is made or refused. */
function byHand(verb: ClockVerb): VerbField<StepAnswer>["run"] {
  return async (desk, actor, input) => {
    const answer = await verb(desk, actor, input);
    if (answer === null) throw new Error("a step by hand was neither made nor refused");
    return answer;
  };
}

function clockMutations(): void {
  addMutation("epochAdvance", {
    description: "Advances the epoch by one step by hand, which breaks every time mapping.",
    input: inputs.EpochAdvanceInput,
    payload: stepPayload("EpochAdvancePayload"),
    refusals: [...ON_CLOCK, "ClockInDoubt", "EpochTooSoon"],
    run: byHand(epochAdvance),
  });
  addMutation("epochFreeze", {
    description: "Freezes the epoch: nothing lapses, nothing is approved, every gate is CLOSED.",
    input: inputs.EpochFreezeInput,
    payload: stepPayload("EpochFreezePayload"),
    refusals: [...ON_CLOCK, "ClockUnchanged"],
    run: byHand(epochFreeze),
  });
  addMutation("epochThaw", {
    description: "Thaws the epoch; window and calendar must be accepted again.",
    input: inputs.EpochThawInput,
    payload: stepPayload("EpochThawPayload"),
    refusals: [...ON_CLOCK, "ClockUnchanged"],
    run: byHand(epochThaw),
  });
  addMutation("epochRateChange", {
    description:
      "Sets how long an epoch is from now on, over restarts too; window and calendar must be accepted again.",
    input: inputs.EpochRateChangeInput,
    payload: stepPayload("EpochRateChangePayload"),
    refusals: [...ON_CLOCK, "ClockUnchanged"],
    run: byHand(epochRateChange),
  });
}

/** Adds every mutation. */
export function addMutations(): void {
  builder.mutationType({
    description:
      "Everything that can be asked to be recorded. Nothing here signs, publishes, restores, notifies or ships, and nothing clears a hold but evidence.",
  });
  packetMutations();
  holdMutations();
  evidenceMutations();
  sourceMutations();
  clockMutations();
}
