import { z } from "zod";
import type { Epoch } from "./epoch.ts";
import type { Name, RevisionDigest } from "./name.ts";
import type { DecisionSignature } from "./signature.ts";

/** Rule 3.1, in the order in which it is derived. */
export const PacketStatus = z.enum([
  "CLOSED",
  "ESCALATED",
  "ON_HOLD",
  "APPROVED",
  "READY_FOR_APPROVAL",
]);
export type PacketStatus = z.infer<typeof PacketStatus>;

/** Why a packet is CLOSED for good. */
export const Closing = z.enum(["WINDOW_PASSED", "WITHDRAWN"]);
export type Closing = z.infer<typeof Closing>;

/** SUSPENDED by age alone and may stand again; LAPSED never does (rule 5.5). */
export const ApprovalStanding = z.enum(["STANDING", "SUSPENDED", "LAPSED"]);
export type ApprovalStanding = z.infer<typeof ApprovalStanding>;

/** The owner's recorded decision on one exact revision. */
export type Approval = {
  /** The revision that was approved, and its digest. */
  readonly revision: number;
  readonly digest: RevisionDigest;
  /** The revision that records the approval. */
  readonly recordedIn: number;
  readonly approvedBy: Name;
  readonly approvedEpoch: Epoch;
  /** The owner's own signature under it, if there is one. */
  readonly signature?: DecisionSignature;
  readonly standing: ApprovalStanding;
  readonly material: Material;
  readonly materialDigest: RevisionDigest;
};

/** One filled seat. */
export type SeatHolder = {
  readonly role: string;
  readonly person: Name;
};

/** Who sits in one shift, in policy seat order; null while not even aged commitments could fill it. */
export type Seating = {
  readonly shift: Name;
  readonly seats: readonly SeatHolder[] | null;
};

export type SelectedEnclave = {
  readonly enclave: Name;
  readonly measurement: string;
  readonly seal: Name;
};

export type CustodyHolder = {
  readonly package: Name;
  readonly digest: string;
  readonly custodian: Name;
  readonly seal: Name;
};

export type EngagedSafeguard = {
  readonly target: Name;
  readonly safeguard: string;
};

/** Everything whose change makes an approval lapse (rule 5.4). Its canonical form has the material digest. */
export type Material = {
  /** Digest by source kind. */
  readonly sources: Readonly<Record<string, string>>;
  /** Version by bound source kind. */
  readonly bindings: Readonly<Record<string, number>>;
  readonly seating: readonly Seating[];
  readonly enclaves: readonly SelectedEnclave[];
  readonly custody: readonly CustodyHolder[];
  readonly safeguards: readonly EngagedSafeguard[];
  /** Selectors whose newest word is LIFTED. */
  readonly liftedQuarantines: readonly string[];
};

/** What downstream asks (section 2). */
export const GateStatus = z.enum(["OPEN", "CLOSED"]);
export type GateStatus = z.infer<typeof GateStatus>;

/** Why the gate is CLOSED. */
export const GateReason = z.enum([
  "PACKET_CLOSED",
  "HOLDS_OPEN",
  "NOT_APPROVED",
  "APPROVAL_SUSPENDED",
  "APPROVAL_LAPSED",
  "WINDOW_NOT_OPEN",
  "NO_SIGNING",
  "EPOCH_FROZEN",
  "EPOCH_STALLED",
  "UNREADABLE",
  "LINEAGE_IN_DOUBT",
  "NOT_CURRENT",
]);
export type GateReason = z.infer<typeof GateReason>;

/** A doubt about the epoch (rule 6.5). */
export const ClockDoubt = z.enum(["EPOCH_FROZEN", "EPOCH_STALLED"]);
export type ClockDoubt = z.infer<typeof ClockDoubt>;
