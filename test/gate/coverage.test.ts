import { describe, expect, test } from "vitest";
import { named, open, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, commitment } from "./reports.ts";
import { CONTENTS, calendar, shift, window } from "./train.ts";

type Shifts = Parameters<typeof calendar>[0];

function covered(shifts: Shifts, noSigning: { first: bigint; last: bigint }[] = []): Desk {
  return new Desk([ages(), calendar(shifts, noSigning)]);
}

const early = shift("early", 8n, 13n);
const late = shift("late", 14n, 19n);
const night = shift("night", 20n, 24n);

describe("rule 4.2.1: every epoch of the rest of the window lies in a shift or in NO_SIGNING", () => {
  test("one uncovered epoch is a gap, named by itself", () => {
    expect(open(covered([early, late, shift("night", 21n, 24n)]))).toEqual([
      "SHIFT_COVERAGE_GAP 20",
    ]);
  });

  test("an unbroken run of them is one gap, named by its last", () => {
    expect(open(covered([early, night]))).toEqual(["SHIFT_COVERAGE_GAP 19"]);
  });

  test("each run is a gap of its own", () => {
    const desk = covered([shift("early", 11n, 13n), shift("late", 16n, 18n)]);
    expect(open(desk)).toEqual([
      "SHIFT_COVERAGE_GAP 10",
      "SHIFT_COVERAGE_GAP 15",
      "SHIFT_COVERAGE_GAP 24",
    ]);
  });

  test("epochs that are declared NO_SIGNING are no gap", () => {
    expect(open(covered([early, night], [{ first: 14n, last: 19n }]))).toEqual([]);
  });

  test("a run is broken by NO_SIGNING as by a shift", () => {
    const desk = covered([early, night], [{ first: 15n, last: 17n }]);
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 14", "SHIFT_COVERAGE_GAP 19"]);
  });

  test("epochs before the window's first or after its last are nobody's concern", () => {
    const desk = covered([shift("early", 10n, 13n), late, night]);
    expect(open(desk)).toEqual([]);
    desk.accept(window(12n, 22n));
    expect(open(desk)).toEqual([]);
    desk.accept(window(10n, 25n));
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 25"]);
  });

  test("overlapping shifts leave no gap behind the longer one", () => {
    const inner = shift("late", 12n, 14n);
    const desk = covered([shift("early", 8n, 24n), inner]);
    expect(open(desk).filter((hold) => hold.startsWith("SHIFT_COVERAGE"))).toEqual([]);
  });
});

describe("rule 4.2.1: a gap as time passes", () => {
  test("keeps its name while it shrinks", () => {
    const desk = covered([early, night]);
    const [before] = desk.state.register.valuesArray();
    desk.pass(9n);
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 19"]);
    expect(desk.state.register.valuesArray()[0]).toBe(before);
  });

  test("goes out of scope once its last epoch has passed", () => {
    const desk = covered([early, night]);
    desk.pass(11n);
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 19"]);
    desk.pass(1n);
    expect(open(desk)).toEqual([]);
    expect(named(desk.head.outOfScope)).toEqual(["SHIFT_COVERAGE_GAP 19"]);
  });

  test("is cleared by a calendar that covers it, also as NO_SIGNING", () => {
    const desk = covered([early, night]);
    desk.accept(calendar([early, night], [{ first: 14n, last: 19n }]));
    expect(named(desk.head.cleared)).toEqual(["SHIFT_COVERAGE_GAP 19"]);
  });

  test("that grows is another gap, and the one it swallowed is out of scope", () => {
    const desk = covered([early, night]);
    desk.accept(calendar([early, shift("night", 22n, 24n)]));
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 21"]);
    expect(named(desk.head.outOfScope)).toEqual(["SHIFT_COVERAGE_GAP 19"]);
  });

  test("that is split by a shift keeps the part with its name", () => {
    const desk = covered([early, night]);
    desk.accept(calendar([early, shift("late", 15n, 16n), night]));
    expect(open(desk).filter((hold) => hold.startsWith("SHIFT_COVERAGE"))).toEqual([
      "SHIFT_COVERAGE_GAP 14",
      "SHIFT_COVERAGE_GAP 19",
    ]);
    expect(desk.state.register.get("SHIFT_COVERAGE_GAP 19")?.sinceRevision).toBe(1);
  });
});

describe("rule 4.2.1: a rest of the window without any shift", () => {
  test("is one gap, named by the window's last epoch, also where all is NO_SIGNING", () => {
    const desk = covered([early], [{ first: 14n, last: 24n }]);
    expect(open(desk)).toEqual([]);
    desk.pass(6n);
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 24"]);
  });

  test("is one gap however many runs it has", () => {
    const desk = covered([shift("early", 8n, 9n)], [{ first: 14n, last: 19n }]);
    expect(open(desk)).toEqual(["SHIFT_COVERAGE_GAP 24"]);
  });

  test("ends with a calendar that brings a shift", () => {
    const desk = covered([early], [{ first: 14n, last: 24n }]);
    desk.pass(6n);
    desk.accept(CONTENTS.SHIFT_CALENDAR);
    tell(desk, [commitment("ana", "late")]);
    expect(open(desk)).toEqual([]);
  });
});
