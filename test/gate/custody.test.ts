import { describe, expect, test } from "vitest";
import { bind, open, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, commitment, held, revocation, rollbackScope, withdrawal } from "./reports.ts";
import { CONTENTS, SHIFTS, digestOf, rosterPerson } from "./train.ts";

const back = `back ${digestOf("r1")}`;
const GAP = `ROLLBACK_CUSTODY_GAP ${back}`;
const MISMATCH = `ROLLBACK_DIGEST_MISMATCH ${back}`;
const coverage = (...shifts: string[]): string[] =>
  shifts.map((name) => `CUSTODY_COVERAGE_GAP ${back} ${name}`);
const other = digestOf("other");

/** Custodians ben and dan hold the package; two are needed. */
function twoNeeded(): Desk {
  return new Desk([{ ...CONTENTS.ROLLBACK_SCOPE, minCustodians: 2 }, ages()]);
}

function aboutCustody(desk: Desk): string[] {
  return open(desk).filter((hold) => hold.includes(back));
}

describe("rule 4.1.7: every rollback package is in enough sound hands", () => {
  test("is met by as many holders as are needed, committed to every shift", () => {
    expect(open(twoNeeded())).toEqual([]);
  });

  test.each([
    ["that was released", held("dan", { status: "RELEASED" })],
    ["without a recorded seal", held("dan", { seal: null })],
    ["whose digest nobody verified", held("dan", { observed: null })],
    ["of another digest than the accepted one", held("dan", { digest: other, observed: other })],
  ])("a package %s is not held", (_, report) => {
    const desk = twoNeeded();
    tell(desk, [report]);
    expect(aboutCustody(desk)).toEqual([...coverage(...SHIFTS), GAP]);
    tell(desk, [held("dan")]);
    expect(open(desk)).toEqual([]);
  });

  test("another's package with another digest is a mismatch beside the gap", () => {
    const desk = twoNeeded();
    tell(desk, [held("dan", { observed: other })]);
    expect(aboutCustody(desk)).toEqual([...coverage(...SHIFTS), GAP, MISMATCH]);
  });

  test("a spare custodian's mismatch holds although enough others hold it", () => {
    const desk = twoNeeded();
    tell(desk, [held("cleo", { observed: other })]);
    expect(aboutCustody(desk)).toEqual([MISMATCH]);
  });

  test("rule 4.3.4: a mismatch never ages away, only a newer word ends it", () => {
    const desk = new Desk([ages({ custodyMaxAge: 2n })]);
    tell(desk, [held("cleo", { observed: other })]);
    desk.pass(5n);
    tell(desk, [held("ben"), held("dan")]);
    expect(aboutCustody(desk)).toEqual([MISMATCH]);
    tell(desk, [held("cleo", { status: "RELEASED" })]);
    expect(aboutCustody(desk)).toEqual([]);
  });

  test("reading 4: a mismatch stays when its custodian leaves the roster", () => {
    const desk = twoNeeded();
    tell(desk, [held("cleo", { observed: other })]);
    const people = CONTENTS.ROSTER.people.filter(({ person }) => person !== "cleo");
    desk.accept({ kind: "ROSTER", people });
    expect(aboutCustody(desk)).toEqual([MISMATCH]);
  });

  test("only somebody of the roster with the role CUSTODIAN and an unrevoked credential holds", () => {
    const desk = twoNeeded();
    tell(desk, [held("eve")]);
    tell(desk, [revocation("dan")]);
    expect(aboutCustody(desk)).toEqual([...coverage(...SHIFTS), GAP]);
    const people = CONTENTS.ROSTER.people.map((item) =>
      item.person === "eve" ? rosterPerson("eve", ["SIGNER", "CUSTODIAN"], "green") : item,
    );
    desk.accept({ kind: "ROSTER", people });
    expect(aboutCustody(desk)).toEqual([]);
  });

  test("custody counts at exactly its greatest age, and not one epoch later", () => {
    const desk = new Desk([ages({ custodyMaxAge: 3n })]);
    desk.pass(3n);
    expect(aboutCustody(desk)).toEqual([]);
    desk.pass(1n);
    expect(aboutCustody(desk)).toEqual([...coverage(...SHIFTS), GAP]);
    tell(desk, [held("dan")]);
    expect(aboutCustody(desk)).toEqual([]);
  });

  test("another release in the package needs custody of its own", () => {
    const desk = twoNeeded();
    const digest = digestOf("r0");
    desk.accept(rollbackScope({ release: "r0", digest, svn: 9 }));
    bind(desk);
    expect(open(desk)).toContain(`ROLLBACK_CUSTODY_GAP back ${digest}`);
    tell(desk, [held("dan", { digest, observed: digest })]);
    expect(open(desk)).toEqual([]);
  });
});

describe("rule 4.1.7: in every shift of the rest of the window enough holders are committed", () => {
  test("a holder's withdrawal opens a gap of that shift alone", () => {
    const desk = twoNeeded();
    tell(desk, [withdrawal("dan", "late")]);
    expect(aboutCustody(desk)).toEqual(coverage("late"));
    tell(desk, [commitment("dan", "late")]);
    expect(open(desk)).toEqual([]);
  });

  test("a committed custodian who holds nothing does not help", () => {
    const desk = new Desk([ages()]);
    tell(desk, [withdrawal("ben", "late"), withdrawal("dan", "late")]);
    expect(aboutCustody(desk)).toEqual(coverage("late"));
    tell(desk, [held("cleo")]);
    expect(aboutCustody(desk)).toEqual([]);
  });

  test("an aged commitment covers nothing", () => {
    const desk = new Desk([ages({ availabilityMaxAge: 3n })]);
    desk.pass(3n);
    expect(aboutCustody(desk)).toEqual([]);
    desk.pass(1n);
    expect(aboutCustody(desk)).toEqual(coverage(...SHIFTS));
  });

  test("rule 4.2.3: when the shift is over the gap goes out of scope", () => {
    const desk = twoNeeded();
    tell(desk, [withdrawal("dan", "early")]);
    desk.pass(6n);
    expect(aboutCustody(desk)).toEqual([]);
    expect(desk.head.outOfScope.map((hold) => hold.subject)).toEqual([`${back} early`]);
  });
});
