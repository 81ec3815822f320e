import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Limit, type Result, conclude } from "../measure.ts";

/** A benchmark of live delivery: one run, in which several quantities are compared with several peers. */
export interface LiveFigure {
  readonly name: string;
  /** What is measured, in one sentence. */
  readonly what: string;
  run(): Promise<LiveRun>;
}

/** What a run gave. */
export interface LiveRun {
  /** Every event that was missing, doubled or out of order: with any of them the run says nothing. */
  readonly faults: readonly string[];
  readonly comparisons: readonly Comparison[];
  /** Sizes, and what else was read, for whoever reads the figure. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** One quantity, of the product and of a peer, round by round. */
export interface Comparison {
  /** Such as `p99`; with the figure's name, one line of the answer. */
  readonly quantity: string;
  readonly unit: string;
  readonly peer: string;
  readonly limit: Limit | null;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** A comparison as it came out: the medians, their ratio, and the spread of the rounds' ratios. */
export interface LiveResult extends Omit<Result, "subjectMs" | "peerMs" | "ratioP99"> {
  readonly quantity: string;
  readonly unit: string;
  readonly ours: number;
  readonly theirs: number;
}

/** Every comparison of a valid run. */
export function concludeLive({ name, what }: LiveFigure, run: LiveRun): LiveResult[] {
  const { settings, versions } = run;
  return run.comparisons.map(({ quantity, unit, peer, limit, ours, theirs }) => {
    const rounds = { subject: ours, peer: theirs, settings, versions };
    const figure = { name, what, peer, limit, run: () => Promise.resolve(rounds) };
    const { subjectMs, peerMs, ratioP99: _, ...rest } = conclude(figure, rounds);
    return { ...rest, quantity, unit, ours: subjectMs, theirs: peerMs };
  });
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

/** With at most so many digits that tell anything. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

const root = path.resolve(import.meta.dirname, "..", "..", "..");

/** The versions of these packages, as they are installed. */
export async function versionsOf(
  packages: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const entries = packages.map(async (name) => {
    const file = path.join(root, "node_modules", name, "package.json");
    const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string };
    return [name, version] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
