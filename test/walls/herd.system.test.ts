import { expect, test } from "vitest";
import { ROUNDS } from "../faults/rounds.ts";
import { reader, wall } from "./wall.ts";
import { errorsOf } from "./wallNode.ts";

const built = wall("a herd");

/** Dashboards that come back at once: 300 in every run of the tests, more in a longer one. */
const HERD = Math.min(1_000, 300 * ROUNDS);

/** A principal may have so many streams that a wall of this size takes two. */
const READERS = [reader("wall-1"), reader("wall-2")];

const MADE = 40;

test("F19: a herd that comes back all at once is told everything, and its neighbours notice nothing", async () => {
  const it = built.it;
  const [first, second] = it.nodes;
  await it.admit(...READERS);
  for (const one of READERS) await it.known(one);
  const drift = await it.drift(4);
  const doors = [first.api, second.api];
  const herd = await it.watch(it.manyShowings(HERD, doors, READERS));
  const neighbours = await it.watch(it.manyShowings(20, [second.node.url].map(withPath)));
  drift.begin(2);
  await drift.made(MADE);
  for (const { door } of [first, second]) {
    door.cut();
    await drift.made(MADE);
    await Promise.all(herd.map((one) => one.until(() => one.returns > 0)));
  }
  await drift.end();
  await it.converged(await drift.ring());
  expect(await it.faultsIn(drift)).toEqual([]);
  expect(neighbours.flatMap(({ ends }) => ends)).toEqual([]);
  expect(it.nodes.flatMap(errorsOf)).toEqual([]);
});

/** By no door: whoever is there stays. */
function withPath(url: string): string {
  return `${url}/graphql`;
}
