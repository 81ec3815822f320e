import { afterAll, expect, test } from "vitest";
import { setLoopTimer } from "#feed/timer.ts";
import { Comers, type Comer } from "./comers.ts";
import type { Dashboard, Showing } from "./dashboard.ts";
import { EVENT_SOURCE } from "./eventSource.ts";
import { headsOf, positionOf } from "./losses.ts";
import { firstOf, seenFaults, toldAfter } from "./seen.ts";
import { GRAPHQL_WS } from "../streams/transports.ts";
import { type Wall, wall } from "./wall.ts";

let comers: Comers;
const built = wall("rights that end", async (folder) => {
  comers = await Comers.open(folder);
  return comers.environment;
});
afterAll(() => comers.close());

const MADE = 15;

const WATCHED = ["REVISIONS", "GATE", "ALL_HOLD_CHANGES"] as const;

/** Somebody's dashboards: of each kind one at each node by each transport. */
function showingsOf(it: Wall, { by }: Comer): Showing[] {
  const doors = it.nodes.map(({ api }) => api);
  return it.packets.flatMap(({ packet }) =>
    WATCHED.flatMap((watched) =>
      [GRAPHQL_WS, EVENT_SOURCE].flatMap((transport) =>
        [doors, doors.toReversed()].map((own) => ({ watched, packet, by, transport, doors: own })),
      ),
    ),
  );
}

interface Watching {
  readonly comer: Comer;
  readonly dashboards: readonly Dashboard[];
}

/** Somebody who has lost their rights, and what was committed when nobody can have been told so. */
interface Lost extends Watching {
  readonly heads: ReadonlyMap<string, number>;
}

/** Has each lose their rights in turn while the world moves, and tells what any of them was told too late. */
async function lateAfterLosing(it: Wall, all: readonly Comer[]): Promise<readonly string[]> {
  const drift = await it.drift(1);
  for (const { by } of all) await it.known(by);
  const neighbours = await it.watch(it.everyShowing(it.packets));
  const watching: Watching[] = [];
  for (const comer of all) {
    watching.push({ comer, dashboards: await it.watch(showingsOf(it, comer)) });
  }
  drift.begin(4);
  const lost: Lost[] = [];
  for (const { comer, dashboards } of watching) {
    await drift.made(MADE);
    await comer.lose(it, () => drift.made(1));
    const heads = await headsOf(it);
    const at = performance.now();
    await drift.made(MADE);
    await Promise.all(dashboards.map((dashboard) => dashboard.forbidden()));
    const tookMs = Math.round(performance.now() - at);
    process.stderr.write(`all of who ${comer.loses} were let go within ${tookMs} ms\n`);
    lost.push({ comer, dashboards, heads });
  }
  await drift.end();
  const marks = await drift.ring();
  await it.converged(marks, neighbours);
  return firstOf([...(await toldTooLate(it, lost)), ...(await it.faultsIn(drift, neighbours))]);
}

async function toldTooLate(it: Wall, lost: readonly Lost[]): Promise<string[]> {
  const truth = await it.truth();
  const late: string[] = [];
  for (const { comer, dashboards, heads } of lost) {
    const position = await positionOf(it, heads);
    const told = dashboards.flatMap((one) => toldAfter(one, heads, position));
    late.push(...told.map((what) => `who ${comer.loses}: ${what}`));
    late.push(...dashboards.flatMap((one) => seenFaults(one, truth, "BEGINNING")));
  }
  return late;
}

test("W21, W22 and I13: whoever came by the provider is told of nothing that is committed after they lose their rights, on any node", async () => {
  expect(await lateAfterLosing(built.it, await comers.byProvider())).toEqual([]);
});

test("W21, W22 and I13: whoever signed in offline is told of nothing that is committed after they lose their rights, on any node", async () => {
  const offline = await comers.offline(built.it);
  await built.it.admit(...offline.map(({ by }) => by));
  expect(await lateAfterLosing(built.it, offline)).toEqual([]);
});

/** So often, in a second, both nodes are asked whether they live. */
const ASKED_PER_SECOND = 10;

/**
 * How many tenths of a second pass until this is over, as the nodes have it: each is counted once both
 * have answered, so that whatever holds a node up holds up the count as well.
 */
async function tenthsUntil(it: Wall, over: Promise<unknown>): Promise<number> {
  const ended = new AbortController();
  const watching = over.finally(() => ended.abort());
  let tenths = 0;
  while (!ended.signal.aborted) {
    const pause = new Promise<void>((resolve) => {
      setLoopTimer(resolve, 1_000 / ASKED_PER_SECOND);
    });
    const alive = it.nodes.map(async ({ node }) => (await fetch(`${node.url}/live`)).text());
    await Promise.race([watching, Promise.all([pause, ...alive])]);
    tenths += 1;
  }
  await watching;
  return tenths;
}

test("W21: the end of a token closes streams in which nothing happens, within a second", async () => {
  const it = built.it;
  await it.drift(1);
  const comer = await comers.withEnd("elsa", 8);
  const dashboards = await it.watch(showingsOf(it, comer));
  await comer.lose(it, async () => void (await fetch(`${it.nodes[0].node.url}/live`)));
  const letGo = Promise.all(dashboards.map((dashboard) => dashboard.forbidden()));
  expect(await tenthsUntil(it, letGo)).toBeLessThanOrEqual(ASKED_PER_SECOND);
  expect(new Set(dashboards.flatMap(({ ends }) => ends))).toEqual(new Set(["4403", "FORBIDDEN"]));
});
