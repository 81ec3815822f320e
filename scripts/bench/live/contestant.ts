import type { DashboardCalls, Seen } from "./dashboards.ts";
import { usageOf } from "./usage.ts";
import type { Worker } from "./worker.ts";

/** Servers whose dashboards are open: the product, or a peer. */
export interface Contestant {
  readonly name: string;
  readonly dashboards: Worker<DashboardCalls>;
  /** The processes whose work is counted: those that deliver. */
  readonly pids: readonly number[];
  /** Publishes so many events to each dashboard, and resolves when all are accepted. */
  publish(count: number): Promise<void>;
}

/** One wave of events as it was delivered. */
export interface Wave extends Seen {
  readonly serverCpuMs: number;
}

const WAVE_TIMEOUT_MS = 60_000;

/** Publishes events at once, and waits until every dashboard has seen them. */
export async function wave(contestant: Contestant, count: number): Promise<Wave> {
  const { dashboards, pids } = contestant;
  await dashboards.ask("begin", count);
  const before = await usageOf(pids);
  const waiting = { timeoutMs: WAVE_TIMEOUT_MS, intended: null };
  const [seen] = await Promise.all([dashboards.ask("finish", waiting), contestant.publish(count)]);
  const after = await usageOf(pids);
  return { ...seen, serverCpuMs: after.cpuMs - before.cpuMs };
}

const PROBE_TIMEOUT_MS = 1_500;
const PROBES_MAX = 40;

/**
 * Publishes single events until two in a row have reached every dashboard: the protocol does not
 * say when a subscription has begun. Resolves to the message of the last.
 */
export async function settle(contestant: Contestant): Promise<string> {
  const { name, dashboards } = contestant;
  let whole = 0;
  for (let probe = 0; probe < PROBES_MAX; probe += 1) {
    await dashboards.ask("begin", 1);
    await contestant.publish(1);
    const waiting = { timeoutMs: PROBE_TIMEOUT_MS, intended: null };
    const { faults, message } = await dashboards.ask("finish", waiting);
    whole = faults.length === 0 ? whole + 1 : 0;
    if (whole === 2) return message;
    if (probe === PROBES_MAX - 1) throw new Error(`${name} does not deliver: ${faults.join("; ")}`);
  }
  return "";
}

/** The faults of a contestant, by its name. */
export function faultsOf({ name }: Contestant, seen: Seen): string[] {
  return seen.faults.map((fault) => `${name}: ${fault}`);
}
