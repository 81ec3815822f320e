import type { Approval, Closing, Material, PacketStatus } from "#packet/approval.ts";
import type { Shift } from "#packet/calendar.ts";
import type { Entry, EntryKind, ReportedKind } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { ClockState } from "#packet/fact.ts";
import type { Advisory, Finding, Hold } from "#packet/hold.ts";
import type { Artifact } from "#packet/manifest.ts";
import type { Digest, Name, PacketId, RevisionDigest } from "#packet/name.ts";
import type { Bindings, Sources } from "#packet/source.ts";
import type { ComponentState } from "#packet/rollback.ts";
import type { Sorted } from "./sorted.ts";

/** A manifest with the ways in which the rules look things up in it. */
export interface FrozenManifest {
  readonly version: number;
  readonly byName: ReadonlyMap<string, Artifact>;
  readonly byDigest: ReadonlyMap<Digest, readonly Artifact[]>;
}

/** One operator hold as placed and perhaps released (rule 3.5). */
export interface Placement {
  readonly placement: number;
  readonly reason: string;
  readonly placedBy: Name;
  readonly released: boolean;
}

/** A rejection that waits for an answer. */
export interface Rejection {
  readonly reason: string;
  readonly rejectedBy: Name;
}

/** A pair of name and digest that a newer manifest no longer has (rule 4.2.4). */
export interface DroppedArtifact {
  readonly artifact: string;
  readonly digest: Digest;
}

/** What the ledger has told of one packet, folded: the input of every prerequisite. */
export interface Facts {
  readonly packet: PacketId;
  readonly train: Name;
  readonly exercise: boolean;
  readonly preparer: Name;
  readonly succeeds: PacketId | null;
  readonly sources: Sources;
  readonly bindings: Bindings;
  readonly clock: ClockState;
  /** Each reporter's newest entry, and their newest signed one, in ledger order, by entry subject. */
  readonly evidence: Sorted<readonly Entry[]>;
  readonly revoked: ReadonlySet<Name>;
  readonly components: ReadonlyMap<Name, ComponentState>;
  /** Who is accepted for a kind, the owner left out (rule 2.2). */
  readonly reporters: ReadonlyMap<ReportedKind, ReadonlySet<Name>>;
  /** The kinds of which only signed entries count (reading 26). */
  readonly signedKinds: ReadonlySet<EntryKind>;
  /** By `KIND REPORTER`, for those who are accepted for these subjects only (reading 27). */
  readonly subjectsOfReporters: ReadonlyMap<string, ReadonlySet<string>>;
  /** The newest manifest, and every one that the packet has known by version. */
  readonly manifest: FrozenManifest;
  readonly manifests: ReadonlyMap<number, FrozenManifest>;
  /** By `NAME DIGEST`. */
  readonly dropped: ReadonlyMap<string, DroppedArtifact>;
  /** The calendar's shifts by first epoch, then name. */
  readonly shifts: readonly Shift[];
  readonly placements: ReadonlyMap<number, Placement>;
  readonly rejection: Rejection | null;
}

/** What one cell of judgement says: a prerequisite, or its part about one artifact. */
export interface Verdict {
  readonly holds: readonly Finding[];
  readonly advisories: readonly Advisory[];
  /** The earliest later epoch at which the verdict may change by itself; null when never. */
  readonly due: Epoch | null;
}

/** The packet as the owner last saw it when they decided. */
export interface Reviewed {
  readonly revision: number;
  readonly sources: Sources;
  readonly bindings: Bindings;
  readonly material: Material;
}

/** A packet at its head. Immutable; everything is derived from the lineage (rule 3.7). */
export interface PacketState {
  readonly facts: Facts;
  readonly revision: number;
  /** The epoch of the head revision. */
  readonly epoch: Epoch;
  readonly status: PacketStatus;
  readonly closing: Closing | null;
  /** Every hold ever opened, by code and subject, in its newest opening (rule 4.2.2). */
  readonly register: Sorted<Hold>;
  readonly openHolds: number;
  /** Open holds of the B rows, which escalate (rule 3.1). */
  readonly openUpstreamHolds: number;
  /** Ordinals given so far. */
  readonly openings: number;
  readonly material: Material;
  readonly materialDigest: RevisionDigest;
  readonly approval: Approval | null;
  /** The newest revision that opened a hold or changed the material (rule 5.1). */
  readonly steadySince: number;
  /** What the owner knows: the packet as it was at the last decision, or at its opening (rule 5.6). */
  readonly reviewed: Reviewed;
  /** Verdicts by cell, and cells by when they are due: caches that any cold fold makes again. */
  readonly cells: Sorted<Verdict>;
  readonly dues: Sorted<string>;
}
