import { type Contestant, faultsOf, settle, wave } from "./contestant.ts";
import { type Comparison, type LiveRun, median, rounded, versionsOf } from "./figure.ts";

/** What a contestant did, round by round. */
export interface Scores {
  readonly name: string;
  readonly perSecond: number[];
  /** Microseconds of the delivering server's CPU for each delivery. */
  readonly cpuMicros: number[];
  /** Of the dashboards' own, for each delivery: whether they were what the server waited for. */
  readonly clientMicros: number[];
}

/** How many events there are, and in how many waves. */
export interface Course {
  /** Rounds that do not count: servers of a war room run for days. */
  readonly warmUps: number;
  readonly rounds: number;
  readonly waves: number;
  /** Events that each dashboard sees of one wave. */
  readonly events: number;
}

/** Delivers in turn: each round every contestant once. */
export async function compete(
  contestants: readonly Contestant[],
  { warmUps, rounds, waves, events }: Course,
): Promise<{ scores: Scores[]; faults: string[] }> {
  const faults: string[] = [];
  const scores = contestants.map(({ name }): Scores => {
    return { name, perSecond: [], cpuMicros: [], clientMicros: [] };
  });
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      const sums = { deliveries: 0, spanMs: 0, serverCpuMs: 0, cpuMs: 0 };
      for (let number = 0; number < waves; number += 1) {
        const seen = await wave(contestant, events);
        faults.push(...faultsOf(contestant, seen));
        if (seen.faults.length > 0) await settle(contestant);
        for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += seen[key];
      }
      if (round < 0) continue;
      const { deliveries, spanMs, serverCpuMs, cpuMs } = sums;
      scores[index]?.perSecond.push((deliveries / spanMs) * 1000);
      scores[index]?.cpuMicros.push((serverCpuMs / deliveries) * 1000);
      scores[index]?.clientMicros.push((cpuMs / deliveries) * 1000);
    }
  }
  return { scores, faults };
}

/** A comparison of the deliveries a second. */
export function rate(ours: Scores, theirs: Scores, limit: Comparison["limit"]): Comparison {
  return {
    quantity: `deliveries a second, against ${theirs.name}`,
    unit: "a second",
    peer: theirs.name,
    limit,
    ours: ours.perSecond,
    theirs: theirs.perSecond,
  };
}

/** A comparison of the server's CPU for each delivery. */
export function cost(ours: Scores, theirs: Scores, limit: Comparison["limit"]): Comparison {
  return {
    quantity: `server CPU of a delivery, against ${theirs.name}`,
    unit: "µs",
    peer: theirs.name,
    limit,
    ours: ours.cpuMicros,
    theirs: theirs.cpuMicros,
  };
}

/** The one with the most deliveries a second, in the middle of its rounds. */
export function best(scores: readonly Scores[]): Scores {
  const [first] = scores.toSorted(
    (left, right) => median(right.perSecond) - median(left.perSecond),
  );
  if (first === undefined) throw new Error("nobody competes");
  return first;
}

/** What every contestant did, as settings of a run. */
export function told(scores: readonly Scores[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    scores.flatMap(({ name, perSecond, cpuMicros, clientMicros }) => [
      [`${name}: deliveries a second`, Math.round(median(perSecond))],
      [`${name}: server µs`, rounded(median(cpuMicros))],
      [`${name}: client µs`, rounded(median(clientMicros))],
    ]),
  );
}

/** The packages of the peers that stand beside each other here. */
export function peerVersions(): Promise<LiveRun["versions"]> {
  return versionsOf(["ws", "graphql", "graphql-yoga", "graphql-ws", "mercurius", "fastify"]);
}
