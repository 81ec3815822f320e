import { expect, test } from "vitest";
import { type Statements, grown, sumOf } from "./statements.ts";
import { wall } from "./wall.ts";

const built = wall("a node that takes over");

const SUBSCRIBERS = 500;
/** Everything that can be followed of each packet. */
const WALL = 25;
const STATEMENTS_OF_CLIENT_MAX = 0.05;

const MADE = 120;

/** What a node asks by itself, at least once a second: its quiet time is measured by it. */
const TICK = /FROM clock_step|packet_head/;
const TICKS = 18;

/** What a node is asked in a time, by text. */
interface Period {
  readonly counts: readonly (readonly [text: string, count: number])[];
  readonly seconds: number;
  readonly revisions: number;
}

/** `act` resolves to how many revisions were made in it. */
async function during(statements: Statements, act: () => Promise<number>): Promise<Period> {
  const before = statements.counts;
  const from = performance.now();
  const revisions = await act();
  const seconds = (performance.now() - from) / 1000;
  return { counts: grown(before, statements.counts), seconds, revisions };
}

/** What came beside what goes on anyway, and beside what so many appends cost. */
function beyond(period: Period, quiet: Period, appending: Period): (readonly [string, number])[] {
  const counts = new Map(period.counts);
  const quietly = new Map(quiet.counts);
  const appends = new Map(appending.counts);
  const texts = new Set([...counts.keys(), ...quietly.keys(), ...appends.keys()]);
  return [...texts].map((text): readonly [string, number] => {
    const ofTime = (quietly.get(text) ?? 0) / quiet.seconds;
    const ofAppending = (appends.get(text) ?? 0) - ofTime * appending.seconds;
    const ofAppend = Math.max(0, ofAppending) / appending.revisions;
    const expected = ofTime * period.seconds + ofAppend * period.revisions;
    return [text, Math.max(0, (counts.get(text) ?? 0) - expected)];
  });
}

test("500 who lose their node to SIGKILL go on at the other one, for 0.05 statements each", async () => {
  const it = built.it;
  const [first, second] = it.nodes;
  const { statements } = second;
  const drift = await it.drift(4, { isPlain: true });
  const alone = await it.drift(1, { urls: [second.node.url], isPlain: true });
  // The other node has a wall of its own, so that what counts is what each of those who come costs.
  await it.watch(it.manyShowings(WALL, [second.api]));
  const dashboards = await it.watch(it.manyShowings(SUBSCRIBERS, [first.api, second.api]));
  // What a revision costs that is watched: its followers read it, and ask the gate anew.
  const appending = await during(statements, async () => {
    alone.begin(2);
    await alone.made(20);
    await alone.end();
    return alone.acknowledged.length;
  });
  drift.begin(4);
  await drift.made(MADE);
  const taking = await during(statements, async () => {
    const before = drift.acknowledged.length;
    // What is under way is lost with the node, and is asked for again at the other one.
    const ended = drift.end();
    await first.node.kill();
    await ended;
    await it.converged(await it.heads());
    return drift.acknowledged.length - before;
  });
  const quiet = await during(statements, async () => {
    await statements.more(TICK, TICKS);
    return 0;
  });
  const more = beyond(taking, quiet, appending);
  const ofClient = sumOf(more) / SUBSCRIBERS;
  process.stderr.write(`${ofClient} statements a client, in ${taking.seconds} s:\n`);
  for (const [text, count] of more.toSorted(([, one], [, other]) => other - one)) {
    if (count >= 1) process.stderr.write(`${count.toFixed(1)} ${text}\n`);
  }
  for (const { returns } of dashboards) expect(returns).toBe(1);
  drift.begin(2);
  await drift.made(MADE);
  await drift.end();
  await it.converged(await drift.ring());
  expect(await it.faultsIn(drift)).toEqual([]);
  expect(ofClient).toBeLessThanOrEqual(STATEMENTS_OF_CLIENT_MAX);
});
