import type { Interval, Shift } from "#packet/calendar.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Facts } from "./state.ts";

/** Rule 4.2.1: from the current epoch, or the window's first, to the window's last. Empty once that has passed. */
export function restOfWindow(facts: Facts, epoch: Epoch): Interval {
  const { first, last } = facts.sources.SHIPMENT_WINDOW.content;
  return { first: epoch > first ? epoch : first, last };
}

function meet(left: Interval, right: Interval): boolean {
  return left.first <= right.last && right.first <= left.last;
}

/** The shifts that share an epoch with the rest of the window, by first epoch, then name. */
export function shiftsLeft(facts: Facts, epoch: Epoch): Shift[] {
  const rest = restOfWindow(facts, epoch);
  return facts.shifts.filter((shift) => meet(shift, rest));
}

/** How many epochs two shifts share. */
export function sharedEpochs(left: Interval, right: Interval): bigint {
  const first = left.first > right.first ? left.first : right.first;
  const last = left.last < right.last ? left.last : right.last;
  return last < first ? 0n : last - first + 1n;
}

/** The unbroken runs of uncovered epochs in the rest of the window. */
export function uncoveredRuns(facts: Facts, epoch: Epoch): Interval[] {
  const rest = restOfWindow(facts, epoch);
  const covered = [...facts.shifts, ...facts.sources.SHIFT_CALENDAR.content.noSigning]
    .filter((interval) => meet(interval, rest))
    .toSorted((left, right) => (left.first < right.first ? -1 : left.first > right.first ? 1 : 0));
  const runs: Interval[] = [];
  let next = rest.first;
  for (const interval of covered) {
    if (interval.first > next) runs.push({ first: next, last: interval.first - 1n });
    if (interval.last >= next) next = interval.last + 1n;
  }
  if (next <= rest.last) runs.push({ first: next, last: rest.last });
  return runs;
}

/** True when the epoch lies in a declared NO_SIGNING interval, in which the gate is CLOSED. */
export function isNoSigning(facts: Facts, epoch: Epoch): boolean {
  const { noSigning } = facts.sources.SHIFT_CALENDAR.content;
  return noSigning.some((interval) => interval.first <= epoch && epoch <= interval.last);
}
