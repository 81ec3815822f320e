import { advisoriesOf } from "./advisories.ts";
import type { AdvisoryRef } from "./advisories.ts";
import { holdsAt, inOrder, isEscalating, isSameHold } from "./holds.ts";
import type { HoldRef } from "./holds.ts";
import { knownFrom } from "./known.ts";
import type { Known } from "./known.ts";
import { isMaterialChange, materialAt } from "./material.ts";
import type { Material } from "./material.ts";
import { hasLeftScope } from "./scope.ts";
import type { Fact, FactKind, Occurrence, Person } from "./shapes.ts";
import { hadNothingAged, isRevoked, viewAt } from "./words.ts";
import type { View } from "./words.ts";

type PacketStatus = "CLOSED" | "ESCALATED" | "ON_HOLD" | "APPROVED" | "READY_FOR_APPROVAL";
type ApprovalStanding = "STANDING" | "SUSPENDED" | "LAPSED";

/** A hold of the register that is open. */
interface OpenHold extends HoldRef {
  readonly sinceRevision: number;
  readonly sinceEpoch: bigint;
}

/** One revision as the specification has it. Holds and advisories are in order of code, then subject. */
export interface JudgedRevision {
  readonly number: number;
  readonly cause: FactKind;
  readonly epoch: bigint;
  readonly status: PacketStatus;
  readonly opened: readonly HoldRef[];
  readonly cleared: readonly HoldRef[];
  readonly outOfScope: readonly HoldRef[];
  readonly openHolds: readonly OpenHold[];
  /** As of the revision's epoch. */
  readonly advisories: readonly AdvisoryRef[];
  /** The newest approval: the revision that was approved, and what has become of it. */
  readonly approval: { readonly revision: number; readonly standing: ApprovalStanding } | null;
  readonly material: Material;
  /** Against the previous revision, ended shifts dropped (reading 19); true for revision 1. */
  readonly materialChanged: boolean;
  readonly seating: Material["seating"];
  readonly enclaves: Material["enclaves"];
}

interface Approval {
  readonly revision: number;
  readonly approvedBy: string;
  readonly material: Material;
  readonly standing: ApprovalStanding;
}

/** A revision with the approval behind it. */
export interface Judged {
  readonly revision: JudgedRevision;
  readonly approval: Approval | null;
}

/** What makes a revision: a fact of the history's last occurrence, or an epoch reached. */
interface Cause {
  readonly fact: Fact;
  readonly actor: Person;
}

/** The revision that an epoch reached by itself makes, worth writing or not. */
export function revisionByTime(
  history: readonly Occurrence[],
  past: readonly Judged[],
  epoch: bigint,
): Judged {
  const actor: Person = { actor: "holdfast", kind: "SYSTEM" };
  return revisionAfter(history, past, { fact: { kind: "EPOCH_REACHED" }, actor }, epoch);
}

/** The revision that the history's last occurrence makes. */
export function revisionByFact(history: readonly Occurrence[], past: readonly Judged[]): Judged {
  const last = history.at(-1);
  if (last === undefined) throw new Error("a history begins with PACKET_OPENED");
  return revisionAfter(history, past, last, last.epoch);
}

function revisionAfter(
  history: readonly Occurrence[],
  past: readonly Judged[],
  cause: Cause,
  epoch: bigint,
): Judged {
  const known = knownFrom(history);
  const view = viewAt(known, epoch);
  const previous = past.at(-1);
  const openBefore = previous?.revision.openHolds ?? [];
  const number = past.length + 1;
  const isClosing = isPacketClosed(known, epoch);

  // Rule 22: the revision that closes a packet ends no hold and opens none.
  const present = isClosing ? openBefore : holdsAt(view, openBefore);
  const opened = present.filter((hold) => !openBefore.some((open) => isSameHold(open, hold)));
  const ended = openBefore.filter((open) => !present.some((hold) => isSameHold(open, hold)));
  const stillOpen = openBefore.filter((open) => !ended.includes(open));
  const openHolds = inOrder([
    ...stillOpen,
    ...opened.map((hold) => ({ ...hold, sinceRevision: number, sinceEpoch: epoch })),
  ]);

  const approved = approvalBefore(past, cause);
  const preferred = approved?.standing === "LAPSED" ? [] : [approved?.material];
  const earlier = [...preferred, previous?.revision.material].filter((one) => one !== undefined);
  const material = materialAt(view, earlier);
  const byAge = areAllByAge(view, cause, opened, openBefore);
  const approval = approved && {
    ...approved,
    standing: standingOf(view, approved, { cause, isClosing, byAge, openHolds, material }),
  };
  const leftScope = ended.filter((hold) => hasLeftScope(view, hold));

  const revision: JudgedRevision = {
    number,
    cause: cause.fact.kind,
    epoch,
    status: statusOf(isClosing, openHolds, approval),
    opened: opened.map(refOf),
    cleared: ended.filter((hold) => !leftScope.includes(hold)).map(refOf),
    outOfScope: leftScope.map(refOf),
    openHolds,
    // Asked of few of the revisions that are tried.
    get advisories() {
      return advisoriesOf(view);
    },
    approval: approval && { revision: approval.revision, standing: approval.standing },
    material,
    // Reading 22: a closing revision has its predecessor's material.
    materialChanged: previous
      ? !isClosing && isMaterialChange(view, previous.revision.material, material)
      : true,
    seating: material.seating,
    enclaves: material.enclaves,
  };
  return { revision, approval };
}

function refOf({ code, subject }: HoldRef): HoldRef {
  return { code, subject };
}

// Rule 3.1.
function isPacketClosed(known: Known, epoch: bigint): boolean {
  return known.withdrawn || epoch > known.sources.SHIPMENT_WINDOW.content.last;
}

// Rule 3.1, in this order.
function statusOf(
  isClosed: boolean,
  openHolds: readonly HoldRef[],
  approval: Approval | null,
): PacketStatus {
  if (isClosed) return "CLOSED";
  if (openHolds.some(isEscalating)) return "ESCALATED";
  if (openHolds.length > 0) return "ON_HOLD";
  return approval?.standing === "STANDING" ? "APPROVED" : "READY_FOR_APPROVAL";
}

/** The newest approval as it was before this revision, or the one that this revision records. */
function approvalBefore(past: readonly Judged[], { fact, actor }: Cause): Approval | null {
  if (fact.kind !== "PACKET_APPROVED") return past.at(-1)?.approval ?? null;
  const named = past.find((one) => one.revision.number === fact.revision);
  if (named === undefined) throw new Error(`revision ${fact.revision} was approved before it was`);
  return {
    revision: fact.revision,
    approvedBy: actor.actor,
    material: named.revision.material,
    standing: "STANDING",
  };
}

// Reading 17: none of those opened would be there, as a hold, had nothing aged.
function areAllByAge(
  view: View,
  { fact }: Cause,
  opened: readonly HoldRef[],
  openBefore: readonly HoldRef[],
): boolean {
  if (opened.length === 0) return true;
  if (fact.kind !== "EPOCH_REACHED") return false;
  const unaged = holdsAt(hadNothingAged(view), openBefore);
  return !opened.some((hold) => unaged.some((other) => isSameHold(hold, other)));
}

// Rule 5.5, reading 21.
function standingOf(
  view: View,
  approval: Approval,
  now: {
    cause: Cause;
    isClosing: boolean;
    byAge: boolean;
    openHolds: readonly HoldRef[];
    material: Material;
  },
): ApprovalStanding {
  if (approval.standing === "LAPSED") return "LAPSED";
  if (now.isClosing || !now.byAge) return "LAPSED";
  if (now.cause.fact.kind === "PACKET_REJECTED") return "LAPSED";
  if (isRevoked(view, approval.approvedBy)) return "LAPSED";
  if (isMaterialChange(view, approval.material, now.material)) return "LAPSED";
  return now.openHolds.length > 0 ? "SUSPENDED" : "STANDING";
}
