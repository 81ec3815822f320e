import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EPOCH_MAX } from "#packet/epoch.ts";
import {
  BACKSTOP_MS,
  type Clock,
  type ClockRate,
  advanceByHand,
  changeRate,
  clockDoubt,
  freeze,
  rateInForce,
  startClock,
  thaw,
  tick,
} from "#recovery/clock.ts";

const NOON = Date.parse("2026-01-01T12:00:00.000Z");
const rate: ClockRate = { epochMs: 2000, tickGapMaxMs: 10_000 };

function started(): Clock {
  return startClock(100n, NOON);
}

/** Ticks at these times after noon, in milliseconds; returns the epoch after each. */
function epochsAt(times: readonly number[], clock = started(), at = rate): bigint[] {
  let now = clock;
  return times.map((time) => {
    now = tick(now, at, NOON + time)?.clock ?? now;
    return now.epoch;
  });
}

function stepped(clock: Clock, at: number): Clock {
  const step = tick(clock, rate, NOON + at);
  if (step === null) throw new Error(`no step was due ${at} ms after noon`);
  return step.clock;
}

describe("rule 6.2: the ticker advances the epoch at the configured rate", () => {
  test("when the next epoch has begun, and not a millisecond earlier", () => {
    expect(epochsAt([1999, 2000, 3999, 4000])).toEqual([100n, 101n, 101n, 102n]);
  });

  test("every advance is a single step", () => {
    expect(epochsAt([2000, 9000])).toEqual([101n, 102n]);
  });

  test("after a short delay it catches up, one step at a time, no faster than the backstop", () => {
    const times = [7000, 7999, 8000, 8999, 9000, 9500, 10_000, 10_001, 12_000];
    expect(epochsAt(times)).toEqual([101n, 101n, 102n, 102n, 103n, 103n, 104n, 104n, 105n]);
  });

  test("an ordinary tick breaks nothing and keeps the anchor", () => {
    const step = tick(started(), rate, NOON + 2000);
    expect(step?.change).toBeNull();
    expect(step?.clock).toMatchObject({ generation: 0, anchorEpoch: 100n, anchorAt: NOON });
  });

  test("no step is taken while it is frozen, nor past the last epoch that can be counted", () => {
    expect(tick(freeze(started(), NOON).clock, rate, NOON + 9000)).toBeNull();
    expect(tick(startClock(EPOCH_MAX, NOON), rate, NOON + 9000)).toBeNull();
  });
});

describe("rule 6.1: at most once a second, which no policy can lift", () => {
  test("also where the configured rate is faster", () => {
    const fast = { epochMs: 1, tickGapMaxMs: 10_000 };
    expect(epochsAt([999, 1000, 1500, 1999, 2000], started(), fast)).toEqual([
      100n,
      101n,
      101n,
      101n,
      102n,
    ]);
  });

  test("also by hand", () => {
    const clock = started();
    expect(advanceByHand(clock, NOON + BACKSTOP_MS - 1)).toBeNull();
    expect(advanceByHand(clock, NOON + BACKSTOP_MS)?.clock.epoch).toBe(101n);
  });

  test("whatever the clock does, epochs never go back and never move by more than one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -60_000, max: 60_000 }), { maxLength: 40 }),
        (moves) => {
          let clock = started();
          let now = NOON;
          for (const move of moves) {
            now += move;
            const before = clock;
            clock = tick(clock, rate, now)?.clock ?? clock;
            const advance = clock.epoch - before.epoch;
            expect(advance === 0n || advance === 1n).toBe(true);
            const forward = now - before.steppedAt;
            if (advance === 1n && forward >= 0) expect(forward).toBeGreaterThanOrEqual(BACKSTOP_MS);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("rule 6.2: a clock that was set back or jumps", () => {
  test("behind the last step one step is still permitted, from which time counts anew", () => {
    const clock = stepped(started(), 2000);
    const back = tick(clock, rate, NOON - 3_600_000);
    expect(back?.clock).toMatchObject({ epoch: 102n, steppedAt: NOON - 3_600_000 });
    expect(back?.change).toBe("TICKER_GAP");
    const after = back?.clock ?? clock;
    expect(tick(after, rate, NOON - 3_600_000 + 1999)).toBeNull();
    expect(tick(after, rate, NOON - 3_600_000 + 2000)?.clock.epoch).toBe(103n);
  });

  test("by hand as well", () => {
    const back = advanceByHand(stepped(started(), 2000), NOON + 1500);
    expect(back?.clock.epoch).toBe(102n);
  });

  test("a jump forward moves it by one step, and the time jumped over is never made up", () => {
    const day = 86_400_000;
    const jumped = tick(stepped(started(), 2000), rate, NOON + day);
    expect(jumped).toMatchObject({
      clock: { epoch: 102n, anchorEpoch: 102n, anchorAt: NOON + day },
    });
    const clock = jumped?.clock ?? started();
    expect(tick(clock, rate, NOON + day + 1999)).toBeNull();
    expect(tick(clock, rate, NOON + day + 2000)?.clock.epoch).toBe(103n);
  });
});

describe("rule 6.5: what breaks the mapping", () => {
  test("a gap between ticks longer than the longest allowed, and not one just as long", () => {
    const slow = { epochMs: 10_000, tickGapMaxMs: 10_000 };
    expect(tick(started(), slow, NOON + 10_000)?.change).toBeNull();
    const broken = tick(started(), slow, NOON + 10_001);
    expect(broken?.change).toBe("TICKER_GAP");
    expect(broken?.clock).toMatchObject({
      generation: 1,
      anchorEpoch: 101n,
      anchorAt: NOON + 10_001,
    });
  });

  test("a drift wider than that, though no single gap is", () => {
    const drifting = { epochMs: 1000, tickGapMaxMs: 3000 };
    let clock = started();
    const changes: (string | null)[] = [];
    for (let late = 1; late <= 4; late += 1) {
      const step = tick(clock, drifting, NOON + late * 2000);
      clock = step?.clock ?? clock;
      changes.push(step?.change ?? null);
    }
    expect(changes).toEqual([null, null, null, "TICKER_GAP"]);
  });

  test("an advance by hand, a freeze and a thaw, each raising the generation", () => {
    const advanced = advanceByHand(started(), NOON + 1000);
    expect(advanced).toMatchObject({ change: "ADVANCED_BY_HAND", clock: { generation: 1 } });
    const frozen = freeze(started(), NOON + 10);
    expect(frozen).toMatchObject({
      change: "FROZEN",
      clock: { frozen: true, generation: 1, epoch: 100n },
    });
    const thawed = thaw(frozen.clock, NOON + 5000);
    expect(thawed).toMatchObject({
      change: "THAWED",
      clock: { frozen: false, generation: 2, epoch: 100n },
    });
  });

  test("a thaw starts the next epoch's whole length, whatever time passed frozen", () => {
    const frozen = freeze(started(), NOON).clock;
    const thawed = thaw(frozen, NOON + 60_000).clock;
    expect(tick(thawed, rate, NOON + 61_999)).toBeNull();
    expect(tick(thawed, rate, NOON + 62_000)).toMatchObject({
      change: null,
      clock: { epoch: 101n },
    });
  });
});

describe("rule 6.5: what makes the epoch doubtful", () => {
  test("that it is frozen", () => {
    expect(clockDoubt(freeze(started(), NOON).clock, rate, NOON)).toBe("EPOCH_FROZEN");
  });

  test("that no step came for longer than the longest gap", () => {
    expect(clockDoubt(started(), rate, NOON + 10_000)).toBeNull();
    expect(clockDoubt(started(), rate, NOON + 10_001)).toBe("EPOCH_STALLED");
  });

  test("that the clock lies that far before the last step", () => {
    expect(clockDoubt(started(), rate, NOON - 10_000)).toBeNull();
    expect(clockDoubt(started(), rate, NOON - 10_001)).toBe("EPOCH_STALLED");
  });

  test("a step ends the doubt, but never mends the mapping that it broke", () => {
    const late = tick(started(), rate, NOON + 60_000);
    expect(clockDoubt(late?.clock ?? started(), rate, NOON + 60_000)).toBeNull();
    expect(late?.clock.generation).toBe(1);
  });
});

describe("the rate of the clock", () => {
  test("is what was recorded last, with as many epochs of tolerance as are configured", () => {
    expect(rateInForce(started(), rate)).toBe(rate);
    const { clock, change } = changeRate(started(), 6000, NOON + 500);
    expect(change).toBe("RATE_CHANGED");
    expect(clock).toMatchObject({
      epochMs: 6000,
      generation: 1,
      epoch: 100n,
      anchorAt: NOON + 500,
    });
    expect(rateInForce(clock, rate)).toMatchObject({ epochMs: 6000, tickGapMaxMs: 30_000 });
    expect(epochsAt([6499, 6500, 12_499, 12_500], clock)).toEqual([100n, 101n, 101n, 102n]);
    expect(clockDoubt(clock, rate, NOON + 30_000)).toBeNull();
    expect(clockDoubt(clock, rate, NOON + 30_001)).toBe("EPOCH_STALLED");
  });

  test("stays over every step, frozen or not, whatever is configured meanwhile", () => {
    const frozen = freeze(changeRate(started(), 6000, NOON).clock, NOON + 1000).clock;
    const slower = changeRate(frozen, 8000, NOON + 2000).clock;
    expect(slower).toMatchObject({ frozen: true, epochMs: 8000, generation: 3 });
    const thawed = thaw(slower, NOON + 3000).clock;
    const other = { epochMs: 1500, tickGapMaxMs: 7_500 };
    expect(tick(thawed, other, NOON + 10_999)).toBeNull();
    expect(tick(thawed, other, NOON + 11_000)?.clock).toMatchObject({ epoch: 101n, epochMs: 8000 });
  });

  test("is kept with the next tick where it is controlled, which breaks nothing", () => {
    const kept = tick(started(), { ...rate, isKept: true }, NOON + 2000);
    expect(kept).toMatchObject({ change: null, clock: { epochMs: 2000, generation: 0 } });
    expect(stepped(started(), 2000).epochMs).toBeUndefined();
  });

  test("never moves an epoch twice in a second (rule 6.1)", () => {
    const { clock } = changeRate(started(), 1500, NOON);
    const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(times, (given) => {
        let now = clock;
        let last = NOON;
        for (const time of given.toSorted((left, right) => left - right)) {
          const next = tick(now, rate, NOON + time)?.clock;
          if (next === undefined) continue;
          expect(NOON + time - last).toBeGreaterThanOrEqual(BACKSTOP_MS);
          last = NOON + time;
          now = next;
        }
      }),
    );
  });
});
