import type { PacketStatus } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Occurrence } from "#packet/fact.ts";
import type { Hold, HoldCode } from "#packet/hold.ts";
import type { Revised } from "#gate/revise.ts";
import { openHolds } from "#gate/view.ts";
import { type HoldRef, holdsAt, isEscalating } from "../judge/holds.ts";
import { type Known, knownFrom } from "../judge/known.ts";
import { hasLeftScope } from "../judge/scope.ts";
import { sharedEpochs } from "../judge/time.ts";
import { type View, viewAt, wordsOf } from "../judge/words.ts";
import { type ApprovalMemory, watchApproval } from "./approvalWatch.ts";
import { mayClear, mayRetire } from "./endings.ts";
import { factFaults } from "./factWatch.ts";

/**
 * An onlooker follows a packet from revision to revision, keeps a register of their own from
 * what each revision says it changed, and asks the other judge's readings what is unmet. They
 * never judge: they only say what must not be, whatever the judgement.
 */
export interface Memory {
  /** What happened, without the epochs reached. */
  readonly history: readonly Occurrence[];
  readonly known: Known;
  readonly last: Revised;
  readonly open: ReadonlyMap<string, OpenHold>;
  /** What was really unmet at the last revision. */
  readonly unmet: readonly HoldRef[];
  readonly openings: number;
  readonly approval: ApprovalMemory;
}

interface OpenHold extends HoldRef {
  readonly code: HoldCode;
  readonly sinceRevision: number;
  readonly sinceEpoch: Epoch;
  readonly ordinal: number;
}

/** What the onlooker remembers, and every rule that was broken. */
export interface Watched {
  readonly memory: Memory;
  readonly faults: readonly string[];
}

function refOf({ code, subject }: HoldRef): string {
  return `${code} ${subject}`;
}

/** Every fault of a whole lineage whose head was looked at last at `epoch`. */
export function faultsOf(revisions: readonly Revised[], epoch: Epoch): string[] {
  let memory: Memory | null = null;
  const found: string[] = [];
  for (const revised of revisions) {
    const watched: Watched = watch(memory, revised);
    const at = `revision ${revised.state.revision} at ${revised.state.epoch}`;
    found.push(...watched.faults.map((fault) => `${at}: ${fault}`));
    memory = watched.memory;
  }
  return memory === null ? found : [...found, ...idleFaults(memory, epoch)];
}

/** Watches one more revision. */
export function watch(memory: Memory | null, revised: Revised): Watched {
  const { state, occurrence } = revised;
  const isIdle = memory !== null && occurrence.fact.kind === "EPOCH_REACHED";
  const history = isIdle ? memory.history : [...(memory?.history ?? []), occurrence];
  const known = isIdle ? memory.known : knownFrom(history);
  const view = viewAt(known, state.epoch);
  const isClosing = state.status === "CLOSED";
  const unmet = isClosing ? (memory?.unmet ?? []) : holdsAt(view, memory?.unmet ?? []);
  const registered = follow(memory, revised);
  const approval = watchApproval(memory, revised, view, unmet);
  const faults = [
    ...orderFaults(memory, revised),
    // Rule 6.6: what was due before this fact was written before it.
    ...(memory === null ? [] : idleFaults(memory, isIdle ? state.epoch - 1n : state.epoch)),
    ...factFaults(memory, occurrence),
    ...registered.faults,
    ...endingFaults(revised, view, unmet),
    ...statusFaults(revised, registered.open, unmet, view),
    ...(isClosing ? [] : unmetFaults(registered.open, unmet)),
    ...approval.faults,
  ];
  const { open, openings } = registered;
  return {
    memory: { history, known, last: revised, open, unmet, openings, approval: approval.memory },
    faults,
  };
}

/** Rule 3.3: numbers from 1 without gaps, epochs that never go back, nothing after the end. */
function orderFaults(memory: Memory | null, { state, occurrence }: Revised): string[] {
  const faults: string[] = [];
  if (state.revision !== (memory?.last.state.revision ?? 0) + 1)
    faults.push("a gap in the numbers");
  if (state.epoch !== occurrence.epoch) faults.push("another epoch than its cause");
  if (memory === null) return faults;
  if (state.epoch < memory.last.state.epoch) faults.push("an epoch went back");
  if (memory.last.state.status === "CLOSED") faults.push("something followed the end");
  return faults;
}

/** Rules 3.1 and 6.6: while nothing is written nothing may fall due, up to and including the epoch. */
function idleFaults({ last, known, unmet }: Memory, upTo: Epoch): string[] {
  const { status } = last.state;
  if (status === "CLOSED") return [];
  const faults: string[] = [];
  for (let epoch = last.state.epoch + 1n; epoch <= upTo; epoch += 1n) {
    if (epoch > known.sources.SHIPMENT_WINDOW.content.last) faults.push(`open at ${epoch}`);
    else if (isGood(status)) {
      const found = holdsAt(viewAt(known, epoch), unmet).map(refOf);
      faults.push(...found.map((ref) => `${status} at ${epoch} while ${ref}`));
    }
  }
  return faults;
}

function isGood(status: PacketStatus): boolean {
  return status === "READY_FOR_APPROVAL" || status === "APPROVED";
}

/** Rules 4.2.2 and 3.5: the register as its transitions tell it, against the one that the packet shows. */
function follow(
  memory: Memory | null,
  { state, opened, cleared, outOfScope }: Revised,
): { open: ReadonlyMap<string, OpenHold>; openings: number; faults: string[] } {
  const open = new Map(memory?.open);
  const faults: string[] = [];
  for (const hold of [...cleared, ...outOfScope]) {
    if (!open.delete(refOf(hold))) faults.push(`${refOf(hold)} ended though it was not open`);
    if (hold.endedRevision !== state.revision) faults.push(`${refOf(hold)} ended at another time`);
  }
  let openings = memory?.openings ?? 0;
  for (const { code, subject, ordinal } of opened) {
    openings += 1;
    const since = { sinceRevision: state.revision, sinceEpoch: state.epoch };
    if (open.has(`${code} ${subject}`)) faults.push(`${code} ${subject} opened twice`);
    if (ordinal !== openings) faults.push(`opening ${openings} has ordinal ${ordinal}`);
    open.set(`${code} ${subject}`, { code, subject, ordinal, ...since });
  }
  const shown = new Map(openHolds(state).map((hold) => [refOf(hold), sinceOf(hold)]));
  const followed = new Map([...open].map(([ref, hold]) => [ref, sinceOf(hold)]));
  for (const [ref, since] of followed) {
    if (shown.get(ref) !== since) faults.push(`${ref} since ${since} is shown ${shown.get(ref)}`);
  }
  for (const ref of shown.keys()) if (!followed.has(ref)) faults.push(`${ref} never opened`);
  return { open, openings, faults };
}

function sinceOf({ sinceRevision, sinceEpoch, ordinal }: Omit<OpenHold, keyof HoldRef>): string {
  return `${sinceRevision}@${sinceEpoch}#${ordinal}`;
}

/** Rule 3.5: no hold goes away but by evidence that clears it, or by its subject leaving the scope. */
function endingFaults(
  { occurrence, opened, cleared, outOfScope }: Revised,
  view: View,
  unmet: readonly HoldRef[],
): string[] {
  const { fact } = occurrence;
  const still = new Set(unmet.map(refOf));
  const faults: string[] = [];
  const fault = (hold: Hold, what: string): void => {
    faults.push(`${refOf(hold)} was ${what} by ${fact.kind}`);
  };
  for (const hold of [...cleared, ...outOfScope]) {
    if (still.has(refOf(hold))) fault(hold, "ended though it is unmet,");
  }
  for (const hold of cleared) {
    if (!mayClear(fact, hold.code) && !isSeatsOfTime(occurrence, opened, hold, view))
      fault(hold, "cleared");
    if (hasLeftScope(view, hold)) fault(hold, "cleared though out of scope,");
    if (hold.code === "OPERATOR_HOLD" && !isReleased(occurrence, hold)) fault(hold, "released");
  }
  for (const hold of outOfScope) {
    if (!mayRetire(fact, hold.code)) fault(hold, "out of scope");
    if (!hasLeftScope(view, hold)) fault(hold, "out of scope though in it,");
  }
  return faults;
}

const SEAT_CODES: readonly HoldCode[] = ["SIGNER_QUORUM_MISSING", "CUSTODY_GROUPS_MISSING"];

/**
 * Rule 4.1.6, the one thing that time mends: of shifts that overlap a person counts in the first,
 * so they are free for the later one once the first is over, or once their word for it has aged.
 * And seats that cannot be filled at all are no longer seats filled from too few groups.
 */
function isSeatsOfTime(
  { fact, epoch }: Occurrence,
  opened: readonly Hold[],
  hold: Hold,
  view: View,
): boolean {
  if (fact.kind !== "EPOCH_REACHED" || !SEAT_CODES.includes(hold.code)) return false;
  const { SHIFT_CALENDAR, QUORUM_POLICY, FRESHNESS_POLICY } = view.known.sources;
  const { shifts } = SHIFT_CALENDAR.content;
  const own = shifts.find((shift) => shift.shift === hold.subject);
  if (own === undefined) return false;
  const rivals = shifts.filter(
    (shift) => shift !== own && sharedEpochs(own, shift) > QUORUM_POLICY.content.handoverEpochs,
  );
  const isOver = rivals.some((shift) => shift.last + 1n === epoch);
  const isAged = wordsOf(view, "AVAILABILITY").some(
    (word) =>
      rivals.some((shift) => shift.shift === word.shift) &&
      word.observedEpoch + FRESHNESS_POLICY.content.availabilityMaxAge + 1n === epoch,
  );
  const isWorse = opened.some(
    (other) => SEAT_CODES.includes(other.code) && other.subject === hold.subject,
  );
  return isOver || isAged || isWorse;
}

function isReleased({ fact }: Occurrence, hold: Hold): boolean {
  return fact.kind === "OPERATOR_HOLD_RELEASED" && `${fact.placement}` === hold.subject;
}

/** Rule 3.1: the state follows from what is open, and is never good while anything is unmet. */
function statusFaults(
  { state }: Revised,
  open: ReadonlyMap<string, HoldRef>,
  unmet: readonly HoldRef[],
  { known, epoch }: View,
): string[] {
  const { status } = state;
  const isOver = known.withdrawn || epoch > known.sources.SHIPMENT_WINDOW.content.last;
  if (isOver || status === "CLOSED") {
    return isOver === (status === "CLOSED") ? [] : [`${status} though over: ${isOver}`];
  }
  const holds = [...open.values()];
  const expected = holds.some(isEscalating) ? "ESCALATED" : "ON_HOLD";
  if (holds.length > 0) return status === expected ? [] : [`${status} with ${expected} holds`];
  if (!isGood(status)) return [`${status} without a hold`];
  return unmet.map((hold) => `${status} while ${refOf(hold)}`);
}

/** Rule 3.2: the register shows every blocker. */
function unmetFaults(open: ReadonlyMap<string, HoldRef>, unmet: readonly HoldRef[]): string[] {
  const hidden = unmet.map(refOf).filter((ref) => !open.has(ref));
  return hidden.map((ref) => `${ref} is not shown`);
}
