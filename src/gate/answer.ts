import type { ClockDoubt, GateReason, GateStatus } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { PacketState } from "./state.ts";
import { nextDue } from "./revise.ts";
import { reachEpoch } from "./lapse.ts";
import { isNoSigning } from "./window.ts";

/** What downstream is told (rule 5.7). OPEN lasts by itself through `validThroughEpoch`, and no longer. */
export interface GateAnswer {
  readonly status: GateStatus;
  readonly reasons: readonly GateReason[];
  readonly epoch: Epoch;
  readonly validThroughEpoch: Epoch | null;
}

/**
 * The gate of a packet at the current epoch. The head must have been brought to
 * that epoch (rule 6.6), as `reachEpoch` does. Every reason for CLOSED is given.
 */
export function gateAnswer(head: PacketState, epoch: Epoch, doubt: ClockDoubt | null): GateAnswer {
  const reasons = closedReasons(head, epoch, doubt);
  if (reasons.length > 0) return { status: "CLOSED", reasons, epoch, validThroughEpoch: null };
  return { status: "OPEN", reasons: [], epoch, validThroughEpoch: openThrough(head, epoch) };
}

function closedReasons(head: PacketState, epoch: Epoch, doubt: ClockDoubt | null): GateReason[] {
  const reasons: GateReason[] = [];
  if (head.closing !== null) reasons.push("PACKET_CLOSED");
  if (head.openHolds > 0) reasons.push("HOLDS_OPEN");
  if (head.approval === null) reasons.push("NOT_APPROVED");
  if (head.approval?.standing === "SUSPENDED") reasons.push("APPROVAL_SUSPENDED");
  if (head.approval?.standing === "LAPSED") reasons.push("APPROVAL_LAPSED");
  if (epoch < head.facts.sources.SHIPMENT_WINDOW.content.first) reasons.push("WINDOW_NOT_OPEN");
  if (isNoSigning(head.facts, epoch)) reasons.push("NO_SIGNING");
  if (doubt !== null) reasons.push(doubt);
  return reasons;
}

/** The last epoch before the first at which time alone closes the gate: a lapse, the window's end, or NO_SIGNING. */
function openThrough(head: PacketState, epoch: Epoch): Epoch {
  const { noSigning } = head.facts.sources.SHIFT_CALENDAR.content;
  let closes = head.facts.sources.SHIPMENT_WINDOW.content.last + 1n;
  for (const interval of noSigning) {
    if (interval.first > epoch && interval.first < closes) closes = interval.first;
  }
  let current = reachEpoch(head, epoch).view;
  for (let due = nextDue(current); due !== null && due < closes; due = nextDue(current)) {
    const reached = reachEpoch(current, due);
    if (reached.head.status !== "APPROVED") closes = due;
    current = reached.view;
  }
  return closes - 1n;
}
