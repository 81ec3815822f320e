import type { Actor } from "./actor.ts";
import type { Epoch } from "./epoch.ts";
import type { Entry } from "./entry.ts";
import type { Name, PacketId, RevisionDigest, Text } from "./name.ts";
import type { DecisionSignature, RejectionSignature } from "./signature.ts";
import type { AcceptedSource, Bindings, Sources } from "./source.ts";

/** What the packet knows of the deployment's clock. `generation` rises at every break (rule 6.5). */
export interface ClockState {
  readonly frozen: boolean;
  readonly generation: number;
}

/** What broke the mapping of epochs to human time. */
export type ClockBreak = "FROZEN" | "THAWED" | "ADVANCED_BY_HAND" | "TICKER_GAP" | "RATE_CHANGED";

/** Scope, bindings and first entries together (rule 3.3). */
export interface PacketOpened {
  readonly kind: "PACKET_OPENED";
  readonly packet: PacketId;
  readonly train: Name;
  readonly exercise: boolean;
  /** The closed packet that this one succeeds and from which it inherits nothing (rule 5.3). */
  readonly succeeds: PacketId | null;
  readonly bindings: Bindings;
  readonly sources: Sources;
  /** The packet's own entries, then the newest report on each shared subject it depends on. */
  readonly entries: readonly Entry[];
  readonly clock: ClockState;
}

export interface SourceAccepted {
  readonly kind: "SOURCE_ACCEPTED";
  readonly source: AcceptedSource;
  /** The newest reports on shared subjects that the packet depends on only since this source. */
  readonly entries: readonly Entry[];
}

export interface PacketBound {
  readonly kind: "PACKET_BOUND";
  readonly bindings: Bindings;
}

/** Readiness entries, the packet's own or reported once for several packets (rule 3.6). */
export interface EntriesRecorded {
  readonly kind: "ENTRIES_RECORDED";
  readonly entries: readonly Entry[];
}

export interface OperatorHoldPlaced {
  readonly kind: "OPERATOR_HOLD_PLACED";
  /** From 1, without gaps, for each packet. */
  readonly placement: number;
  readonly reason: Text;
}

export interface OperatorHoldReleased {
  readonly kind: "OPERATOR_HOLD_RELEASED";
  readonly placement: number;
  readonly reason: Text;
}

/** Recorded; clears nothing (rule 3.8). */
export interface EscalationAcknowledged {
  readonly kind: "ESCALATION_ACKNOWLEDGED";
  readonly note: Text;
}

export interface PacketApproved {
  readonly kind: "PACKET_APPROVED";
  readonly revision: number;
  readonly digest: RevisionDigest;
  /** The owner's own signature of exactly this, with the epoch that its statement names. */
  readonly signature?: DecisionSignature;
}

export interface PacketRejected {
  readonly kind: "PACKET_REJECTED";
  readonly reason: Text;
  readonly signature?: RejectionSignature;
}

export interface PacketResubmitted {
  readonly kind: "PACKET_RESUBMITTED";
  readonly answer: Text;
}

export interface PacketWithdrawn {
  readonly kind: "PACKET_WITHDRAWN";
  readonly reason: Text;
}

/** The clock broke the mapping, or froze or thawed. */
export interface ClockChanged {
  readonly kind: "CLOCK_CHANGED";
  readonly change: ClockBreak;
  readonly clock: ClockState;
}

/** An epoch at which something lapsed, by itself. */
export interface EpochReached {
  readonly kind: "EPOCH_REACHED";
}

/** What causes a revision. */
export type Fact =
  | PacketOpened
  | SourceAccepted
  | PacketBound
  | EntriesRecorded
  | OperatorHoldPlaced
  | OperatorHoldReleased
  | EscalationAcknowledged
  | PacketApproved
  | PacketRejected
  | PacketResubmitted
  | PacketWithdrawn
  | ClockChanged
  | EpochReached;
export type FactKind = Fact["kind"];

/** Who causes something, as the lineage keeps it: with their key if they signed in offline. */
export type Cause = Pick<Actor, "actor" | "kind" | "offlineKey">;

/** What the lineage keeps of an actor. */
export function causeOf({ actor, kind, offlineKey }: Actor): Cause {
  return offlineKey === undefined ? { actor, kind } : { actor, kind, offlineKey };
}

/** A fact with who caused it and when. An epoch reached by itself has the system's own actor. */
export interface Occurrence<F extends Fact = Fact> {
  readonly fact: F;
  readonly actor: Cause;
  readonly epoch: Epoch;
}

/** Who stands behind what happens by itself. */
export const HOLDFAST: Cause = { actor: "holdfast", kind: "SYSTEM" };
