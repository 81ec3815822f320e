import { describe, expect, test } from "vitest";
import { FIRST_ANSWER_MS_MAX } from "#ledger/limits.ts";
import type { Way } from "./tcpProxy.ts";
import { CONVERGED_MS, wall } from "./wall.ts";

const built = wall("nodes that are cut off");

/** Revisions that are made before, during and after. */
const MADE = 30;

const BOTH = ["UP", "DOWN"] as const;

const CUT_OFF: readonly {
  readonly from: string;
  readonly postgres: readonly Way[];
  readonly redis: readonly Way[];
}[] = [
  { from: "its database", postgres: BOTH, redis: [] },
  { from: "its database, which still hears it", postgres: ["DOWN"], redis: [] },
  { from: "its database, which it still hears, and Redis", postgres: ["UP"], redis: BOTH },
  { from: "Redis", postgres: [], redis: BOTH },
  { from: "Redis, which still hears it", postgres: [], redis: ["DOWN"] },
  { from: "Redis, which it still hears", postgres: [], redis: ["UP"] },
];

/** How long the node takes to say of itself that it is ready, in milliseconds. */
async function readyMs(url: string): Promise<number> {
  const from = performance.now();
  while (!(await fetch(`${url}/ready`)).ok) continue;
  return performance.now() - from;
}

describe("F11: the dashboards of a node that is cut off from", () => {
  test.each(CUT_OFF)("$from", async ({ postgres, redis }) => {
    const it = built.it;
    const [victim, other] = it.nodes;
    const drift = await it.drift(postgres.length === 0 ? 2 : 1);
    const dashboards = await it.watch(it.everyShowing(it.packets));
    drift.begin(2);
    await drift.made(MADE);
    victim.postgres.darken(...postgres);
    victim.redis.darken(...redis);
    await drift.made(MADE);
    const marks = await drift.ring(other.node.url);
    const near = dashboards.filter(({ showing }) => showing.doors[0] === other.api);
    const nearMs = await it.converged(marks, postgres.length === 0 ? dashboards : near);
    // What a node locked before it was cut off stays locked until the database gives it up.
    if (postgres.length === 0) expect(nearMs).toBeLessThan(CONVERGED_MS);
    victim.postgres.heal();
    victim.redis.heal();
    const [backMs] = await Promise.all([
      it.converged(marks),
      ...it.nodes.map(async ({ node }) => {
        expect(await readyMs(node.url)).toBeLessThan(FIRST_ANSWER_MS_MAX);
      }),
    ]);
    // Where it has to connect anew and to catch up, the machine's load counts: less than a read may be silent.
    expect(backMs).toBeLessThan(postgres.length === 0 ? CONVERGED_MS : FIRST_ANSWER_MS_MAX);
    await drift.made(MADE);
    await drift.end();
    await it.converged(await drift.ring());
    expect(await it.faultsIn(drift)).toEqual([]);
  });
});
