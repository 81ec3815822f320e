import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EPOCH_MAX, type TimeMapping } from "#packet/epoch.ts";
import { InvalidInput } from "#packet/refusal.ts";
import { startClock } from "#recovery/clock.ts";
import {
  covers,
  endOf,
  epochsInside,
  epochsTouched,
  mapCalendar,
  mapWindow,
  mappingOf,
} from "#recovery/mapping.ts";

const NOON = Date.parse("2026-01-01T12:00:00.000Z");
const rate = { epochMs: 10_000, tickGapMaxMs: 60_000 };

/** Epoch 100 is the ten seconds from noon on. */
const mapping: TimeMapping = mappingOf(startClock(100n, NOON), rate);

/** So many seconds after noon. */
function at(seconds: number): string {
  return new Date(NOON + seconds * 1000).toISOString();
}

function span(startsAt: number, endsAt: number) {
  return { startsAt: at(startsAt), endsAt: at(endsAt) };
}

function shiftOf(shift: string, startsAt: number, endsAt: number) {
  return { shift, ...span(startsAt, endsAt) };
}

function calendar(
  shifts: readonly ReturnType<typeof shiftOf>[],
  noSigning: readonly ReturnType<typeof span>[] = [],
) {
  return mapCalendar(
    { kind: "SHIFT_CALENDAR", shifts: [...shifts], noSigning: [...noSigning] },
    mapping,
  );
}

/** First and last epochs of shifts, then of intervals; the faults' paths of a refusal. */
function mapped(...given: Parameters<typeof calendar>): unknown {
  const content = calendar(...given);
  if (content instanceof InvalidInput) return content.faults.map(({ path }) => path.join("."));
  return [...content.shifts, ...content.noSigning].map(({ first, last }) => [first, last]);
}

describe("rule 6.5: a mapping stores its anchor", () => {
  test("epoch, time, length of an epoch, and the clock's generation", () => {
    expect(mappingOf({ ...startClock(7n, NOON), generation: 3 }, rate)).toEqual({
      anchorEpoch: 7n,
      anchorAt: "2026-01-01T12:00:00.000Z",
      epochMs: 10_000,
      generation: 3,
    });
  });
});

describe("rule 6.3: a shift covers only the epochs that lie wholly inside it", () => {
  test.each([
    ["on the boundaries", 0, 30, [100n, 102n]],
    ["starting a little later", 1, 30, [101n, 102n]],
    ["ending a little earlier", 0, 29, [100n, 101n]],
    ["both", 1, 29, [101n, 101n]],
    ["before the anchor", -25, -5, [98n, 98n]],
  ])("%s", (_, startsAt, endsAt, epochs) => {
    expect(mapped([shiftOf("only", startsAt, endsAt)])).toEqual([epochs]);
  });

  test("one that covers no whole epoch is refused by path", () => {
    expect(mapped([shiftOf("long", 0, 30), shiftOf("brief", 41, 59)])).toEqual(["shifts.1.endsAt"]);
  });

  test("NO_SIGNING covers no more than what lies wholly inside it either", () => {
    expect(mapped([shiftOf("only", 0, 30)], [span(41, 79)])).toEqual([
      [100n, 102n],
      [105n, 106n],
    ]);
  });

  test("an interval that covers no whole epoch is refused by path", () => {
    expect(mapped([shiftOf("only", 0, 30)], [span(41, 49)])).toEqual(["noSigning.0.endsAt"]);
  });
});

describe("rule 6.3: the shipment window demands every epoch that it touches", () => {
  function window(startsAt: number, endsAt: number): unknown {
    const content = mapWindow({ kind: "SHIPMENT_WINDOW", ...span(startsAt, endsAt) }, mapping);
    return content instanceof InvalidInput
      ? content.faults.map(({ path }) => path.join("."))
      : [content.first, content.last];
  }

  test.each([
    ["on the boundaries", 0, 30, [100n, 102n]],
    ["starting a little later", 9, 30, [100n, 102n]],
    ["ending a little later", 0, 31, [100n, 103n]],
    ["within one epoch", 3, 4, [100n, 100n]],
  ])("%s", (_, startsAt, endsAt, epochs) => {
    expect(window(startsAt, endsAt)).toEqual(epochs);
  });

  test("one before the clock's first epoch is refused by path", () => {
    expect(window(-1000, 30)).toEqual([100n - 100n, 102n]);
    expect(window(-1001, 30)).toEqual(["startsAt"]);
  });

  test("one past the last epoch that can be counted is refused", () => {
    const late = { ...mapping, anchorEpoch: EPOCH_MAX - 1n };
    expect(mapWindow({ kind: "SHIPMENT_WINDOW", ...span(0, 20) }, late)).toMatchObject({
      last: EPOCH_MAX,
    });
    expect(mapWindow({ kind: "SHIPMENT_WINDOW", ...span(0, 21) }, late)).toBeInstanceOf(
      InvalidInput,
    );
  });
});

describe("rules 4.2.1 and 6.3: a boundary shared by two", () => {
  test("where one shift ends as another starts, the epoch is the later one's", () => {
    expect(mapped([shiftOf("early", 0, 25), shiftOf("late", 25, 50)])).toEqual([
      [100n, 101n],
      [102n, 104n],
    ]);
  });

  test("in whatever order they are listed", () => {
    expect(mapped([shiftOf("late", 25, 50), shiftOf("early", 0, 25)])).toEqual([
      [102n, 104n],
      [100n, 101n],
    ]);
  });

  test("where they do not meet exactly, it is nobody's", () => {
    expect(mapped([shiftOf("early", 0, 25), shiftOf("late", 26, 50)])).toEqual([
      [100n, 101n],
      [103n, 104n],
    ]);
  });

  test("where they meet on an epoch's own boundary there is nothing to share", () => {
    expect(mapped([shiftOf("early", 0, 20), shiftOf("late", 20, 50)])).toEqual([
      [100n, 101n],
      [102n, 104n],
    ]);
  });

  test("between a shift and NO_SIGNING it is the interval's, on either side", () => {
    expect(mapped([shiftOf("early", 0, 25), shiftOf("late", 45, 70)], [span(25, 45)])).toEqual([
      [100n, 101n],
      [105n, 106n],
      [102n, 104n],
    ]);
  });
});

describe("reading 23: shifts and NO_SIGNING never share an epoch", () => {
  test("a calendar in which they do is refused by path", () => {
    expect(mapped([shiftOf("only", 0, 50)], [span(40, 60)])).toEqual(["noSigning.0"]);
    expect(mapped([shiftOf("only", 0, 50)], [span(50, 60), span(10, 20)])).toEqual(["noSigning.1"]);
  });

  test("one that overlaps a shift in time, but in no epoch, is taken", () => {
    expect(mapped([shiftOf("only", 0, 25)], [span(22, 50)])).toEqual([
      [100n, 101n],
      [103n, 104n],
    ]);
  });

  test("overlapping shifts are no fault", () => {
    expect(mapped([shiftOf("early", 0, 40), shiftOf("late", 20, 60)])).toEqual([
      [100n, 103n],
      [102n, 105n],
    ]);
  });
});

describe("rule 6.3: the direction that never over-claims", () => {
  test("inside is within touched, and neither misplaces an epoch", () => {
    const seconds = fc.integer({ min: -900, max: 5000 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 400 }), (startsAt, length) => {
        const given = span(startsAt, startsAt + length);
        const inside = epochsInside(mapping, given);
        const touched = epochsTouched(mapping, given);
        const begins = (epoch: bigint): number => NOON + Number(epoch - 100n) * 10_000;
        const start = Date.parse(given.startsAt);
        const end = Date.parse(given.endsAt);
        for (let epoch = touched.first - 2n; epoch <= touched.last + 2n; epoch += 1n) {
          const from = begins(epoch);
          const to = begins(epoch + 1n);
          expect(covers(inside, epoch)).toBe(start <= from && to <= end);
          expect(covers(touched, epoch)).toBe(start < to && from < end);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("64-bit epochs are mapped exactly", () => {
    const far = { ...mapping, anchorEpoch: 9_007_199_254_740_993n };
    expect(epochsTouched(far, span(10, 20))).toEqual({
      first: 9_007_199_254_740_994n,
      last: 9_007_199_254_740_994n,
    });
  });
});

test("rule 6.4: an epoch's end is told to people, as far as a date can tell it", () => {
  const mapping = {
    anchorEpoch: 5n,
    anchorAt: "2026-11-21T18:00:00.000Z",
    epochMs: 60_000,
    generation: 0,
  };
  expect(endOf(mapping, 5n)?.toISOString()).toBe("2026-11-21T18:01:00.000Z");
  expect(endOf(mapping, 4n)?.toISOString()).toBe("2026-11-21T18:00:00.000Z");
  expect(endOf(mapping, 9_223_372_036_854_775_807n)).toBeNull();
});
