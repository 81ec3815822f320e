import { describe, expect, test } from "vitest";
import { named, open } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages } from "./reports.ts";
import { CONTENTS, calendar, shift, window } from "./train.ts";

const shifts = [...CONTENTS.SHIFT_CALENDAR.shifts];

describe("rules 4.1.12 and 6.5: the epoch's mapping to human time", () => {
  test.each(["FROZEN", "THAWED", "ADVANCED_BY_HAND", "RATE_CHANGED"] as const)(
    "%s breaks it",
    (change) => {
      const desk = new Desk();
      desk.breakClock(change);
      expect(open(desk)).toEqual(["TIME_MAPPING_STALE TIME"]);
      expect(desk.state.status).toBe("ON_HOLD");
    },
  );

  test("it holds until both window and calendar are accepted again", () => {
    const desk = new Desk();
    desk.breakClock("ADVANCED_BY_HAND");
    desk.accept(window(10n, 24n, 1));
    expect(open(desk)).toEqual(["TIME_MAPPING_STALE TIME"]);
    desk.accept(calendar(shifts, [], 1));
    expect(open(desk)).toEqual([]);
    expect(named(desk.head.cleared)).toEqual(["TIME_MAPPING_STALE TIME"]);
  });

  test("in either order", () => {
    const desk = new Desk();
    desk.breakClock("ADVANCED_BY_HAND");
    desk.accept(calendar(shifts, [], 1));
    expect(open(desk)).toEqual(["TIME_MAPPING_STALE TIME"]);
    desk.accept(window(10n, 24n, 1));
    expect(open(desk)).toEqual([]);
  });

  test("what was accepted while the epoch was frozen is stale once it is thawed", () => {
    const desk = new Desk();
    desk.breakClock("FROZEN");
    desk.accept(window(10n, 24n, 1));
    desk.accept(calendar(shifts, [], 1));
    expect(open(desk)).toEqual([]);
    desk.breakClock("THAWED");
    expect(open(desk)).toEqual(["TIME_MAPPING_STALE TIME"]);
    desk.accept(window(10n, 24n, 2));
    desk.accept(calendar(shifts, [], 2));
    expect(open(desk)).toEqual([]);
  });

  test("one hold stands for every break, with the first one's since", () => {
    const desk = new Desk();
    desk.breakClock("ADVANCED_BY_HAND");
    const since = desk.state.revision;
    desk.pass(1n);
    expect(desk.breakClock("ADVANCED_BY_HAND")?.opened).toEqual([]);
    expect(desk.state.register.get("TIME_MAPPING_STALE TIME")?.sinceRevision).toBe(since);
  });

  test("a source of an earlier mapping, accepted late, opens it again", () => {
    const desk = new Desk();
    desk.breakClock("ADVANCED_BY_HAND");
    desk.accept(window(10n, 24n, 1));
    desk.accept(calendar(shifts, [], 1));
    desk.accept(window(10n, 24n, 0));
    expect(open(desk)).toEqual(["TIME_MAPPING_STALE TIME"]);
  });
});

describe("rule 6.4: the times that people gave decide nothing", () => {
  test("two packets whose epochs are alike are judged alike, whatever their wall-clock times", () => {
    const years = { startsAt: "1999-12-31T23:59:59.000Z", endsAt: "2099-01-01T00:00:00.000Z" };
    const elsewhen = { ...window(10n, 24n), ...years };
    const moved = { ...calendar(shifts.map((item) => ({ ...item, ...years }))) };
    const desks = [
      new Desk([ages({ digestMaxAge: 3n })]),
      new Desk([ages({ digestMaxAge: 3n }), elsewhen, moved]),
    ];
    const stories = desks.map((desk) => {
      desk.pass(20n);
      return desk.revisions.map(({ state, opened, outOfScope }) => [
        state.epoch,
        state.status,
        named(opened),
        named(outOfScope),
      ]);
    });
    expect(stories[1]).toEqual(stories[0]);
  });
});

describe("rule 3.1: the shipment window", () => {
  test("closes the packet for good one epoch after its last", () => {
    const desk = new Desk([ages()]);
    desk.pass(16n);
    expect([desk.epoch, desk.state.status]).toEqual([24n, "READY_FOR_APPROVAL"]);
    desk.pass(1n);
    expect([desk.state.status, desk.state.closing]).toEqual(["CLOSED", "WINDOW_PASSED"]);
    expect(desk.accept(window(10n, 90n))).toBeNull();
  });

  test("reading 22: the closing revision ends no hold and opens none", () => {
    const desk = new Desk([ages({ digestMaxAge: 3n }), calendar([shift("early", 8n, 24n)])]);
    desk.pass(16n);
    const before = open(desk);
    expect(before.length).toBeGreaterThan(0);
    const [last] = desk.pass(1n);
    expect(open(desk)).toEqual(before);
    expect([last?.opened, last?.cleared, last?.outOfScope]).toEqual([[], [], []]);
  });

  test("that a newer source ends before now closes it with that source", () => {
    const desk = new Desk([ages()]);
    desk.pass(6n);
    desk.accept(window(10n, 13n));
    expect(desk.state.closing).toBe("WINDOW_PASSED");
  });

  test("that has passed when the packet opens leaves it closed from revision 1", () => {
    const desk = new Desk([window(2n, 7n)]);
    expect([desk.state.revision, desk.state.status]).toEqual([1, "CLOSED"]);
  });
});
