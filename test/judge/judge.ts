import { advisoriesOf } from "./advisories.ts";
import type { AdvisoryRef } from "./advisories.ts";
import { knownFrom } from "./known.ts";
import type { Known } from "./known.ts";
import { revisionByFact, revisionByTime } from "./revision.ts";
import type { Judged, JudgedRevision } from "./revision.ts";
import { peopleCounting, validSeatings } from "./seats.ts";
import type { Occurrence, Person, RosterPerson } from "./shapes.ts";
import { holdsEpoch } from "./time.ts";
import { isRevoked, viewAt } from "./words.ts";
import type { View } from "./words.ts";

/**
 * The independent judge of the gate, written from the specification and decision record 0020 alone.
 * It trusts that the desk accepted every occurrence, keeps nothing from one epoch to the next but
 * the revisions it has written, and tries every single epoch. A history is in order of epoch and
 * begins with PACKET_OPENED; an EPOCH_REACHED in it is passed over, since the judge finds its own.
 */

/** Plays the history and then lets time pass up to and including `upTo`: every revision, in order. */
export function judge(history: readonly Occurrence[], upTo: bigint): JudgedRevision[] {
  const happened = history.filter((occurrence) => occurrence.fact.kind !== "EPOCH_REACHED");
  return writtenBy(happened, upTo).map((one) => one.revision);
}

/** Everything written of what happened, by an epoch not before it; what is asked again is not worked out again. */
function writtenBy(happened: readonly Occurrence[], epoch: bigint): readonly Judged[] {
  const last = happened.at(-1);
  if (last === undefined) return [];
  const { happened: same, byEpoch } = answersAbout(happened, last);
  const by = epoch > last.epoch ? epoch : last.epoch;
  const written = byEpoch.get(by) ?? (by > last.epoch ? timePassed(same, by) : added(same, last));
  byEpoch.set(by, written);
  return written;
}

// Reading 18: facts at an epoch follow the lapses due up to it.
function added(happened: readonly Occurrence[], last: Occurrence): readonly Judged[] {
  const past = writtenBy(happened.slice(0, -1), last.epoch);
  // Rule 22: nothing follows the revision that closes.
  return isClosed(past) ? past : [...past, revisionByFact(happened, past)];
}

// Rule 6.6: one revision for each due epoch, in order.
function timePassed(happened: readonly Occurrence[], epoch: bigint): readonly Judged[] {
  const past = writtenBy(happened, epoch - 1n);
  if (isClosed(past)) return past;
  const next = revisionByTime(happened, past, epoch);
  return isWorthWriting(past.at(-1)?.revision, next.revision) ? [...past, next] : past;
}

interface Answers {
  readonly happened: readonly Occurrence[];
  readonly byEpoch: Map<bigint, readonly Judged[]>;
}

// Found by what happened last; the same thing may also have happened after something else.
const answers = new WeakMap<Occurrence, Answers[]>();

function answersAbout(happened: readonly Occurrence[], last: Occurrence): Answers {
  const known = answers.get(last) ?? [];
  answers.set(last, known);
  const same = known.find(
    (one) =>
      one.happened.length === happened.length &&
      one.happened.every((occurrence, index) => occurrence === happened[index]),
  );
  if (same !== undefined) return same;
  const fresh: Answers = { happened, byEpoch: new Map() };
  known.push(fresh);
  return fresh;
}

function isClosed(past: readonly Judged[]): boolean {
  return past.at(-1)?.revision.status === "CLOSED";
}

// Reading 18.
function isWorthWriting(previous: JudgedRevision | undefined, next: JudgedRevision): boolean {
  const moved = [...next.opened, ...next.cleared, ...next.outOfScope].length > 0;
  const decided = previous?.approval?.standing !== next.approval?.standing;
  return moved || decided || next.materialChanged || next.status === "CLOSED";
}

/** What had happened up to and including the epoch. */
function upToEpoch(history: readonly Occurrence[], epoch: bigint): readonly Occurrence[] {
  const happened = history.filter((occurrence) => occurrence.epoch <= epoch);
  return happened.length === history.length ? history : happened;
}

function viewOf(history: readonly Occurrence[], epoch: bigint): View {
  return viewAt(knownFrom(upToEpoch(history, epoch)), epoch);
}

/** The advisories at any epoch, a revision or not, in order of code, then subject. */
export function advisoriesAt(history: readonly Occurrence[], epoch: bigint): AdvisoryRef[] {
  return advisoriesOf(viewOf(history, epoch));
}

export type ApprovalRefusal =
  | "NOT_READY"
  | "ALREADY_APPROVED"
  | "STALE_REVISION"
  | "NOT_THE_OWNER"
  | "SYSTEM"
  | "REVOKED"
  | "EPOCH_FROZEN";

/**
 * Rule 5.1: every reason why the actor may not approve the revision named at the epoch, in the order
 * of the type; none when they may. A packet that is APPROVED is ALREADY_APPROVED and not NOT_READY.
 */
export function approvalRefusals(
  history: readonly Occurrence[],
  epoch: bigint,
  named: number,
  actor: Person,
): ApprovalRefusal[] {
  const revisions = judge(upToEpoch(history, epoch), epoch);
  const view = viewOf(history, epoch);
  const status = revisions.at(-1)?.status;
  const isNamed = revisions.some((revision) => revision.number === named);
  // Even one cleared since.
  const movedSince = revisions.some(
    (revision) =>
      revision.number > named && (revision.materialChanged || revision.opened.length > 0),
  );
  const refusals: [ApprovalRefusal, boolean][] = [
    ["NOT_READY", status !== "READY_FOR_APPROVAL" && status !== "APPROVED"],
    ["ALREADY_APPROVED", status === "APPROVED"],
    ["STALE_REVISION", !isNamed || movedSince],
    ["NOT_THE_OWNER", actor.actor !== view.known.sources.APPROVAL_LANE.content.owner],
    // Rule 5.3.
    ["SYSTEM", actor.kind === "SYSTEM"],
    ["REVOKED", isRevoked(view, actor.actor)],
    // Rule 6.5.
    ["EPOCH_FROZEN", view.known.clock.frozen],
  ];
  return refusals.filter(([, applies]) => applies).map(([reason]) => reason);
}

/** All else unchanged: every EPOCH_REACHED revision after the epoch, up to the one that closes the packet. */
export function forecast(history: readonly Occurrence[], epoch: bigint): JudgedRevision[] {
  const so = upToEpoch(history, epoch);
  const written = judge(so, epoch).length;
  return judge(so, lastEpoch(history, epoch)).slice(written);
}

/** The epoch at which the packet closes by itself at the latest. */
function lastEpoch(history: readonly Occurrence[], epoch: bigint): bigint {
  return viewOf(history, epoch).known.sources.SHIPMENT_WINDOW.content.last + 1n;
}

/** Reading 23: the gate at the epoch; when OPEN, the last epoch through which it stays so by itself. */
export function gateAt(
  history: readonly Occurrence[],
  epoch: bigint,
): { status: "OPEN" | "CLOSED"; validThroughEpoch: bigint | null } {
  const so = upToEpoch(history, epoch);
  const revisions = judge(so, lastEpoch(history, epoch));
  const { known } = viewOf(history, epoch);
  const isOpen = (when: bigint) =>
    revisions.findLast((one) => one.epoch <= when)?.status === "APPROVED" && maySign(known, when);
  if (!isOpen(epoch)) return { status: "CLOSED", validThroughEpoch: null };
  let through = epoch;
  while (isOpen(through + 1n)) through += 1n;
  return { status: "OPEN", validThroughEpoch: through };
}

// In the window, in no NO_SIGNING interval, the clock not frozen.
function maySign({ sources, clock }: Known, epoch: bigint): boolean {
  const isNoSigning = sources.SHIFT_CALENDAR.content.noSigning.some((span) =>
    holdsEpoch(span, epoch),
  );
  return holdsEpoch(sources.SHIPMENT_WINDOW.content, epoch) && !isNoSigning && !clock.frozen;
}

/**
 * The signing arithmetic of one shift: how many absences it survives, whoever is absent (-1 when its
 * seats cannot be filled now), and whose single absence would break it, by name ([] when it is broken).
 */
export function shiftArithmetic(
  history: readonly Occurrence[],
  epoch: bigint,
  shift: string,
): { survives: number; breaking: string[] } {
  const view = viewOf(history, epoch);
  const people = peopleCounting(view, shift);
  const canSitWithout = (absent: readonly RosterPerson[]) =>
    validSeatings(
      view,
      people.filter((item) => !absent.includes(item)),
    ).length > 0;
  if (!canSitWithout([])) return { survives: -1, breaking: [] };
  let survives = 0;
  while (choices(people, survives + 1).every(canSitWithout)) survives += 1;
  const breaking = people.filter((item) => !canSitWithout([item])).map((item) => item.person);
  return { survives, breaking };
}

/** Every way to choose `count` of the items. */
function choices<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, index) =>
    choices(items.slice(index + 1), count - 1).map((others) => [item, ...others]),
  );
}
