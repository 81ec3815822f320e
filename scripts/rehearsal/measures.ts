import type { PacketStatus } from "#packet/approval.ts";
import type { Difference } from "./blockers.ts";
import type { MeasureTold } from "./told.ts";

/** What is kept of each revision for the measures. */
export interface Sample {
  readonly revision: number;
  readonly cause: string;
  readonly status: PacketStatus;
  readonly materialDigest: string;
  /** From the update's sending to the subscriber, in milliseconds; null for what time made, which nobody sent. */
  readonly seenAfterMs: number | null;
  /** How many true blockers there were, and how the register differed from them. */
  readonly blockers: number;
  readonly register: Difference;
  /** True when exactly the holds changed that depend on the update. */
  readonly isChangeExact: boolean;
  /** What opened, with the evidence behind it. */
  readonly opened: readonly { readonly hold: string; readonly evidence: readonly string[] }[];
}

/** What one answer of the gate was compared with. */
export interface GateSample {
  readonly isEqual: boolean;
}

/** The four measures of the gate's section 9. */
export function measuresOf(
  samples: readonly Sample[],
  gates: readonly GateSample[],
): MeasureTold[] {
  return [delay(samples), completeness(samples), agreement(samples, gates), stability(samples)];
}

/** The least value that so much of all values (0 to 1) do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function delay(samples: readonly Sample[]): MeasureTold {
  const delays = samples.flatMap(({ seenAfterMs }) => (seenAfterMs === null ? [] : [seenAfterMs]));
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => round(quantile(delays, share)));
  return {
    line: "measure",
    rule: "9.1",
    name: "from an update received to its revision committed and seen by a subscriber",
    figures: { revisions: delays.length, p50Ms: p50Ms ?? 0, p99Ms: p99Ms ?? 0 },
    tells:
      `p50 ${p50Ms} ms, p99 ${p99Ms} ms over ${delays.length} revisions, from the sending of the request ` +
      `until everything of the revision had come over the socket`,
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function completeness(samples: readonly Sample[]): MeasureTold {
  const total = sum(samples, (sample) => sample.blockers);
  const missing = sum(samples, (sample) => sample.register.missing.length);
  const falseOnes = sum(samples, (sample) => sample.register.false.length);
  const share = total === 0 ? 1 : (total - missing) / total;
  return {
    line: "measure",
    rule: "9.2",
    name: "share of true blockers that the register shows",
    figures: { share, blockers: total, missing, false: falseOnes },
    tells:
      `${percent(share)}: after each of ${samples.length} revisions the register was compared with the ` +
      `rehearsal's own books; of ${total} true blockers ${missing} were missing, ${falseOnes} were false`,
  };
}

/** How the stretches of readiness ended: each begins with a first READY_FOR_APPROVAL revision. */
interface Stretches {
  readonly begun: number;
  readonly approvedUnchanged: number;
  readonly approvedChanged: number;
  readonly rejected: number;
  /** Ended by a hold before the owner decided. */
  readonly overtaken: number;
}

/** Follows readiness through the lineage, in order. */
function stretchesOf(samples: readonly Sample[]): Stretches {
  const ended = { approvedUnchanged: 0, approvedChanged: 0, rejected: 0, overtaken: 0 };
  let begun = 0;
  let first: Sample | null = null;
  for (const sample of samples) {
    if (first === null) {
      if (sample.status !== "READY_FOR_APPROVAL") continue;
      begun += 1;
      first = sample;
    } else if (sample.status !== "READY_FOR_APPROVAL") {
      ended[endingOf(first, sample)] += 1;
      first = null;
    }
  }
  return { begun, ...ended };
}

function endingOf(
  first: Sample,
  last: Sample,
): "approvedUnchanged" | "approvedChanged" | "rejected" | "overtaken" {
  if (last.cause === "PACKET_REJECTED") return "rejected";
  if (last.cause !== "PACKET_APPROVED") return "overtaken";
  return last.materialDigest === first.materialDigest ? "approvedUnchanged" : "approvedChanged";
}

function agreement(samples: readonly Sample[], gates: readonly GateSample[]): MeasureTold {
  const stretches = stretchesOf(samples);
  const decided = stretches.begun - stretches.overtaken;
  const share = decided === 0 ? 0 : stretches.approvedUnchanged / decided;
  const equal = gates.filter((gate) => gate.isEqual).length;
  return {
    line: "measure",
    rule: "9.3",
    name: "agreement of the owner with the first READY_FOR_APPROVAL revision, and of the gate with the approval",
    figures: { share, ...stretches, gateAnswers: gates.length, gateAnswersEqual: equal },
    tells:
      `${percent(share)}: of ${decided} first READY_FOR_APPROVAL revisions that the owner decided on, ` +
      `${stretches.approvedUnchanged} were approved unchanged (the scripted rejection counts against; ` +
      `${stretches.overtaken} more were overtaken by drift before a decision); ` +
      `${equal} of ${gates.length} gate answers were exact: OPEN on the approved material itself, else CLOSED`,
  };
}

function stability(samples: readonly Sample[]): MeasureTold {
  const exact = samples.filter((sample) => sample.isChangeExact).length;
  const flapped = flaps(samples).length;
  const share = samples.length === 0 ? 1 : exact / samples.length;
  return {
    line: "measure",
    rule: "9.4",
    name: "stability: a change changes only the holds that depend on it",
    figures: { share, revisions: samples.length, exact, flapped },
    tells:
      `${percent(share)}: ${exact} of ${samples.length} revisions changed exactly the holds that depend on ` +
      `their update; ${flapped} holds opened again by themselves on the evidence they had before`,
  };
}

/** The holds that time alone opened again although nothing new was said. */
function flaps(samples: readonly Sample[]): string[] {
  const grounds = new Map<string, string>();
  const flapped: string[] = [];
  for (const { cause, opened } of samples) {
    for (const { hold, evidence } of opened) {
      const ground = evidence.join(" ");
      if (cause === "EPOCH_REACHED" && grounds.get(hold) === ground) flapped.push(hold);
      grounds.set(hold, ground);
    }
  }
  return flapped;
}

function sum(samples: readonly Sample[], value: (sample: Sample) => number): number {
  return samples.reduce((total, sample) => total + value(sample), 0);
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
