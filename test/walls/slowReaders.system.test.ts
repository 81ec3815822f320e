import { expect, test } from "vitest";
import { setLoopTimer } from "#feed/timer.ts";
import { QUEUE_BYTES_MAX } from "#graphql/limits.ts";
import { PASSPORTS } from "../faults/httpNode.ts";
import { bearer } from "../identity/passports.ts";
import { Brake } from "./brake.ts";
import type { Dashboard, Showing } from "./dashboard.ts";
import { wall } from "./wall.ts";
import type { WallNode } from "./wallNode.ts";

const built = wall("slow readers");

const WALL = 60;
const TENTH = WALL / 10;

/** Of events of up to an eighth of a megabyte, far more of each packet than a connection holds by itself. */
const MADE = 200;

/** How long is waited between two looks at a node's metrics, in milliseconds. */
const LOOK_MS = 50;

/** What names an operation, and the frame that its event goes out in. */
const FRAME_BYTES = 256;

/** What a node's own metrics say; 0 for what was not counted yet. */
async function metricOf({ node }: WallNode, series: string): Promise<number> {
  const headers = { authorization: bearer(PASSPORTS.ivan) };
  const text = await (await fetch(`${node.url}/metrics`, { headers })).text();
  const line = text.split("\n").find((one) => one.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}

async function pause(): Promise<void> {
  await new Promise<void>((resolve) => {
    setLoopTimer(resolve, LOOK_MS);
  });
}

/** How many a node has sent away because they took nothing. */
function sentAway(node: WallNode): Promise<number> {
  return metricOf(node, 'holdfast_stream_closes_total{transport="websocket",reason="4013"}');
}

/** The most bytes that waited at a node for its readers until this was over. */
async function mostWaiting(node: WallNode, over: Promise<unknown>): Promise<number> {
  const ended = new AbortController();
  const watching = over.finally(() => ended.abort());
  watching.catch(() => undefined);
  let most = 0;
  while (!ended.signal.aborted) {
    most = Math.max(most, await metricOf(node, "holdfast_stream_queue_bytes"));
    await pause();
  }
  await watching;
  return most;
}

function largestOf(dashboards: readonly Dashboard[]): number {
  const events = dashboards.flatMap(({ told }) => told);
  return Math.max(...events.map((event) => Buffer.byteLength(JSON.stringify(event))));
}

test("F18: one in ten takes nothing and one in ten an event a second: all others are told everything at once, those who take nothing are sent away with 4013, and little waits for them", async () => {
  const it = built.it;
  const [first] = it.nodes;
  // By no door, which would hold as much again.
  const direct = it.nodes.map(({ node }) => `${node.url}/graphql`);
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
        return { ...before, packet, transport: brake.transport, doors: direct, ...more };
      }),
    );
  const takingNothing = await held(stalled, { watched: "REVISIONS_AT_LENGTH" });
  const takingLittle = await held(slow, { watched: "HOLD_CHANGES" });
  const behind = [...takingNothing, ...takingLittle];
  drift.begin(4);
  const moved = drift.made(MADE).then(async () => {
    await drift.end();
    const marks = await drift.ring();
    await it.converged(marks, quick);
    for (const { told } of takingNothing) expect(told.length).toBeLessThan(MADE / 4);
    while ((await sentAway(first)) < TENTH) await pause();
    return marks;
  });
  const most = await mostWaiting(first, moved);
  expect(quick.flatMap(({ ends }) => ends)).toEqual([]);
  stalled.release();
  slow.release();
  await it.converged(await moved, behind);
  expect(await it.faultsIn(drift)).toEqual([]);
  // Whoever takes again too late to hear why finds the connection cut.
  for (const { ends } of takingNothing) expect(ends.join()).toMatch(/^(?:4013|1006)$/);
  expect(await sentAway(first)).toBe(TENTH);
  const bound = WALL * QUEUE_BYTES_MAX + TENTH * (largestOf(takingNothing) + FRAME_BYTES);
  process.stderr.write(`${most} bytes waited at most, of ${bound} that may\n`);
  expect(most).toBeGreaterThan(QUEUE_BYTES_MAX);
  expect(most).toBeLessThanOrEqual(bound);
});
