import { expect, test } from "vitest";
import { Brake } from "./brake.ts";
import type { Showing } from "./dashboard.ts";
import { wall } from "./wall.ts";

const built = wall("slow readers");

const WALL = 60;
const TENTH = WALL / 10;

/** Enough to fill whatever connections hold by themselves, of events of an eighth of a megabyte. */
const MADE = 160;

test("F18: one in ten takes nothing and one in ten an event a second: all others are told everything at once", async () => {
  const it = built.it;
  const drift = await it.drift(2);
  const doors = it.nodes.map(({ api }) => api);
  const stalled = new Brake(null);
  const slow = new Brake(1_000);
  const quick = await it.watch(it.manyShowings(WALL - 2 * TENTH, doors));
  const [before] = it.manyShowings(1, doors);
  if (before === undefined) throw new Error("there is nothing to show");
  const held = (brake: Brake, more: Partial<Showing>) =>
    it.watch(
      Array.from({ length: TENTH }, (_none, index) => {
        const { packet } = it.packets[index % it.packets.length] ?? before;
        return { ...before, packet, transport: brake.transport, ...more };
      }),
    );
  const behind = [
    ...(await held(stalled, { watched: "REVISIONS_AT_LENGTH" })),
    ...(await held(slow, { watched: "HOLD_CHANGES" })),
  ];
  drift.begin(4);
  await drift.made(MADE);
  await drift.end();
  const marks = await drift.ring();
  await it.converged(marks, quick);
  expect(quick.flatMap(({ ends }) => ends)).toEqual([]);
  for (const { told } of behind) expect(told.length).toBeLessThan(MADE / 4);
  stalled.release();
  slow.release();
  await it.converged(marks, behind);
  expect(await it.faultsIn(drift)).toEqual([]);
});
