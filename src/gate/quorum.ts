import type { Material, SeatHolder, Seating } from "#packet/approval.ts";
import type { Shift } from "#packet/calendar.ts";
import type { EntryOf } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Finding } from "#packet/hold.ts";
import type { Name } from "#packet/name.ts";
import type { RosterPerson } from "#packet/quorum.ts";
import { type Moment, Notes, isFresh } from "./evidence.ts";
import { isValidSeating, leastSeating, shortage } from "./seats.ts";
import type { Facts, Verdict } from "./state.ts";
import { restOfWindow, sharedEpochs, shiftsLeft, uncoveredRuns } from "./window.ts";
import { type Words, wordsOn } from "./words.ts";

/** The people who count in each shift of the rest of the window. */
export type Counting = ReadonlyMap<Name, readonly RosterPerson[]>;

/** A person's word for a shift, when it counts and is COMMITTED. */
function commitmentOf(
  words: Words<"AVAILABILITY">,
  person: Name,
): EntryOf<"AVAILABILITY"> | undefined {
  const word = words.get(person)?.counting;
  return word?.status === "COMMITTED" ? word : undefined;
}

/** True when the person is committed to the shift and the commitment has not aged. */
export function isCommitted(facts: Facts, shift: Name, person: Name, at: Moment): boolean {
  const word = commitmentOf(wordsOn(facts, "AVAILABILITY", shift), person);
  return (
    word !== undefined &&
    isFresh(word, facts.sources.FRESHNESS_POLICY.content.availabilityMaxAge, at)
  );
}

interface Counted {
  readonly epoch: Epoch;
  readonly now?: Counting;
  readonly ageless?: Counting;
}

const counted = new WeakMap<Facts, Counted>();

/** Rule 4.1.6: who counts where; judgement and seating ask it of the same facts, which are counted once. */
export function countingByShift(facts: Facts, at: Moment): Counting {
  const last = counted.get(facts);
  const known = last?.epoch === at.epoch ? last : { epoch: at.epoch };
  const which = at.ageless ? "ageless" : "now";
  const counting = known[which] ?? count(facts, at);
  counted.set(facts, { ...known, [which]: counting });
  return counting;
}

/** Of shifts that overlap too much, a person counts only in the first by start, then name. */
function count(facts: Facts, at: Moment): Counting {
  const { handoverEpochs } = facts.sources.QUORUM_POLICY.content;
  const shifts = shiftsLeft(facts, at.epoch);
  const counting = new Map<Name, RosterPerson[]>(shifts.map((shift) => [shift.shift, []]));
  for (const person of facts.sources.ROSTER.content.people) {
    if (facts.revoked.has(person.person)) continue;
    const taken: Shift[] = [];
    for (const shift of shifts) {
      const conflicts = taken.some((other) => sharedEpochs(shift, other) > handoverEpochs);
      if (conflicts || !isCommitted(facts, shift.shift, person.person, at)) continue;
      taken.push(shift);
      counting.get(shift.shift)?.push(person);
    }
  }
  return counting;
}

/** Rule 4.1.6: the seats of every shift, and the coverage of the window by shifts. */
export function judgeQuorum(facts: Facts, epoch: Epoch): Verdict {
  const notes = new Notes(facts, epoch);
  const shifts = shiftsLeft(facts, epoch);
  for (const shift of shifts) {
    notes.lookAgain(shift.last + 1n);
    noteAvailability(facts, shift, notes);
  }
  const holds = [
    ...shifts.flatMap((shift) => seatFindings(facts, shift, epoch)),
    ...coverageGaps(facts, epoch, shifts),
  ];
  for (const run of uncoveredRuns(facts, epoch)) notes.lookAgain(run.last + 1n);
  return { holds, advisories: notes.advisories, due: notes.due };
}

function noteAvailability(facts: Facts, shift: Shift, notes: Notes): void {
  const { availabilityMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  const words = wordsOn(facts, "AVAILABILITY", shift.shift);
  for (const { person } of facts.sources.ROSTER.content.people) {
    const word = commitmentOf(words, person);
    if (word !== undefined) notes.goodNews(word, availabilityMaxAge);
    notes.unaccepted(words.get(person)?.unaccepted);
  }
}

function seatFindings(facts: Facts, shift: Shift, epoch: Epoch): Finding[] {
  const policy = facts.sources.QUORUM_POLICY.content;
  const people = countingByShift(facts, { epoch, ageless: false }).get(shift.shift) ?? [];
  const short = shortage(policy, people);
  if (short === null) return [];
  const code = short === "SEATS" ? "SIGNER_QUORUM_MISSING" : "CUSTODY_GROUPS_MISSING";
  const ageless = countingByShift(facts, { epoch, ageless: true });
  const byAge = shortage(policy, ageless.get(shift.shift) ?? []) !== short;
  const evidence = wordsFor(facts, shift.shift).map((word) => word.entry);
  return [
    { code, subject: shift.shift, why: seatSentence(facts, shift, people, short), evidence, byAge },
  ];
}

/** Every counting word for a shift: also the withdrawal or the aged commitment that a hold rests on. */
export function wordsFor(facts: Facts, shift: Name): EntryOf<"AVAILABILITY">[] {
  const words = wordsOn(facts, "AVAILABILITY", shift);
  return facts.sources.ROSTER.content.people.flatMap(
    ({ person }) => words.get(person)?.counting ?? [],
  );
}

function seatSentence(
  facts: Facts,
  shift: Shift,
  people: readonly RosterPerson[],
  short: string,
): string {
  const policy = facts.sources.QUORUM_POLICY.content;
  if (short === "GROUPS") {
    const signers = people.filter((person) => person.roles.includes("SIGNER"));
    const groups = new Set(signers.map((person) => person.custodyGroup)).size;
    return `shift ${shift.shift}: its signers come from ${groups} custody groups, ${policy.minCustodyGroups} are needed at once`;
  }
  const counts = policy.seats.map((seats) => {
    const able = people.filter((person) => person.roles.includes(seats.role)).length;
    return `${able} of ${seats.count} ${seats.role}`;
  });
  return `shift ${shift.shift} cannot fill its seats at once: ${counts.join(", ")} among ${people.length} people`;
}

function coverageGaps(facts: Facts, epoch: Epoch, shifts: readonly Shift[]): Finding[] {
  const { last } = restOfWindow(facts, epoch);
  const gap = (lastEpoch: Epoch, why: string): Finding => ({
    code: "SHIFT_COVERAGE_GAP",
    subject: lastEpoch.toString(),
    why,
    evidence: [],
    byAge: false,
  });
  if (shifts.length === 0) return [gap(last, "no shift is left in the rest of the window")];
  return uncoveredRuns(facts, epoch).map((run) =>
    gap(run.last, `no shift covers the epochs that end with ${run.last}`),
  );
}

/** Rule 5.4 and reading 20: who sits in each shift of the rest of the window. */
export function seatingOf(
  facts: Facts,
  epoch: Epoch,
  approved: Material | null,
  previous: Material | null,
): Seating[] {
  const policy = facts.sources.QUORUM_POLICY.content;
  return shiftsLeft(facts, epoch).map(({ shift }) => {
    const earlier = [approved, previous].map((material) => seatsIn(material, shift));
    const keptBy = (people: readonly RosterPerson[]) =>
      earlier.find((seats) => seats !== null && isValidSeating(policy, people, seats));
    let people = countingByShift(facts, { epoch, ageless: false }).get(shift) ?? [];
    let kept = keptBy(people);
    // Seats that are still well taken show that they can be filled.
    if (kept === undefined && shortage(policy, people) !== null) {
      people = countingByShift(facts, { epoch, ageless: true }).get(shift) ?? [];
      if (shortage(policy, people) !== null) return { shift, seats: null };
      kept = keptBy(people);
    }
    return { shift, seats: kept ?? leastSeating(policy, people) };
  });
}

function seatsIn(material: Material | null, shift: Name): readonly SeatHolder[] | null {
  return material?.seating.find((seating) => seating.shift === shift)?.seats ?? null;
}
