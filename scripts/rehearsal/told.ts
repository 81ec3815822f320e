import type { ApprovalStanding, GateReason, GateStatus, PacketStatus } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { AdvisoryCode, HoldCode } from "#packet/hold.ts";

/** A hold by what identifies it. */
export interface HoldName {
  readonly code: HoldCode;
  readonly subject: string;
}

/** What a revision did to the hold register. */
export interface HoldChange {
  readonly opened: readonly HoldName[];
  readonly cleared: readonly HoldName[];
  readonly outOfScope: readonly HoldName[];
}

/** Where everything comes from: the first line. */
interface OpeningTold {
  readonly line: "opening";
  readonly tells: readonly string[];
}

/** A stage begins. */
export interface StageTold {
  readonly line: "stage";
  readonly stage: number;
  readonly title: string;
  readonly tells: string;
  readonly epoch: Epoch;
}

/** Something that was done and made no revision. */
interface DoneTold {
  readonly line: "done";
  readonly by: string;
  readonly tells: string;
}

/** Something that the product refused. */
interface RefusedTold {
  readonly line: "refused";
  readonly by: string;
  readonly wish: string;
  readonly code: string;
  readonly message: string;
}

/** One revision, as the subscriber saw it and as the register stood after it. */
export interface RevisionTold extends HoldChange {
  readonly line: "revision";
  readonly stage: number;
  readonly revision: number;
  readonly digest: string;
  /** The first words of the digest. */
  readonly words: readonly string[];
  readonly epoch: Epoch;
  readonly cause: string;
  readonly by: string;
  readonly status: PacketStatus;
  readonly standing: ApprovalStanding | null;
  /** The open holds after it, counted by code. */
  readonly open: readonly { readonly code: HoldCode; readonly count: number }[];
  /** What is worth knowing beside them, counted likewise. */
  readonly advisories: readonly { readonly code: AdvisoryCode; readonly count: number }[];
  /** From the update's sending to the subscriber, in milliseconds; null for what time made, which nobody sent. */
  readonly seenAfterMs: number | null;
  readonly asExpected: boolean;
}

/** Time passed by itself. */
interface TimeTold {
  readonly line: "time";
  readonly from: Epoch;
  readonly to: Epoch;
}

/** Time passed and the epoch did not, for as long as so many epochs would have lasted. */
interface StillTold {
  readonly line: "still";
  readonly epoch: Epoch;
  readonly epochs: number;
}

/** Readiness over time: what will go wrong by itself first. */
export interface AheadTold {
  readonly line: "ahead";
  readonly ready: boolean;
  readonly epoch: Epoch;
  readonly holds: readonly HoldName[];
  /** How many entries to renew before then. */
  readonly renew: number;
  readonly why: string;
}

/** Quorum arithmetic of each shift to come. */
export interface QuorumTold {
  readonly line: "quorum";
  readonly shifts: readonly {
    readonly shift: string;
    readonly people: number;
    readonly absencesSurvived: number;
    readonly breakingAbsences: readonly string[];
  }[];
}

/** What a change would do, asked without recording it. */
export interface PreviewTold extends HoldChange {
  readonly line: "preview";
  readonly change: string;
  readonly status: PacketStatus;
  readonly standingBefore: ApprovalStanding | null;
  readonly standingAfter: ApprovalStanding | null;
}

/** What the gate tells downstream. */
export interface GateTold {
  readonly line: "gate";
  readonly status: GateStatus;
  readonly reasons: readonly GateReason[];
  readonly epoch: Epoch;
  readonly validThroughEpoch: Epoch | null;
}

/** Whether a stage went exactly as its author expected. */
export interface VerdictTold {
  readonly line: "verdict";
  readonly stage: number;
  readonly asExpected: boolean;
  readonly faults: readonly string[];
}

/** One of the four measures of the gate's section 9. */
export interface MeasureTold {
  readonly line: "measure";
  readonly rule: "9.1" | "9.2" | "9.3" | "9.4";
  readonly name: string;
  readonly figures: Readonly<Record<string, number | boolean>>;
  readonly tells: string;
}

/** The recovery design document as it is after everything was played. */
export interface DesignTold {
  readonly line: "design";
  readonly epoch: Epoch;
  readonly exercise: boolean;
  readonly digest: string;
  readonly markdown: string;
}

/** The last line. */
export interface EndTold {
  readonly line: "end";
  readonly stages: number;
  readonly asExpected: boolean;
  readonly seconds: number;
}

/** Everything that the rehearsal tells. */
export type Told =
  | OpeningTold
  | StageTold
  | DoneTold
  | RefusedTold
  | RevisionTold
  | TimeTold
  | StillTold
  | AheadTold
  | QuorumTold
  | PreviewTold
  | GateTold
  | VerdictTold
  | MeasureTold
  | DesignTold
  | EndTold;

/** Somebody who listens. */
export type Tell = (told: Told) => void;

/** Tells programs: one JSON object a line, epochs as decimal strings. */
export function jsonTeller(write: (text: string) => void): Tell {
  return (told) => write(`${JSON.stringify(told, decimal)}\n`);
}

function decimal(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
