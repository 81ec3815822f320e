import { describe, expect, test } from "vitest";
import { SteadyRate } from "#rateLimits/steadyRate.ts";

/** A rate of 600 a minute: 60 at once, then one each 100 milliseconds. */
function rate() {
  const clock = { nowMs: 0 };
  const rate = new SteadyRate({ perMinute: 600, now: () => clock.nowMs });
  const taken = (count: number, key = "rita"): number =>
    Array.from({ length: count }, () => rate.take(key)).filter((wait) => wait === null).length;
  return { clock, rate, taken };
}

describe("a steady rate", () => {
  test("lets a tenth of a minute's amount through at once, and of each key by itself", () => {
    const { taken } = rate();
    expect([taken(200), taken(200, "olga")]).toEqual([60, 60]);
  });

  test("lets through after that what time has passed for", () => {
    const { clock, taken } = rate();
    taken(60);
    clock.nowMs += 99;
    expect(taken(5)).toBe(0);
    clock.nowMs += 1;
    expect(taken(5)).toBe(1);
    clock.nowMs += 1_000;
    expect(taken(50)).toBe(10);
  });

  test("saves up no more than a tenth, however long nothing was taken", () => {
    const { clock, taken } = rate();
    taken(60);
    clock.nowMs += 3_600_000;
    expect(taken(200)).toBe(60);
  });

  test("lets through no more than the rate over a minute in which it was always asked for", () => {
    const { clock, taken } = rate();
    let through = taken(60);
    for (; clock.nowMs < 60_000; clock.nowMs += 50) through += taken(3);
    expect(through).toBe(60 + 600 - 1);
  });

  test("says in how many whole seconds to come again, and is then kept to it", () => {
    const clock = { nowMs: 0 };
    const slow = new SteadyRate({ perMinute: 10, now: () => clock.nowMs });
    expect([slow.take("rita"), slow.take("rita")]).toEqual([null, 6]);
    clock.nowMs += 5_999;
    expect(slow.take("rita")).toBe(1);
    clock.nowMs += 1;
    expect(slow.take("rita")).toBeNull();
  });

  test("keeps nobody out for longer after its clock was set back", () => {
    const { clock, taken } = rate();
    clock.nowMs = 1_000_000;
    taken(60);
    clock.nowMs = 0;
    expect(taken(200)).toBe(60);
  });

  test("forgets whoever took nothing for longest where there are too many to know apart", () => {
    const { rate: one, taken } = rate();
    taken(60, "first");
    taken(60, "second");
    for (let more = 0; more < 10_000 - 1; more += 1) one.take(`of many ${more}`);
    expect([taken(1, "second"), taken(1, "first")]).toEqual([0, 1]);
  });
});
