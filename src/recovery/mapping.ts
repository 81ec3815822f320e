import type {
  Interval,
  ShiftCalendar,
  ShiftCalendarProposal,
  ShipmentWindow,
  ShipmentWindowProposal,
} from "#packet/calendar.ts";
import { EPOCH_MAX, type Epoch, type TimeMapping } from "#packet/epoch.ts";
import { type Fault, InvalidInput } from "#packet/refusal.ts";
import { type Clock, type ClockRate, rateInForce } from "./clock.ts";

/** The mapping in force: epochs counted from the clock's anchor. */
export function mappingOf(clock: Clock, configured: ClockRate): TimeMapping {
  return {
    anchorEpoch: clock.anchorEpoch,
    anchorAt: new Date(clock.anchorAt).toISOString(),
    epochMs: rateInForce(clock, configured).epochMs,
    generation: clock.generation,
  };
}

interface Span {
  readonly startsAt: string;
  readonly endsAt: string;
}

/** The epoch, perhaps with a fraction, at which a time falls: whole part and whether anything remains. */
function locate(mapping: TimeMapping, time: string): { epoch: bigint; within: boolean } {
  const elapsed = BigInt(Date.parse(time) - Date.parse(mapping.anchorAt));
  const length = BigInt(mapping.epochMs);
  const remainder = ((elapsed % length) + length) % length;
  return { epoch: mapping.anchorEpoch + (elapsed - remainder) / length, within: remainder > 0n };
}

/** When an epoch ends by the mapping, for people: it decides nothing (rule 6.4). Null past what a date can tell. */
export function endOf(mapping: TimeMapping, epoch: Epoch): Date | null {
  const epochs = epoch + 1n - mapping.anchorEpoch;
  const end = new Date(Date.parse(mapping.anchorAt) + Number(epochs) * mapping.epochMs);
  return Number.isNaN(end.getTime()) ? null : end;
}

/** Every epoch that lies wholly inside the span; `last < first` when there is none. */
export function epochsInside(mapping: TimeMapping, span: Span): Interval {
  const start = locate(mapping, span.startsAt);
  const end = locate(mapping, span.endsAt);
  return { first: start.within ? start.epoch + 1n : start.epoch, last: end.epoch - 1n };
}

/** Every epoch that the span touches. */
export function epochsTouched(mapping: TimeMapping, span: Span): Interval {
  const end = locate(mapping, span.endsAt);
  return {
    first: locate(mapping, span.startsAt).epoch,
    last: end.within ? end.epoch : end.epoch - 1n,
  };
}

/** Rule 6.3: a window demands every epoch that it touches. */
export function mapWindow(
  proposal: ShipmentWindowProposal,
  mapping: TimeMapping,
): ShipmentWindow | InvalidInput {
  const window = { ...proposal, ...epochsTouched(mapping, proposal), mapping };
  const fault = spanFault(window, ["endsAt"]);
  return fault === null ? window : new InvalidInput([fault]);
}

/**
 * Rules 6.3 and 4.2.1: a shift or interval covers only the epochs wholly inside it,
 * but an epoch in which one shift ends and another starts is the later one's, and one
 * shared with a NO_SIGNING interval is the interval's, which keeps the gate CLOSED.
 */
export function mapCalendar(
  proposal: ShiftCalendarProposal,
  mapping: TimeMapping,
): ShiftCalendar | InvalidInput {
  const ends = new Set(proposal.shifts.map((shift) => Date.parse(shift.endsAt)));
  const starts = new Set(proposal.shifts.map((shift) => Date.parse(shift.startsAt)));
  const shifts = proposal.shifts.map((shift) => {
    const inside = epochsInside(mapping, shift);
    const takesOver = ends.has(Date.parse(shift.startsAt));
    const first = takesOver ? locate(mapping, shift.startsAt).epoch : inside.first;
    return { ...shift, first, last: inside.last };
  });
  const noSigning = proposal.noSigning.map((interval) => {
    const inside = epochsInside(mapping, interval);
    const start = locate(mapping, interval.startsAt).epoch;
    const end = locate(mapping, interval.endsAt);
    const first = ends.has(Date.parse(interval.startsAt)) ? start : inside.first;
    const last = starts.has(Date.parse(interval.endsAt)) && end.within ? end.epoch : inside.last;
    return { ...interval, first, last };
  });
  const faults = calendarFaults(shifts, noSigning);
  if (faults.length > 0) return new InvalidInput(faults);
  return { kind: "SHIFT_CALENDAR", shifts, noSigning, mapping };
}

function calendarFaults(shifts: readonly Interval[], noSigning: readonly Interval[]): Fault[] {
  const faults: Fault[] = [];
  const push = (fault: Fault | null): void => {
    if (fault !== null) faults.push(fault);
  };
  for (const [index, shift] of shifts.entries())
    push(spanFault(shift, ["shifts", index, "endsAt"]));
  for (const [index, interval] of noSigning.entries()) {
    const path = ["noSigning", index];
    push(spanFault(interval, [...path, "endsAt"]));
    if (shifts.some((shift) => shift.first <= interval.last && interval.first <= shift.last)) {
      faults.push({ path, message: "shares an epoch with a shift: signing is planned there" });
    }
  }
  return faults;
}

function spanFault(interval: Interval, path: Fault["path"]): Fault | null {
  const outside = "lies outside the epochs that the clock can count";
  if (interval.first < 0n) return { path: [...path.slice(0, -1), "startsAt"], message: outside };
  if (interval.last > EPOCH_MAX) return { path, message: outside };
  return interval.first > interval.last
    ? { path, message: "covers no whole epoch: make it longer" }
    : null;
}

/** True when the epoch lies in the interval. */
export function covers(interval: Interval, epoch: Epoch): boolean {
  return interval.first <= epoch && epoch <= interval.last;
}
