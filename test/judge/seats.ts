import type { RosterPerson, SeatRole, Shift } from "./shapes.ts";
import { sharedEpochs, shiftsOfTheRest } from "./time.ts";
import { isGood, isRevoked, wordsOf } from "./words.ts";
import type { View } from "./words.ts";

/** One filled seat. */
export interface SeatHolder {
  readonly role: SeatRole;
  readonly person: string;
}

/** Whether the person's counting word for the shift is a COMMITTED that has not aged. */
export function isCommitted(view: View, person: string, shift: string): boolean {
  return wordsOf(view, "AVAILABILITY").some(
    (word) => word.person === person && word.shift === shift && isGood(view, word),
  );
}

// Reading 11: on the roster, unrevoked, COMMITTED; the sharing of shifts aside.
function isEligible(view: View, person: string, shift: string): boolean {
  return isCommitted(view, person, shift) && !isRevoked(view, person);
}

// Rule 4.1.6, reading 11: in which shifts of the rest of the window one person counts.
function shiftsWherePersonCounts(view: View, person: string): Shift[] {
  const { handoverEpochs } = view.known.sources.QUORUM_POLICY.content;
  const counted: Shift[] = [];
  for (const shift of shiftsOfTheRest(view)) {
    const conflicts = counted.some((earlier) => sharedEpochs(earlier, shift) > handoverEpochs);
    if (!conflicts && isEligible(view, person, shift.shift)) counted.push(shift);
  }
  return counted;
}

const counted = new WeakMap<View, Map<string, RosterPerson[]>>();

/** The people of the roster who count in the shift, by name. */
export function peopleCounting(view: View, shift: string): RosterPerson[] {
  const known = counted.get(view) ?? new Map<string, RosterPerson[]>();
  counted.set(view, known);
  const people = known.get(shift) ?? findPeopleCounting(view, shift);
  known.set(shift, people);
  return people;
}

function findPeopleCounting(view: View, shift: string): RosterPerson[] {
  return view.known.sources.ROSTER.content.people
    .filter((item) =>
      shiftsWherePersonCounts(view, item.person).some((counted) => counted.shift === shift),
    )
    .sort((a, b) => (a.person < b.person ? -1 : 1));
}

/** The role of every seat in policy seat order, `SIGNER x 2` being two seats. */
export function seatRoles(view: View): SeatRole[] {
  return view.known.sources.QUORUM_POLICY.content.seats.flatMap((seats) =>
    Array.from({ length: seats.count }, () => seats.role),
  );
}

/** Every way to fill the seats with distinct people who have the seat's role; least first, by seat, then person. */
export function waysToSit(
  people: readonly RosterPerson[],
  roles: readonly SeatRole[],
): SeatHolder[][] {
  const [role, ...otherRoles] = roles;
  if (role === undefined) return [[]];
  return people
    .filter((item) => item.roles.includes(role))
    .flatMap((item) => {
      const others = people.filter((other) => other.person !== item.person);
      const rests = waysToSit(others, otherRoles);
      return rests.map((rest) => [{ role, person: item.person }, ...rest]);
    });
}

/** Rule 4.1.6: whether the SIGNER seats come from enough custody groups. */
export function hasEnoughGroups(view: View, seats: readonly SeatHolder[]): boolean {
  const { people } = view.known.sources.ROSTER.content;
  const signers = seats.filter((seat) => seat.role === "SIGNER").map((seat) => seat.person);
  const groups = people.filter((item) => signers.includes(item.person));
  const distinct = new Set(groups.map((item) => item.custodyGroup));
  return distinct.size >= view.known.sources.QUORUM_POLICY.content.minCustodyGroups;
}

// The same few people sit in the same few seats over and over: each answer is worked out once.
const seatings = new Map<string, SeatHolder[][]>();

/** Every valid seating of these people: all seats, enough groups; least first. */
export function validSeatings(view: View, people: readonly RosterPerson[]): SeatHolder[][] {
  const roles = seatRoles(view);
  const { minCustodyGroups } = view.known.sources.QUORUM_POLICY.content;
  const question = JSON.stringify([people, roles, minCustodyGroups]);
  const answer =
    seatings.get(question) ??
    waysToSit(people, roles).filter((seats) => hasEnoughGroups(view, seats));
  seatings.set(question, answer);
  return answer;
}
