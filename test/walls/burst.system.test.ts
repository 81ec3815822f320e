import { expect, test } from "vitest";
import { ROUNDS } from "../faults/rounds.ts";
import type { Dashboard } from "./dashboard.ts";
import { wall } from "./wall.ts";
import { errorsOf } from "./wallNode.ts";

const built = wall("a burst of drift");

/** Changes under way at once, as many as the machine takes; and for how long. */
const LANES = 24;
const BURST_MS = 8_000 * ROUNDS;

/** Nobody is to be sent from node to node because all are busy. */
const ANSWER_MS = 60_000;

test("F17: however fast the world moves, nobody is told less, more or otherwise, and nobody is sent away", async () => {
  const it = built.it;
  const drift = await it.drift(4, { answerMs: ANSWER_MS });
  const dashboards = await it.watch(it.everyShowing(it.packets));
  const from = performance.now();
  drift.begin(LANES);
  await drift.goOn(BURST_MS);
  await drift.end();
  const seconds = (performance.now() - from) / 1000;
  await it.converged(await drift.ring());
  const made = drift.acknowledged.length;
  process.stderr.write(
    `${made} revisions, ${Math.round(made / seconds)} a second; ${eventsOf(dashboards)} events were told\n`,
  );
  expect(await it.faultsIn(drift)).toEqual([]);
  expect(dashboards.flatMap(({ ends }) => ends)).toEqual([]);
  // A gate tells its newest answer: in a burst fewer than there were.
  const gates = dashboards.filter(({ showing }) => showing.watched === "GATE");
  const answers = (gates.length * made) / it.packets.length;
  expect(eventsOf(gates)).toBeLessThan(answers);
  expect(it.nodes.flatMap(errorsOf)).toEqual([]);
});

function eventsOf(dashboards: readonly Dashboard[]): number {
  return dashboards.reduce((sum, { told }) => sum + told.length, 0);
}
