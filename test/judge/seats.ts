import type { ContentOf, RosterPerson, SeatRole, Shift } from "./shapes.ts";
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

const counting = new WeakMap<View, ReadonlyMap<string, readonly RosterPerson[]>>();

/** The people of the roster who count in the shift, by name. */
export function peopleCounting(view: View, shift: string): readonly RosterPerson[] {
  const known = counting.get(view) ?? findPeopleCounting(view);
  counting.set(view, known);
  return known.get(shift) ?? [];
}

function findPeopleCounting(view: View): Map<string, RosterPerson[]> {
  const people = new Map<string, RosterPerson[]>();
  const roster = [...view.known.sources.ROSTER.content.people];
  for (const item of roster.sort((a, b) => (a.person < b.person ? -1 : 1))) {
    for (const { shift } of shiftsWherePersonCounts(view, item.person)) {
      people.set(shift, [...(people.get(shift) ?? []), item]);
    }
  }
  return people;
}

const rolesOf = new WeakMap<ContentOf<"QUORUM_POLICY">, readonly SeatRole[]>();

/** The role of every seat in policy seat order, `SIGNER x 2` being two seats. */
export function seatRoles(view: View): readonly SeatRole[] {
  const policy = view.known.sources.QUORUM_POLICY.content;
  const roles =
    rolesOf.get(policy) ??
    policy.seats.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  rolesOf.set(policy, roles);
  return roles;
}

// The same few people sit in the same few seats over and over: each answer is worked out once.
const ways = new Map<string, SeatHolder[][]>();

/** Every way to fill the seats with distinct people who have the seat's role; least first, by seat, then person. */
export function waysToSit(
  people: readonly RosterPerson[],
  roles: readonly SeatRole[],
): readonly SeatHolder[][] {
  const question = JSON.stringify([people.map((item) => [item.person, item.roles]), roles]);
  const answer = ways.get(question) ?? findWaysToSit(people, roles);
  ways.set(question, answer);
  return answer;
}

function findWaysToSit(
  people: readonly RosterPerson[],
  roles: readonly SeatRole[],
): SeatHolder[][] {
  const [role, ...otherRoles] = roles;
  if (role === undefined) return [[]];
  return people
    .filter((item) => item.roles.includes(role))
    .flatMap((item) => {
      const others = people.filter((other) => other.person !== item.person);
      const rests = findWaysToSit(others, otherRoles);
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

const seatings = new Map<string, SeatHolder[][]>();

const texts = new WeakMap<readonly SeatHolder[], string>();

/** Whether two seatings put the same people in the same seats. */
export function isSameSeating(a: readonly SeatHolder[], b: readonly SeatHolder[]): boolean {
  return seatingText(a) === seatingText(b);
}

function seatingText(seats: readonly SeatHolder[]): string {
  const text = texts.get(seats) ?? JSON.stringify(seats);
  texts.set(seats, text);
  return text;
}

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
