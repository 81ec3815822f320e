import type { Approval, Closing, Material, PacketStatus } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Occurrence, PacketOpened } from "#packet/fact.ts";
import type { Hold, Prerequisite } from "#packet/hold.ts";
import { type Absorbed, absorb, absorbOpening } from "./absorb.ts";
import { type Cell, cellKey, cellOf, judgeCell } from "./cells.ts";
import { materialDigestOf, materialOf, withoutEnded } from "./material.ts";
import { type RegisterChange, type Rejudged, UPSTREAM_CODES, changeRegister } from "./register.ts";
import { type Sorted, sorted } from "./sorted.ts";
import { nextStanding } from "./standing.ts";
import type { Facts, PacketState, Verdict } from "./state.ts";

/** One revision: the packet after it, and what it changed. */
export interface Revised {
  readonly state: PacketState;
  readonly occurrence: Occurrence;
  readonly opened: readonly Hold[];
  readonly cleared: readonly Hold[];
  readonly outOfScope: readonly Hold[];
  /** Open as before, with other evidence behind them or another sentence. */
  readonly amended: readonly Hold[];
  /** Against the previous revision, ended shifts dropped from both (rule 5.4). */
  readonly materialChanged: boolean;
}

/** Revision 1 of a packet (rule 3.3). */
export function openPacket(occurrence: Occurrence<PacketOpened>): Revised {
  return judgeAnew(null, absorbOpening(occurrence), occurrence);
}

/** The next revision. Lapses that are due by its epoch must have been written first (rule 6.6). */
export function revise(before: PacketState, occurrence: Occurrence): Revised {
  if (before.closing !== null) throw new Error("nothing follows the revision that closes a packet");
  return judgeAnew(before, absorb(before.facts, occurrence), occurrence);
}

function judgeAnew(
  before: PacketState | null,
  absorbed: Absorbed,
  occurrence: Occurrence,
): Revised {
  const { facts } = absorbed;
  const { epoch } = occurrence;
  const revision = (before?.revision ?? 0) + 1;
  const closing = closingOf(facts, occurrence);
  if (before !== null && closing !== null) return close(before, facts, occurrence, closing);
  const judged = judgeCells(before, absorbed, epoch);
  const change = changeRegister(before, sorted(), facts, { revision, epoch }, judged.rejudged);
  const earlier = { approval: before?.approval ?? null, material: before?.material ?? null };
  const material = materialOf(facts, epoch, earlier, judged.prerequisites);
  const materialDigest = materialDigestOf(material);
  const materialChanged =
    before === null ||
    materialDigestOf(withoutEnded(before.material, facts, epoch)) !== materialDigest;
  const counts = countOpen(before, change);
  const approval = approvalAfter(
    before,
    { facts, material, materialDigest },
    occurrence,
    change,
    counts.openHolds,
  );
  const isDecision =
    occurrence.fact.kind === "PACKET_APPROVED" || occurrence.fact.kind === "PACKET_REJECTED";
  const isDisturbed = materialChanged || change.opened.length > 0;
  const state: PacketState = {
    facts,
    revision,
    epoch,
    status: statusOf(closing, counts, approval),
    closing,
    register: change.register,
    ...counts,
    openings: (before?.openings ?? 0) + change.opened.length,
    material,
    materialDigest,
    approval,
    steadySince: before === null || isDisturbed ? revision : before.steadySince,
    reviewed:
      before === null || isDecision
        ? { revision, sources: facts.sources, bindings: facts.bindings, material }
        : before.reviewed,
    cells: judged.cells,
    dues: judged.dues,
  };
  const { opened, cleared, outOfScope, amended } = change;
  return { state, occurrence, opened, cleared, outOfScope, amended, materialChanged };
}

/** Rule 3.1: the window has passed, or somebody withdrew the packet. */
function closingOf(facts: Facts, { fact, epoch }: Occurrence): Closing | null {
  if (fact.kind === "PACKET_WITHDRAWN") return "WITHDRAWN";
  return epoch > facts.sources.SHIPMENT_WINDOW.content.last ? "WINDOW_PASSED" : null;
}

/** Reading 22: the closing revision ends no hold and opens none; an approval lapses. */
function close(
  before: PacketState,
  facts: Facts,
  occurrence: Occurrence,
  closing: Closing,
): Revised {
  const { approval } = before;
  const state: PacketState = {
    ...before,
    facts,
    revision: before.revision + 1,
    epoch: occurrence.epoch,
    status: "CLOSED",
    closing,
    approval: approval === null ? null : { ...approval, standing: "LAPSED" },
    dues: sorted(),
  };
  return {
    state,
    occurrence,
    opened: [],
    cleared: [],
    outOfScope: [],
    amended: [],
    materialChanged: false,
  };
}

interface Judged {
  readonly cells: Sorted<Verdict>;
  readonly dues: Sorted<string>;
  readonly rejudged: readonly Rejudged[];
  readonly prerequisites: ReadonlySet<Prerequisite>;
}

/** Epochs as text in their own order: 19 digits hold every one. */
function dueKey(due: Epoch, cell: string): string {
  return `${due.toString().padStart(19, "0")} ${cell}`;
}

/** The cells that time has made due by `epoch`. */
function dueCells(state: PacketState, epoch: Epoch): string[] {
  return state.dues.getRange("", dueKey(epoch + 1n, ""), false).map(([, cell]) => cell);
}

/** The earliest epoch after the head at which anything may change by itself; null when nothing does. */
export function nextDue(state: PacketState): Epoch | null {
  if (state.closing !== null) return null;
  const passes = state.facts.sources.SHIPMENT_WINDOW.content.last + 1n;
  const key = state.dues.minKey();
  const due = key === undefined ? passes : BigInt(key.slice(0, 19));
  return due < passes ? due : passes;
}

function judgeCells(before: PacketState | null, absorbed: Absorbed, epoch: Epoch): Judged {
  const dirty = new Map<string, Cell>(absorbed.dirty.map((cell) => [cellKey(cell), cell]));
  if (before !== null) for (const key of dueCells(before, epoch)) dirty.set(key, cellOf(key));
  const cells = before?.cells.clone() ?? sorted<Verdict>();
  const dues = before?.dues.clone() ?? sorted<string>();
  const register = before?.register ?? sorted<Hold>();
  const rejudged: Rejudged[] = [];
  const prerequisites = new Set<Prerequisite>();
  for (const [key, cell] of dirty) {
    const old = cells.get(key);
    const verdict = judgeCell(absorbed.facts, epoch, register, cell);
    prerequisites.add(cell.prerequisite);
    keepVerdict(cells, dues, key, old, verdict);
    const before = old?.holds ?? [];
    if (before.length + verdict.holds.length > 0) {
      rejudged.push({ prerequisite: cell.prerequisite, before, now: verdict.holds });
    }
  }
  return { cells, dues, rejudged, prerequisites };
}

function keepVerdict(
  cells: Sorted<Verdict>,
  dues: Sorted<string>,
  key: string,
  old: Verdict | undefined,
  verdict: Verdict,
): void {
  const isSilent = verdict.due === null && verdict.holds.length + verdict.advisories.length === 0;
  if (!isSilent) cells.set(key, verdict);
  else if (old !== undefined) cells.delete(key);
  if (old?.due === verdict.due) return;
  if (old !== undefined && old.due !== null) dues.delete(dueKey(old.due, key));
  if (verdict.due !== null) dues.set(dueKey(verdict.due, key), key);
}

interface Counts {
  readonly openHolds: number;
  readonly openUpstreamHolds: number;
}

function countOpen(before: PacketState | null, change: RegisterChange): Counts {
  const upstream = (holds: readonly Hold[]): number =>
    holds.filter((hold) => UPSTREAM_CODES.has(hold.code)).length;
  const { opened, cleared, outOfScope } = change;
  return {
    openHolds: (before?.openHolds ?? 0) + opened.length - cleared.length - outOfScope.length,
    openUpstreamHolds:
      (before?.openUpstreamHolds ?? 0) +
      upstream(opened) -
      upstream(cleared) -
      upstream(outOfScope),
  };
}

/** Rule 3.1, in its order. */
function statusOf(
  closing: Closing | null,
  counts: Counts,
  approval: Approval | null,
): PacketStatus {
  if (closing !== null) return "CLOSED";
  if (counts.openUpstreamHolds > 0) return "ESCALATED";
  if (counts.openHolds > 0) return "ON_HOLD";
  return approval?.standing === "STANDING" ? "APPROVED" : "READY_FOR_APPROVAL";
}

interface Now {
  readonly facts: Facts;
  readonly material: Material;
  readonly materialDigest: string;
}

function approvalAfter(
  before: PacketState | null,
  now: Now,
  occurrence: Occurrence,
  change: RegisterChange,
  openHolds: number,
): Approval | null {
  const { fact, epoch, actor } = occurrence;
  if (before === null) return null;
  if (fact.kind === "PACKET_APPROVED") {
    const { material, materialDigest } = now;
    const { revision, digest, signature } = fact;
    const recorded = {
      recordedIn: before.revision + 1,
      approvedBy: actor.actor,
      approvedEpoch: epoch,
      ...(signature === undefined ? {} : { signature }),
    };
    return { revision, digest, ...recorded, standing: "STANDING", material, materialDigest };
  }
  if (before.approval === null) return null;
  const isCovered =
    materialDigestOf(withoutEnded(before.approval.material, now.facts, epoch)) ===
    now.materialDigest;
  const isByAge = fact.kind === "EPOCH_REACHED" && !change.openedOtherwiseThanByAge;
  const standing = nextStanding(before.approval.standing, {
    isRejected: fact.kind === "PACKET_REJECTED",
    isRevoked: now.facts.revoked.has(before.approval.approvedBy),
    isCovered,
    isOpenedOtherwiseThanByAge: change.opened.length > 0 && !isByAge,
    openHolds,
  });
  return { ...before.approval, standing };
}
