import process from "node:process";
import type { Dashboard, DashboardCalls, Intended, Lag, Seen } from "./dashboards.ts";
import { PromptReader } from "./promptReader.ts";
import { SlowReader } from "./slowReader.ts";
import { serve } from "./worker.ts";

// Dashboards of which each looks at every number: what was missing, doubled or out of order is
// told as a fault.

const OPENED_AT_ONCE = 50;
const FAULTS_TOLD = 10;

const prompt: PromptReader[] = [];
let slow: SlowReader[] = [];
let cpuMsBefore = 0;
let waitingFor = 0;
let onComplete: () => void = () => undefined;

serve<DashboardCalls>({ open, begin, finish, leave });

async function open(dashboards: readonly Dashboard[]): Promise<void> {
  const readers = dashboards.map(readerOf);
  for (let first = 0; first < readers.length; first += OPENED_AT_ONCE) {
    const lot = readers.slice(first, first + OPENED_AT_ONCE);
    await Promise.all(lot.map((reader) => reader.open()));
  }
}

function readerOf(dashboard: Dashboard): PromptReader | SlowReader {
  if (dashboard.pace !== "PROMPT") {
    const reader = new SlowReader(dashboard);
    slow.push(reader);
    return reader;
  }
  const reader = new PromptReader(dashboard, () => {
    waitingFor -= 1;
    if (waitingFor === 0) onComplete();
  });
  prompt.push(reader);
  return reader;
}

function begin(count: number): void {
  for (const reader of prompt) reader.expect(count);
  waitingFor = prompt.length;
  cpuMsBefore = cpuMs();
}

async function finish({
  timeoutMs,
  intended,
}: {
  readonly timeoutMs: number;
  readonly intended: Intended | null;
}): Promise<Seen> {
  await completed(timeoutMs);
  const spent = cpuMs() - cpuMsBefore;
  const times = prompt.flatMap(({ arrivals, got }) => [arrivals[0], arrivals[got - 1]]);
  const seen = times.filter((time) => time !== undefined && time > 0) as number[];
  const message = prompt[0]?.message ?? "";
  return {
    faults: faults(),
    deliveries: prompt.reduce((sum, { got }) => sum + got, 0),
    spanMs: Math.max(...seen) - Math.min(...seen),
    cpuMs: spent,
    eventBytes: Buffer.byteLength(message),
    message,
    lag: intended === null ? null : lagOf(intended),
  };
}

function completed(timeoutMs: number): Promise<void> {
  if (waitingFor <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(resolve, timeoutMs);
    onComplete = () => {
      clearTimeout(late);
      resolve();
    };
  });
}

function faults(): string[] {
  const each = prompt.flatMap(({ faults, got, arrivals }, index) => {
    const missing = arrivals.length - got;
    const told =
      missing > 0 ? [...faults, `${missing} of ${arrivals.length} events are missing`] : faults;
    return told.map((fault) => `dashboard ${index}: ${fault}`);
  });
  if (each.length <= FAULTS_TOLD) return each;
  return [...each.slice(0, FAULTS_TOLD), `and ${each.length - FAULTS_TOLD} more`];
}

function lagOf(intended: Intended): Lag {
  const meant = new Map(intended);
  const lags = new Float64Array(prompt.reduce((sum, { got }) => sum + got, 0));
  let place = 0;
  for (const { base, arrivals, got } of prompt) {
    for (let index = 0; index < got; index += 1) {
      const at = meant.get((base ?? 0) + index + 1) ?? Number.NaN;
      lags[place] = (arrivals[index] ?? Number.NaN) - at;
      place += 1;
    }
  }
  lags.sort();
  const quantile = (share: number): number =>
    lags[Math.min(lags.length - 1, Math.floor(share * lags.length))] ?? Number.NaN;
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs: quantile(1) };
}

function leave(): void {
  for (const reader of slow) reader.leave();
  slow = [];
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
