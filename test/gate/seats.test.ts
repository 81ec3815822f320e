import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { QuorumPolicy, RosterPerson, SeatRole } from "#packet/quorum.ts";
import {
  absencesSurvived,
  breakingAbsences,
  isValidSeating,
  leastSeating,
  shortage,
} from "#gate/seats.ts";
import { rosterPerson } from "./train.ts";

function policy(seats: QuorumPolicy["seats"], minCustodyGroups = 1): QuorumPolicy {
  return { kind: "QUORUM_POLICY", seats, minCustodyGroups, handoverEpochs: 0n };
}

function names(seating: readonly { person: string }[] | null): string[] | null {
  return seating?.map((seat) => seat.person) ?? null;
}

/** Every way to seat distinct people, seat by seat, in order of name: the honest and slow answer. */
function seatings(quorum: QuorumPolicy, people: readonly RosterPerson[]): RosterPerson[][] {
  const roles = quorum.seats.flatMap(({ role, count }) => Array<SeatRole>(count).fill(role));
  const sorted = people.toSorted((left, right) => (left.person < right.person ? -1 : 1));
  let found: RosterPerson[][] = [[]];
  for (const role of roles) {
    found = found.flatMap((seated) =>
      sorted
        .filter((person) => person.roles.includes(role) && !seated.includes(person))
        .map((person) => [...seated, person]),
    );
  }
  return found;
}

function enoughGroups(quorum: QuorumPolicy, seated: readonly RosterPerson[]): boolean {
  const roles = quorum.seats.flatMap(({ role, count }) => Array<SeatRole>(count).fill(role));
  const signers = seated.filter((_, index) => roles[index] === "SIGNER");
  return new Set(signers.map((item) => item.custodyGroup)).size >= quorum.minCustodyGroups;
}

function bruteShortage(quorum: QuorumPolicy, people: readonly RosterPerson[]): string | null {
  const all = seatings(quorum, people);
  if (all.length === 0) return "SEATS";
  return all.some((seated) => enoughGroups(quorum, seated)) ? null : "GROUPS";
}

function withoutEach<T>(items: readonly T[], absent: number): T[][] {
  if (absent === 0) return [[...items]];
  return items.flatMap((_, index) =>
    withoutEach(items.slice(index + 1), absent - 1).map((rest) => [
      ...items.slice(0, index),
      ...rest,
    ]),
  );
}

/** Absences of every size, tried one after another. */
function bruteAbsences(quorum: QuorumPolicy, people: readonly RosterPerson[]): number {
  for (let absent = 0; absent <= people.length; absent += 1) {
    const broken = withoutEach(people, absent).some((left) => bruteShortage(quorum, left) !== null);
    if (broken) return absent - 1;
  }
  return people.length;
}

const ROLES: readonly SeatRole[] = ["SIGNER", "CUSTODIAN", "WITNESS"];
const worlds = fc
  .record({
    people: fc.array(
      fc.record({
        roles: fc.subarray([...ROLES], { minLength: 1 }),
        group: fc.constantFrom("red", "blue", "green"),
      }),
      { maxLength: 5 },
    ),
    counts: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2), fc.nat(1)),
    order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ people, counts, order, groups }) => {
    const seats = order
      .map((index) => ({ role: ROLES[index] ?? "SIGNER", count: counts[index] ?? 0 }))
      .filter((item) => item.count > 0);
    return {
      quorum: policy(seats, Math.min(groups, counts[0])),
      people: people.map((item, index) => rosterPerson(`p${index}`, item.roles, item.group)),
    };
  });

describe("rule 4.1.6: seats are filled at once by distinct people", () => {
  const ana = rosterPerson("ana", ["SIGNER"], "red");
  const ben = rosterPerson("ben", ["SIGNER", "CUSTODIAN"], "red");
  const cleo = rosterPerson("cleo", ["CUSTODIAN"], "blue");
  const dan = rosterPerson("dan", ["SIGNER"], "blue");
  const oneEach = policy([
    { role: "SIGNER", count: 1 },
    { role: "CUSTODIAN", count: 1 },
  ]);

  test("one person in two roles fills one seat, not two", () => {
    expect(shortage(oneEach, [ben])).toBe("SEATS");
    expect(shortage(oneEach, [ben, ana])).toBeNull();
  });

  test("somebody with both roles leaves a seat to whoever has only one", () => {
    expect(names(leastSeating(oneEach, [ben, cleo]))).toEqual(["ben", "cleo"]);
    expect(names(leastSeating(oneEach, [ben, ana]))).toEqual(["ana", "ben"]);
    expect(names(leastSeating(oneEach, [ben, dan]))).toEqual(["dan", "ben"]);
  });

  test("people with several roles never deadlock one another, whatever the order of seats", () => {
    const both = ["ann", "bob", "cid", "dot"].map((name) =>
      rosterPerson(name, ["SIGNER", "CUSTODIAN", "WITNESS"], "red"),
    );
    for (const roles of [ROLES, ROLES.toReversed()]) {
      const seats = roles.map((role) => ({ role, count: role === "SIGNER" ? 2 : 1 }));
      expect(leastSeating(policy(seats), both)).toHaveLength(4);
      expect(leastSeating(policy(seats), both.slice(1))).toBeNull();
    }
  });

  test("custody groups count among the SIGNER seats alone", () => {
    const two = policy(
      [
        { role: "SIGNER", count: 2 },
        { role: "CUSTODIAN", count: 1 },
      ],
      2,
    );
    expect(shortage(two, [ana, ben, cleo])).toBe("GROUPS");
    expect(shortage(two, [ana, ben, cleo, dan])).toBeNull();
  });

  test("the least seating passes over a signer whose group is there already, when it must", () => {
    const two = policy([{ role: "SIGNER", count: 2 }], 2);
    expect(names(leastSeating(two, [ana, ben, dan]))).toEqual(["ana", "dan"]);
  });

  test("seats that cannot be filled come before groups that are missing", () => {
    const two = policy([{ role: "SIGNER", count: 2 }], 2);
    expect(shortage(two, [ana])).toBe("SEATS");
    expect(shortage(two, [ana, ben])).toBe("GROUPS");
  });

  test("a full roster is judged without searching through its seatings", () => {
    const crowd = Array.from({ length: 1000 }, (_, index) =>
      rosterPerson(`p${String(index).padStart(4, "0")}`, [...ROLES], `g${index % 7}`),
    );
    const seats = ROLES.map((role) => ({ role, count: 100 }));
    expect(shortage(policy(seats, 7), crowd)).toBeNull();
    expect(shortage(policy(seats, 8), crowd)).toBe("GROUPS");
    expect(absencesSurvived(policy(seats, 1), crowd)).toBe(700);
  });

  test("agrees with trying every seating, on any small roster", () => {
    fc.assert(
      fc.property(worlds, ({ quorum, people }) => {
        expect(shortage(quorum, people)).toBe(bruteShortage(quorum, people));
        const least = seatings(quorum, people).find((seated) => enoughGroups(quorum, seated));
        expect(names(leastSeating(quorum, people))).toEqual(names(least ?? null));
      }),
      { numRuns: 400 },
    );
  });

  test("a seating stands while its people count, have the roles and are of enough groups", () => {
    const two = policy(
      [
        { role: "SIGNER", count: 2 },
        { role: "CUSTODIAN", count: 1 },
      ],
      2,
    );
    const seated = leastSeating(two, [ana, ben, cleo, dan]) ?? [];
    expect(names(seated)).toEqual(["ana", "dan", "ben"]);
    const stands = (...people: RosterPerson[]): boolean => isValidSeating(two, people, seated);
    expect(stands(ana, ben, cleo, dan)).toBe(true);
    expect(stands(ana, ben, cleo)).toBe(false);
    expect(stands(ana, { ...ben, roles: ["SIGNER"] }, dan)).toBe(false);
    expect(stands(ana, ben, { ...dan, custodyGroup: "red" })).toBe(false);
    expect(isValidSeating(two, [ana, ben, dan], seated.slice(1))).toBe(false);
    const [first] = seated;
    const twice = first === undefined ? [] : [first, first, ...seated.slice(2)];
    expect(isValidSeating(two, [ana, ben, dan], twice)).toBe(false);
  });
});

describe("rule 4.1.6: the arithmetic of absences", () => {
  test("is exact on any small roster, by trying every absence", () => {
    fc.assert(
      fc.property(worlds, ({ quorum, people }) => {
        expect(absencesSurvived(quorum, people)).toBe(bruteAbsences(quorum, people));
        const breaking = people
          .filter((absent) => {
            const left = people.filter((person) => person !== absent);
            return bruteShortage(quorum, left) !== null;
          })
          .map((person) => person.person);
        const isFilled = bruteShortage(quorum, people) === null;
        expect(breakingAbsences(quorum, people)).toEqual(isFilled ? breaking : []);
      }),
      { numRuns: 300 },
    );
  });
});
