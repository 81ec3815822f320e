import type { Name } from "#packet/name.ts";
import { compareNames } from "#packet/name.ts";
import type { QuorumPolicy, RosterPerson, SeatRole } from "#packet/quorum.ts";
import type { SeatHolder } from "#packet/approval.ts";

/**
 * Quorum arithmetic (rule 4.1.6), exact for any roster. Seats are filled at once
 * by distinct people with the seats' roles, and the SIGNER seats come from at
 * least so many custody groups. Whether that can be done is a flow problem whose
 * minimal cuts are the sets of roles, so Hall's condition over those few sets
 * decides it without search, also when people have several roles.
 */

/** What remains to be filled, and how many further custody groups the signers must come from. */
interface Demand {
  readonly seats: ReadonlyMap<SeatRole, number>;
  readonly groups: number;
  readonly coveredGroups: ReadonlySet<Name>;
}

/** One condition that must hold: enough people behind `need` seats. */
interface Condition {
  readonly need: number;
  /** People who can take one of the seats. */
  readonly people: number;
  /** For the custody groups: signers outside `people`, counted by group. */
  readonly groupSizes: readonly number[];
}

/** Why seats cannot be filled; null when they can. */
export type Shortage = "SEATS" | "GROUPS";

function demandOf(policy: QuorumPolicy): Demand {
  const seats = new Map(policy.seats.map((item) => [item.role, item.count]));
  return { seats, groups: policy.minCustodyGroups, coveredGroups: new Set() };
}

interface Asked {
  readonly people: readonly RosterPerson[];
  readonly short: Shortage | null;
}

/** The last answers for a policy: of most revisions no shift's people change, and many shifts have the same. */
const answers = new WeakMap<QuorumPolicy, readonly Asked[]>();
const ANSWERS_KEPT_MAX = 8;

/** Whether the people can fill every seat of the policy at once. */
export function shortage(policy: QuorumPolicy, people: readonly RosterPerson[]): Shortage | null {
  const known = answers.get(policy) ?? [];
  const same = known.find((asked) => isSameList(asked.people, people));
  if (same !== undefined) return same.short;
  const short = shortageOf(demandOf(policy), people);
  answers.set(policy, [{ people, short }, ...known].slice(0, ANSWERS_KEPT_MAX));
  return short;
}

function isSameList(some: readonly RosterPerson[], others: readonly RosterPerson[]): boolean {
  return some.length === others.length && some.every((person, at) => person === others[at]);
}

function shortageOf(demand: Demand, people: readonly RosterPerson[]): Shortage | null {
  const { seats, groups } = conditions(demand, people);
  if (seats.some((condition) => slack(condition) < 0)) return "SEATS";
  return groups.some((condition) => slack(condition) < 0) ? "GROUPS" : null;
}

function slack(condition: Condition): number {
  return condition.people + condition.groupSizes.length - condition.need;
}

function conditions(
  demand: Demand,
  people: readonly RosterPerson[],
): { seats: Condition[]; groups: Condition[] } {
  const seats: Condition[] = [];
  const groups: Condition[] = [];
  for (const roles of subsets([...demand.seats.keys()])) {
    const need = roles.reduce((sum, role) => sum + (demand.seats.get(role) ?? 0), 0);
    const able = people.filter((person) => person.roles.some((role) => roles.includes(role)));
    seats.push({ need, people: able.length, groupSizes: [] });
    if (roles.includes("SIGNER")) continue;
    const groupSizes = signersByGroup(demand, people, new Set(able));
    groups.push({ need: need + demand.groups, people: able.length, groupSizes });
  }
  return { seats, groups };
}

function signersByGroup(
  demand: Demand,
  people: readonly RosterPerson[],
  able: ReadonlySet<RosterPerson>,
): number[] {
  const sizes = new Map<Name, number>();
  for (const person of people) {
    const counts =
      person.roles.includes("SIGNER") && !demand.coveredGroups.has(person.custodyGroup);
    if (!counts || able.has(person)) continue;
    sizes.set(person.custodyGroup, (sizes.get(person.custodyGroup) ?? 0) + 1);
  }
  return [...sizes.values()];
}

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}

/** How many of the people may be absent, whoever they are, before seats stay empty; -1 when they do already. */
export function absencesSurvived(policy: QuorumPolicy, people: readonly RosterPerson[]): number {
  const { seats, groups } = conditions(demandOf(policy), people);
  const costs = [...seats, ...groups]
    .filter((condition) => condition.need > 0)
    .map(absencesToBreak);
  return Math.min(...costs) - 1;
}

/** The fewest absences after which a condition fails: each person counts one, a whole custody group its size. */
function absencesToBreak(condition: Condition): number {
  const slackNow = slack(condition);
  if (slackNow < 0) return 0;
  const costs = [...Array.from({ length: condition.people }, () => 1), ...condition.groupSizes];
  return costs
    .toSorted((left, right) => left - right)
    .slice(0, slackNow + 1)
    .reduce((sum, cost) => sum + cost, 0);
}

/** The people whose single absence would leave a seat empty, in order of name; none when one is empty already. */
export function breakingAbsences(policy: QuorumPolicy, people: readonly RosterPerson[]): Name[] {
  if (absencesSurvived(policy, people) !== 0) return [];
  return people
    .filter(
      (absent) =>
        shortage(
          policy,
          people.filter((person) => person !== absent),
        ) !== null,
    )
    .map((person) => person.person)
    .toSorted(compareNames);
}

/** Rule 5.4: the least seating in policy seat order and person; null when the seats cannot be filled. */
export function leastSeating(
  policy: QuorumPolicy,
  people: readonly RosterPerson[],
): SeatHolder[] | null {
  let demand = demandOf(policy);
  if (shortageOf(demand, people) !== null) return null;
  let left = people.toSorted((one, other) => compareNames(one.person, other.person));
  const holders: SeatHolder[] = [];
  for (const { role, count } of policy.seats) {
    for (let seat = 0; seat < count; seat += 1) {
      const taken = left.find((person) => canSit(demand, left, person, role));
      if (taken === undefined) return null;
      demand = without(demand, taken, role);
      left = left.filter((person) => person !== taken);
      holders.push({ role, person: taken.person });
    }
  }
  return holders;
}

function canSit(
  demand: Demand,
  left: readonly RosterPerson[],
  person: RosterPerson,
  role: SeatRole,
): boolean {
  if (!person.roles.includes(role)) return false;
  const rest = left.filter((other) => other !== person);
  const remaining = without(demand, person, role);
  const signers = remaining.seats.get("SIGNER") ?? 0;
  return remaining.groups <= signers && shortageOf(remaining, rest) === null;
}

function without(demand: Demand, person: RosterPerson, role: SeatRole): Demand {
  const seats = new Map(demand.seats);
  seats.set(role, (seats.get(role) ?? 0) - 1);
  const isNewGroup = role === "SIGNER" && !demand.coveredGroups.has(person.custodyGroup);
  if (!isNewGroup) return { ...demand, seats };
  const coveredGroups = new Set(demand.coveredGroups).add(person.custodyGroup);
  return { seats, groups: Math.max(0, demand.groups - 1), coveredGroups };
}

/** Whether a seating still holds: the policy's seats in order, distinct people who count, enough groups. */
export function isValidSeating(
  policy: QuorumPolicy,
  people: readonly RosterPerson[],
  seats: readonly SeatHolder[],
): boolean {
  const seated = new Set<Name>();
  const groups = new Set<Name>();
  for (const { role, count } of policy.seats) {
    for (let seat = 0; seat < count; seat += 1) {
      const holder = seats[seated.size];
      const person = people.find((able) => able.person === holder?.person);
      if (person === undefined || holder?.role !== role || seated.has(person.person)) return false;
      if (!person.roles.includes(role)) return false;
      seated.add(person.person);
      if (role === "SIGNER") groups.add(person.custodyGroup);
    }
  }
  if (seated.size < seats.length) return false;
  return groups.size >= policy.minCustodyGroups;
}
