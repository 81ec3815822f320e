import type { Epoch } from "#packet/epoch.ts";
import type { EntryId, Name } from "#packet/name.ts";
import { countingByShift } from "./quorum.ts";
import { absencesSurvived, breakingAbsences } from "./seats.ts";
import type { PacketState } from "./state.ts";
import { type Reached, reachEpoch } from "./lapse.ts";
import { type Revised, nextDue } from "./revise.ts";
import { shiftsLeft } from "./window.ts";

/** How far a forecast looks: no more revisions than this, which a packet of any size stays below. */
const FORECAST_REVISIONS_MAX = 1000;

/** The packet at a later epoch, all else unchanged. */
export function readinessAt(state: PacketState, epoch: Epoch): Reached {
  return reachEpoch(state, epoch);
}

/** Every revision that time alone will write, in order, the one that closes the packet last. */
export function forecast(state: PacketState): Revised[] {
  const lapses: Revised[] = [];
  let current = state;
  for (let due = nextDue(current); due !== null; due = nextDue(current)) {
    const reached = reachEpoch(current, due);
    lapses.push(...reached.lapses);
    current = reached.view;
    if (lapses.length >= FORECAST_REVISIONS_MAX) break;
  }
  return lapses;
}

/** The first thing to go wrong by itself, and what to renew against it. */
export interface EarliestLapse {
  readonly epoch: Epoch;
  readonly revised: Revised;
  /** The entries behind the holds that will open, oldest first: what to renew before the epoch. */
  readonly renewFirst: readonly EntryId[];
}

/** The earliest forecast revision that opens a hold or ends the packet; null for a closed packet. */
export function earliestLapse(state: PacketState): EarliestLapse | null {
  const known = earliest.get(state);
  if (known !== undefined) return known;
  const found = findEarliest(state);
  earliest.set(state, found);
  return found;
}

/** A state never changes, and many may ask of one. */
const earliest = new WeakMap<PacketState, EarliestLapse | null>();

function findEarliest(state: PacketState): EarliestLapse | null {
  const revised = forecast(state).find(
    (item) => item.opened.length > 0 || item.state.closing !== null,
  );
  if (revised === undefined) return null;
  const renewFirst = [...new Set(revised.opened.flatMap((hold) => hold.evidence))];
  return { epoch: revised.state.epoch, revised, renewFirst: oldestFirst(state, renewFirst) };
}

function oldestFirst(state: PacketState, wanted: readonly EntryId[]): EntryId[] {
  const ids = new Set(wanted);
  const entries = state.facts.evidence
    .valuesArray()
    .flat()
    .filter((entry) => ids.has(entry.entry));
  return entries
    .toSorted((left, right) =>
      left.observedEpoch === right.observedEpoch
        ? 0
        : left.observedEpoch < right.observedEpoch
          ? -1
          : 1,
    )
    .map((entry) => entry.entry);
}

/** How much a shift's quorum can bear. */
export interface ShiftArithmetic {
  readonly shift: Name;
  /** How many people count in it. */
  readonly people: number;
  /** How many absences it survives, whoever is absent; -1 when its seats cannot be filled as it is. */
  readonly absencesSurvived: number;
  /** Whose single absence would break it. */
  readonly breakingAbsences: readonly Name[];
}

/** The arithmetic of every shift of the rest of the window. */
export function shiftArithmetic(state: PacketState, epoch: Epoch): ShiftArithmetic[] {
  const policy = state.facts.sources.QUORUM_POLICY.content;
  const counting = countingByShift(state.facts, { epoch, ageless: false });
  return shiftsLeft(state.facts, epoch).map(({ shift }) => {
    const people = counting.get(shift) ?? [];
    return {
      shift,
      people: people.length,
      absencesSurvived: absencesSurvived(policy, people),
      breakingAbsences: breakingAbsences(policy, people),
    };
  });
}
