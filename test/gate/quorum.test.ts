import { describe, expect, test } from "vitest";
import type { ContentOf } from "#packet/source.ts";
import { openHolds } from "#gate/view.ts";
import { open, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, commitment, revocation, withdrawal } from "./reports.ts";
import { CONTENTS, OWNER, SHIFTS, calendar, goodNews, rosterPerson, shift } from "./train.ts";

const roster = CONTENTS.ROSTER.people;
const quorum = CONTENTS.QUORUM_POLICY;
const LATE = "SIGNER_QUORUM_MISSING late";

/** With nothing to spare: of signers ana and ben, and custodian dan, each is needed. */
function tight(...more: ContentOf<"ROSTER">["people"]): Desk {
  const people = [
    ...roster.filter(({ person }) => ["ana", "ben", "dan"].includes(person)),
    ...more,
  ];
  const reports = goodNews().filter(
    (report) =>
      report.kind !== "AVAILABILITY" || people.some(({ person }) => person === report.person),
  );
  return new Desk([{ kind: "ROSTER", people }, ages()], reports);
}

function seatHolds(desk: Desk): string[] {
  return open(desk).filter(
    (hold) => hold.startsWith("SIGNER_QUORUM") || hold.startsWith("CUSTODY_GROUPS"),
  );
}

describe("rule 4.1.6: the signer quorum of every shift", () => {
  test("is met when every shift of the rest of the window can be filled", () => {
    expect(open(tight())).toEqual([]);
  });

  test("a withdrawn signer opens a quorum hold on every shift they were seated in", () => {
    const desk = tight();
    tell(
      desk,
      SHIFTS.map((name) => withdrawal("ana", name)),
    );
    expect(open(desk)).toEqual(SHIFTS.map((name) => `SIGNER_QUORUM_MISSING ${name}`));
    expect(openHolds(desk.state)[1]?.why).toBe(
      "shift late cannot fill its seats at once: 1 of 2 SIGNER, 2 of 1 CUSTODIAN among 2 people",
    );
  });

  test("each shift asks for its own commitment", () => {
    const desk = tight();
    tell(desk, [withdrawal("ana", "late")]);
    expect(open(desk)).toEqual([LATE]);
    tell(desk, [commitment("ana", "late")]);
    expect(open(desk)).toEqual([]);
  });

  test("a revoked credential empties the person's seat in every shift", () => {
    const desk = tight();
    tell(desk, [revocation("ana")]);
    expect(seatHolds(desk)).toEqual(SHIFTS.map((name) => `SIGNER_QUORUM_MISSING ${name}`));
    desk.report([commitment("ana", "late")]);
    expect(seatHolds(desk)).toHaveLength(3);
  });

  test("somebody who is off the roster fills no seat, however committed", () => {
    const desk = tight();
    desk.accept({ kind: "ROSTER", people: roster.filter(({ person }) => person !== "ana") });
    expect(seatHolds(desk)).toHaveLength(3);
  });

  test("somebody sits only in a seat whose role they have", () => {
    const desk = tight();
    const people = roster.map((item) =>
      item.person === "ana" ? rosterPerson("ana", ["CUSTODIAN"], "red") : item,
    );
    desk.accept({ kind: "ROSTER", people: people.slice(0, 2).concat(people.slice(3, 4)) });
    expect(seatHolds(desk)).toHaveLength(3);
  });

  test("a commitment counts at exactly its greatest age, and not one epoch later", () => {
    const desk = new Desk([ages({ availabilityMaxAge: 4n })]);
    desk.pass(4n);
    expect(seatHolds(desk)).toEqual([]);
    desk.pass(1n);
    expect(seatHolds(desk)).toEqual(SHIFTS.map((name) => `SIGNER_QUORUM_MISSING ${name}`));
  });

  test("seats filled from too few custody groups are another hold", () => {
    const desk = tight(rosterPerson("fay", ["SIGNER"], "red"));
    tell(desk, [commitment("fay", "late"), withdrawal("ben", "late")]);
    expect(seatHolds(desk)).toEqual(["CUSTODY_GROUPS_MISSING late"]);
    tell(desk, [withdrawal("fay", "late")]);
    expect(seatHolds(desk)).toEqual([LATE]);
  });

  test("a stricter policy holds at once, and is met by who can fill it", () => {
    const desk = new Desk([ages()]);
    desk.accept({ ...quorum, minCustodyGroups: 3, seats: [{ role: "SIGNER", count: 3 }] });
    expect(open(desk)).toEqual([]);
    desk.accept({ ...quorum, minCustodyGroups: 3, seats: [{ role: "SIGNER", count: 5 }] });
    expect(open(desk)).toEqual(SHIFTS.map((name) => `SIGNER_QUORUM_MISSING ${name}`));
  });

  test("a shift that has ended asks for nobody", () => {
    const desk = tight();
    tell(desk, [withdrawal("ana", "early")]);
    desk.pass(5n);
    expect(open(desk)).toEqual(["SIGNER_QUORUM_MISSING early"]);
    desk.pass(1n);
    expect(open(desk)).toEqual([]);
    expect(desk.head.outOfScope.map((hold) => hold.subject)).toEqual(["early"]);
  });

  test("a shift wholly before the window's first epoch is none of its shifts", () => {
    const shifts = [shift("early", 8n, 9n), shift("late", 10n, 19n), shift("night", 20n, 24n)];
    const desk = new Desk([calendar(shifts)], goodNews());
    tell(
      desk,
      ["ana", "ben", "cleo", "eve"].map((name) => withdrawal(name, "early")),
    );
    expect(open(desk)).toEqual([]);
  });
});

describe("rule 4.1.6: shifts that overlap", () => {
  /** `early` and `late` share so many epochs. */
  function overlapping(shared: bigint, handoverEpochs: bigint): Desk {
    const shifts = [
      shift("early", 8n, 13n),
      shift("late", 14n - shared, 19n),
      shift("night", 20n, 24n),
    ];
    return new Desk([calendar(shifts), ages(), { ...quorum, handoverEpochs }]);
  }

  test("by no more than the handover: people count in both", () => {
    expect(open(overlapping(2n, 2n))).toEqual([]);
  });

  test("by one epoch more: people count in the first alone", () => {
    expect(seatHolds(overlapping(3n, 2n))).toEqual([LATE]);
    expect(seatHolds(overlapping(1n, 0n))).toEqual([LATE]);
  });

  test("who does not commit to the first counts in the second", () => {
    const desk = overlapping(3n, 2n);
    tell(
      desk,
      ["cleo", "eve", "dan"].map((name) => withdrawal(name, "early")),
    );
    const missing = seatHolds(desk);
    expect(missing).toContain("SIGNER_QUORUM_MISSING early");
    expect(missing).not.toContain(LATE);
  });

  test("of two that start together, the first by name is the first", () => {
    const shifts = [shift("zulu", 8n, 24n), shift("alfa", 8n, 24n)];
    const people = ["ana", "ben", "dan"];
    const both = people.flatMap((name) => [commitment(name, "alfa"), commitment(name, "zulu")]);
    const others = goodNews().filter((report) => report.kind !== "AVAILABILITY");
    const desk = new Desk([calendar(shifts), ages()], [...others, ...both]);
    expect(seatHolds(desk)).toEqual(["SIGNER_QUORUM_MISSING zulu"]);
  });

  test("once the first has ended, its people count in the second", () => {
    const desk = overlapping(3n, 2n);
    desk.pass(5n);
    expect(seatHolds(desk)).toEqual([LATE]);
    desk.pass(1n);
    expect(seatHolds(desk)).toEqual([]);
  });

  test("custody is present in both: the sharing of shifts binds seats alone (reading 12)", () => {
    const gaps = open(overlapping(3n, 2n)).filter((hold) => hold.startsWith("CUSTODY_COVERAGE"));
    expect(gaps).toEqual([]);
  });
});

describe("rule 2.2: whose word counts about availability", () => {
  test("a person's own, without being listed", () => {
    const desk = tight();
    tell(desk, [withdrawal("ana", "late")], "ana");
    expect(open(desk)).toEqual([LATE]);
    tell(desk, [commitment("ana", "late")], "ana");
    expect(open(desk)).toEqual([]);
  });

  test("not another person's", () => {
    const desk = tight();
    tell(desk, [withdrawal("ana", "late")], "ben");
    expect(open(desk)).toEqual([]);
  });

  test("never the approval owner's, about themselves or anybody", () => {
    const people = [
      ...roster.filter(({ person }) => ["ben", "dan"].includes(person)),
      rosterPerson(OWNER, ["SIGNER"], "red"),
    ];
    const desk = new Desk(
      [{ kind: "ROSTER", people }, ages()],
      goodNews().filter(
        (report) => report.kind !== "AVAILABILITY" || ["ben", "dan"].includes(report.person),
      ),
    );
    tell(
      desk,
      SHIFTS.map((name) => commitment(OWNER, name)),
      OWNER,
    );
    expect(seatHolds(desk)).toHaveLength(3);
    tell(
      desk,
      SHIFTS.map((name) => commitment(OWNER, name)),
    );
    expect(seatHolds(desk)).toEqual([]);
  });

  test("the newest in ledger order, be it theirs or the roster system's", () => {
    const desk = tight();
    tell(desk, [withdrawal("ana", "late")], "ana");
    tell(desk, [commitment("ana", "late")], "probe");
    expect(open(desk)).toEqual([]);
    tell(desk, [withdrawal("ana", "late")], "ana");
    expect(open(desk)).toEqual([LATE]);
  });
});
