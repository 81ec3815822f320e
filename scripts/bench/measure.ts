import { performance } from "node:perf_hooks";

/** What a figure compares, and how far the ratio may go. */
export interface Figure {
  readonly name: string;
  /** What is measured, in one sentence. */
  readonly what: string;
  /** What it is compared with, in the same run. */
  readonly peer: string;
  readonly limit: Limit | null;
  run(): Promise<Rounds>;
}

export type Limit = { readonly atMost: number } | { readonly atLeast: number };

/** Milliseconds of each round, subject and peer in turn. */
export interface Rounds {
  readonly subject: readonly number[];
  readonly peer: readonly number[];
  /** Sizes and settings worth knowing, for whoever reads the figure. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Of what was measured beside Node itself. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** A figure as it came out. The spread is that of the rounds' ratios: 90th less 10th percentile over the median. */
export interface Result {
  readonly figure: string;
  readonly ratio: number;
  /** The ratio of the 99th percentiles; null for fewer than 100 rounds, where they are single rounds. */
  readonly ratioP99: number | null;
  readonly spread: number;
  readonly limit: Limit | null;
  readonly isMet: boolean;
  readonly rounds: number;
  readonly subjectMs: number;
  readonly peerMs: number;
  readonly peer: string;
  readonly settings: Rounds["settings"];
  readonly versions: Readonly<Record<string, string>>;
}

/** Times one call, in milliseconds. */
async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Subject and peer in turn, after as many rounds to warm up as `warmUp` says. */
export async function interleave(
  rounds: { readonly warmUp: number; readonly counted: number },
  subject: () => unknown,
  peer: () => unknown,
): Promise<Pick<Rounds, "subject" | "peer">> {
  const times = { subject: [] as number[], peer: [] as number[] };
  for (let round = -rounds.warmUp; round < rounds.counted; round += 1) {
    const subjectMs = await timed(subject);
    const peerMs = await timed(peer);
    if (round < 0) continue;
    times.subject.push(subjectMs);
    times.peer.push(peerMs);
  }
  return times;
}

/** The value below which `share` of the values lie. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The ratio of the medians, its spread, and whether the limit is met. */
export function conclude(figure: Figure, rounds: Rounds): Result {
  const subjectMs = quantile(rounds.subject, 0.5);
  const peerMs = quantile(rounds.peer, 0.5);
  const ratio = subjectMs / peerMs;
  const ratios = rounds.subject.map((ms, index) => ms / (rounds.peer[index] ?? Number.NaN));
  const spread = (quantile(ratios, 0.9) - quantile(ratios, 0.1)) / quantile(ratios, 0.5);
  return {
    figure: figure.name,
    ratio,
    ratioP99: ratioP99(rounds),
    spread,
    limit: figure.limit,
    isMet: isMet(ratio, figure.limit),
    rounds: rounds.subject.length,
    subjectMs,
    peerMs,
    peer: figure.peer,
    settings: rounds.settings,
    versions: rounds.versions ?? {},
  };
}

function ratioP99({ subject, peer }: Rounds): number | null {
  return subject.length < 100 ? null : quantile(subject, 0.99) / quantile(peer, 0.99);
}

function isMet(ratio: number, limit: Limit | null): boolean {
  if (limit === null) return true;
  return "atMost" in limit ? ratio <= limit.atMost : ratio >= limit.atLeast;
}
