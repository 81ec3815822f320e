import { expect, test } from "vitest";
import { CLEAR, type Weather } from "./pipe.ts";
import { CONVERGED_MS, wall } from "./wall.ts";

const built = wall("bad weather");

/** 200 ms, 200 more or less; one piece in twenty lost; every byte a segment of its own. */
const BAD: Weather = {
  ...CLEAR,
  delayMs: 0,
  jitterMs: 400,
  lostPercent: 5,
  segmentBytesMax: 1,
};

const MADE = 16;

/** A change takes several ways there and back to the database. */
const ANSWER_MS = 20_000;

test("F12: late, lost and in single bytes, everything comes once and in order", async () => {
  const it = built.it;
  const drift = await it.drift(2, { answerMs: ANSWER_MS });
  const [first, second] = it.nodes;
  drift.begin(8);
  await drift.made(MADE);
  for (const { postgres, redis, door } of it.nodes) {
    for (const way of [postgres, redis, door]) way.turn(BAD);
  }
  // Some begin in it, and all follow in it.
  const opening = it.watch(it.everyShowing(it.packets));
  await drift.made(MADE);
  const dashboards = await opening;
  first.door.cut();
  await drift.made(MADE);
  await drift.end();
  const marks = await drift.ring(second.node.url);
  for (const { postgres, redis, door } of it.nodes) {
    for (const way of [postgres, redis, door]) way.heal();
  }
  expect(await it.converged(marks)).toBeLessThan(CONVERGED_MS);
  expect(dashboards.some(({ returns }) => returns > 0)).toBe(true);
  expect(await it.faultsIn(drift)).toEqual([]);
});
