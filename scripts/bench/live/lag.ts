import { appendOpenly } from "./appends.ts";
import { type Contestant, faultsOf } from "./contestant.ts";
import type { Lag } from "./dashboards.ts";
import type { Comparison } from "./figure.ts";
import { usageOf } from "./usage.ts";

/** A contestant that appends one event at a time and tells its number. */
export interface Appending extends Contestant {
  append(): Promise<number>;
}

/** How fast, and for how long. */
export interface Load {
  readonly perSecond: number;
  readonly count: number;
}

/** What one round of a load gave. */
export interface LagRound extends Lag {
  readonly serverCpuMicros: number;
  readonly clientCpuMicros: number;
  readonly faults: readonly string[];
}

const LATE_MS = 30_000;

/** Appends openly, and tells how long each event was on its way to each dashboard. */
export async function lagUnder(contestant: Appending, load: Load): Promise<LagRound> {
  const { dashboards, pids } = contestant;
  await dashboards.ask("begin", load.count);
  const before = await usageOf(pids);
  const intended = await appendOpenly(() => contestant.append(), load);
  const seen = await dashboards.ask("finish", { timeoutMs: LATE_MS, intended });
  const after = await usageOf(pids);
  if (seen.lag === null) throw new Error("lags were asked for");
  return {
    ...seen.lag,
    serverCpuMicros: ((after.cpuMs - before.cpuMs) / seen.deliveries) * 1000,
    clientCpuMicros: (seen.cpuMs / seen.deliveries) * 1000,
    faults: faultsOf(contestant, seen),
  };
}

/** A comparison of the 99th percentiles of the rounds. */
export function p99(
  peer: string,
  ours: readonly LagRound[],
  theirs: readonly LagRound[],
  limit: Comparison["limit"],
): Comparison {
  return {
    quantity: `p99 from append to dashboard, against ${peer}`,
    unit: "ms",
    peer,
    limit,
    ours: ours.map(({ p99Ms }) => p99Ms),
    theirs: theirs.map(({ p99Ms }) => p99Ms),
  };
}
