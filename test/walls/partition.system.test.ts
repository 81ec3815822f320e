import { describe, expect, test } from "vitest";
import type { Way } from "./tcpProxy.ts";
import { CONVERGED_MS, wall } from "./wall.ts";

const built = wall("nodes that are cut off");

/** Revisions that are made before, during and after. */
const MADE = 30;

const BOTH = ["UP", "DOWN"] as const;

const CUT_OFF: readonly {
  readonly from: string;
  readonly redis: readonly Way[];
}[] = [
  { from: "Redis", redis: BOTH },
  { from: "Redis, which still hears it", redis: ["DOWN"] },
  { from: "Redis, which it still hears", redis: ["UP"] },
];

describe("F11: the dashboards of a node that is cut off from", () => {
  test.each(CUT_OFF)("$from", async ({ redis }) => {
    const it = built.it;
    const [victim, other] = it.nodes;
    const drift = await it.drift(2);
    const dashboards = await it.watch(it.everyShowing(it.packets));
    drift.begin(2);
    await drift.made(MADE);
    victim.redis.darken(...redis);
    await drift.made(MADE);
    const marks = await drift.ring(other.node.url);
    expect(await it.converged(marks, dashboards)).toBeLessThan(CONVERGED_MS);
    victim.redis.heal();
    expect(await it.converged(marks)).toBeLessThan(CONVERGED_MS);
    await drift.made(MADE);
    await drift.end();
    await it.converged(await drift.ring());
    expect(await it.faultsIn(drift)).toEqual([]);
  });
});
