import type { ActorKind } from "#packet/actor.ts";
import type { PacketStatus } from "#packet/approval.ts";
import type { SharedEntry } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Fact, FactKind, PacketOpened } from "#packet/fact.ts";
import type { Id, Name, PacketId, RevisionDigest } from "#packet/name.ts";
import type { Refusal } from "#packet/refusal.ts";
import type {
  AcceptedSource,
  ApprovalLane,
  SourceContent,
  SourceKind,
  SourceReceipt,
  Sources,
} from "#packet/source.ts";
import type { TokenSpending } from "#recovery/changeToken.ts";
import type { Clock, ClockStep } from "#recovery/clock.ts";
import type { SharedSubject } from "#gate/dependencies.ts";
import type { PacketState } from "#gate/state.ts";
import type { Asker } from "./asker.ts";
import type { Deployment } from "./deployment.ts";
import type { LaneProposal } from "./lanes.ts";
import type { LogExtent, LogPlace } from "./logForm.ts";
import type { Moment } from "./moment.ts";
import type { SharedState } from "./subjects.ts";

/** An accepted change of one packet. */
export interface Appended {
  readonly packet: PacketId;
  readonly revision: number;
  readonly digest: RevisionDigest;
  /** True when an earlier request with the same key and input did it. */
  readonly repeated: boolean;
}

/** One real train, or one exercise of it: the two never meet (rule 2.3). */
export interface TrainKey {
  readonly exercise: boolean;
  readonly train: Name;
}

/** What the ledger knows of a train. */
export interface TrainState extends TrainKey {
  /** The newest accepted version of every kind that has one. */
  readonly sources: Partial<Sources>;
  /** The packet that is not CLOSED, and who prepares it. */
  readonly openPacket: PacketId | null;
  readonly preparer: Name | null;
  readonly closedPackets: ReadonlySet<PacketId>;
  /** What the next packet of this train would be called. */
  readonly newPacket: PacketId;
}

/** A change of one packet. */
export interface AppendRequest {
  readonly packet: PacketId;
  readonly asker: Asker;
  /** When given, the head must still be this revision. */
  readonly expectedRevision?: number | undefined;
  /** For an automated reporter: refused unless greater than its last one. */
  readonly reportNumber?: bigint | undefined;
  /** Asked with the packet at its head, due lapses included; again whenever the head moved. */
  readonly decide: (head: PacketState, moment: Moment) => Fact | Refusal;
}

/** The opening of a train's packet. */
export interface OpenRequest extends TrainKey {
  readonly asker: Asker;
  /** The id that it is to have; left out, the ledger gives it one. */
  readonly packet?: PacketId | undefined;
  readonly reportNumber?: bigint | undefined;
  /** Answers the packet's own entries; the ledger adds the newest shared reports (rule 3.3). */
  readonly decide: (train: TrainState, moment: Moment) => PacketOpened | Refusal;
}

/** A new version of one of a train's sources. */
export interface SourceRequest extends TrainKey {
  readonly asker: Asker;
  readonly decide: (
    train: TrainState,
    moment: Moment,
  ) => { readonly content: SourceContent; readonly proposedBy: Name | null } | Refusal;
}

/** An accepted version, and the revision that it caused in the train's open packet. */
export interface SourceAnswer {
  readonly source: SourceReceipt;
  readonly appended: Appended | null;
  readonly repeated: boolean;
}

export interface LaneProposeRequest extends TrainKey {
  readonly asker: Asker;
  readonly decide: (train: TrainState, moment: Moment) => ApprovalLane | Refusal;
}

export interface ProposalAnswer {
  readonly proposal: Id;
  readonly digest: string;
  readonly repeated: boolean;
}

export interface LaneConfirmRequest extends TrainKey {
  readonly asker: Asker;
  readonly proposal: Id;
  /** Of the proposed lane, as {@link LaneProposal} has it. */
  readonly digest: string;
  /** Null when the asker may confirm it. */
  readonly decide: (train: TrainState, proposal: LaneProposal, moment: Moment) => Refusal | null;
}

/** A report on shared subjects. */
export interface ReportRequest {
  readonly exercise: boolean;
  readonly asker: Asker;
  /** What the report speaks of: locked before anything is asked. */
  readonly subjects: readonly SharedSubject[];
  readonly reportNumber?: bigint | undefined;
  readonly decide: (shared: SharedState, moment: Moment) => readonly SharedEntry[] | Refusal;
  /** What of that is done only with tokens: judged at the transaction's own epoch and spent with it. */
  readonly spending?: (shared: SharedState, decided: readonly SharedEntry[]) => TokenSpending[];
}

/** What a change that concerns many packets did. */
export interface ReportAnswer {
  /** One revision for each packet concerned, in order of packet. */
  readonly appended: readonly Appended[];
  /** Packets whose lineage is broken, which got none: they are held until somebody looks. */
  readonly unreadable: readonly PacketId[];
  readonly repeated: boolean;
}

/** A step of the clock; the ticker has no asker. */
export interface StepRequest {
  readonly asker: Asker | null;
  readonly reason?: string | undefined;
  /** Null while no step is due. `now` is the database's clock in milliseconds since 1970. */
  readonly decide: (clock: Clock, now: number) => ClockStep | Refusal | null;
  /** The token that it needs, if any: judged at the transaction's own epoch and spent with it. */
  readonly spending?: readonly TokenSpending[] | undefined;
}

export interface StepAnswer extends ReportAnswer {
  readonly clock: Clock;
}

/** A revision as it is recorded, with the exact bytes under its digest. */
export interface Revision {
  readonly packet: PacketId;
  readonly number: number;
  readonly predecessor: RevisionDigest | null;
  readonly digest: RevisionDigest;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
  readonly cause: FactKind;
  readonly actor: Name;
  readonly actorKind: ActorKind;
  readonly epoch: Epoch;
  readonly at: Date;
  readonly status: PacketStatus;
  readonly openHolds: number;
  readonly materialDigest: RevisionDigest;
}

/** A revision with its place among those of all packets. */
export interface LoggedRevision extends Revision {
  /** From 1, without gaps; given after the commit (decision 6). */
  readonly position: bigint;
}

/** Which packets a list has: those that are all of what is given here. */
export interface PacketFilter {
  readonly statuses?: readonly PacketStatus[] | undefined;
  readonly train?: Name | undefined;
  readonly exercise?: boolean | undefined;
  /** Whether the packet is not CLOSED. */
  readonly isOpen?: boolean | undefined;
}

/** Where a packet's lineage ends. */
export interface HeadMark {
  readonly revision: number;
  readonly digest: RevisionDigest;
}

/** A packet in a list: its head without its state. */
export interface PacketHead extends TrainKey {
  readonly packet: PacketId;
  readonly preparer: Name;
  readonly revision: number;
  readonly digest: RevisionDigest;
  readonly status: PacketStatus;
}

/** A packet at a moment, both seen at once. */
export interface Seen {
  readonly state: PacketState;
  readonly digest: RevisionDigest;
  readonly moment: Moment;
}

/** A packet as it looks at a moment: time alone may have changed it since its head was written. */
export interface Viewed extends Seen {
  /** The packet at its head; the very same as `state` while no lapse is due. */
  readonly head: PacketState;
}

/**
 * What the product remembers. Every change is one transaction, which the ledger owns: it
 * locks, folds, asks `decide`, writes and commits, and announces afterwards. `decide` may be
 * asked more than once and must not have effects. A refusal writes nothing but the lapses
 * that were due. Everything may throw `LineageBroken` for an unreadable packet and
 * `OutcomeUnknown` when the database went away.
 */
export interface Ledger {
  readonly deployment: string;
  append(request: AppendRequest): Promise<Appended | Refusal>;
  open(request: OpenRequest): Promise<Appended | Refusal>;
  acceptSource(request: SourceRequest): Promise<SourceAnswer | Refusal>;
  propose(request: LaneProposeRequest): Promise<ProposalAnswer | Refusal>;
  confirm(request: LaneConfirmRequest): Promise<SourceAnswer | Refusal>;
  report(request: ReportRequest): Promise<ReportAnswer | Refusal>;
  stepClock(request: StepRequest): Promise<StepAnswer | Refusal | null>;
  /** Writes the lapses that are due at the current epoch (rule 6.6); nothing for an unknown packet. */
  settle(packet: PacketId): Promise<void>;

  /** The moment by itself. */
  moment(): Promise<Moment>;
  /** The packet at its head; null when there is none of this id. */
  state(packet: PacketId): Promise<Seen | null>;
  /** The packet as it looks at the current epoch, for reading only: due lapses are in it, unrecorded. */
  view(packet: PacketId): Promise<Viewed | null>;
  /** The newest report on each of these shared subjects by each reporter. */
  shared(exercise: boolean, subjects: readonly SharedSubject[]): Promise<SharedState>;
  /** Every component that was spoken of or depended on, in order of name, or the one of this name. */
  components(exercise: boolean, named?: Name): Promise<readonly Name[]>;
  /** One revision; null when there is none. */
  revision(packet: PacketId, number: number): Promise<Revision | null>;
  /** The revisions after `after`, in order, at most `limit` and never more than a page. */
  revisions(packet: PacketId, after: number, limit: number): Promise<Revision[]>;
  /** The same of several packets, each with `limit` of its own; what this process has just committed is told without a read, and then nothing behind it. */
  revisionsOf(after: ReadonlyMap<PacketId, number>, limit: number): Promise<Revision[]>;
  /** The packet's revision of this digest; null when there is none. */
  revisionByDigest(packet: PacketId, digest: RevisionDigest): Promise<Revision | null>;
  /** The heads of those of these packets that there are, of one snapshot. */
  heads(packets: readonly PacketId[]): Promise<ReadonlyMap<PacketId, HeadMark>>;
  /** One accepted version; the newest when `version` is null. */
  source(key: TrainKey, kind: SourceKind, version: number | null): Promise<AcceptedSource | null>;
  /** What is recorded of the versions after `afterVersion`, in order, at most `limit` and never more than a page. */
  sourceVersions(
    key: TrainKey,
    kind: SourceKind,
    afterVersion: number,
    limit: number,
  ): Promise<SourceReceipt[]>;
  /** Heads in order of id after `after`, at most `limit` and never more than a page. */
  packets(filter: PacketFilter, after: PacketId | null, limit: number): Promise<PacketHead[]>;

  /**
   * Gives a log position to every committed revision that has none, in the order of each packet,
   * and resolves to the newest position. Any number of processes may call it at any time; what
   * one that died left undone, the next call does. One statement while there is nothing to do.
   */
  sequence(): Promise<bigint>;
  /** The newest position given so far; 0 while there is none. */
  logHead(): Promise<bigint>;
  /** How far the log goes, and how far the packets go. */
  logExtent(): Promise<LogExtent>;
  /** Revisions after a position, in order, at most `limit` and never more than a page; none without a position. */
  logged(after: bigint, limit: number): Promise<LoggedRevision[]>;

  /** The position of a revision; null while it has none. */
  position(packet: PacketId, number: number): Promise<bigint | null>;
  /**
   * The Merkle root of the first `size` revisions of the log (RFC 6962).
   *
   * @throws {LogBroken} if there are fewer, like everything that reads the tree.
   */
  logRoot(size: bigint): Promise<Uint8Array>;
  /** The same without what is kept of the tree: every one of those revisions is read, a page at a time. */
  rereadLogRoot(size: bigint): Promise<Uint8Array>;
  /** Proves that the tree of this size has the revision at this position (RFC 6962, 2.1.1). */
  inclusion(position: bigint, size: bigint): Promise<readonly Uint8Array[]>;
  /** Proves that the tree of size `to` continues that of size `from` (RFC 6962, 2.1.2). */
  consistency(from: bigint, to: bigint): Promise<readonly Uint8Array[]>;
  /** The places of the packet's revisions after `after`, in order, at most `limit`, as far as the tree of `size` has them. */
  places(packet: PacketId, after: number, limit: number, size: bigint): Promise<LogPlace[]>;
  /** The packet's secret of 32 bytes, which goes into bundles only; null when there is no such packet. */
  salt(packet: PacketId): Promise<Uint8Array | null>;

  /**
   * A key of 32 bytes for one purpose: HKDF-SHA256 (RFC 5869) of the deployment's secret, without
   * salt, for `holdfast/<purpose>`. Every node has the same, also after a restart.
   */
  keyFor(purpose: string): Uint8Array;
  /** Which deployment this is, with its secret: for nothing but a node's own memory of it. */
  remembered(): Deployment;
  /** Waits for the changes under way; new ones are refused by an error. */
  close(): Promise<void>;
}
