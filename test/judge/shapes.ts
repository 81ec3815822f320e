/**
 * The shapes that the judge reads, declared anew: it imports nothing of the product it judges.
 * Epochs, ages and report numbers are bigint.
 */

export type SourceKind =
  | "APPROVAL_LANE"
  | "OUTAGE_DECLARATION"
  | "TRUSTED_BRANCH"
  | "MANIFEST"
  | "REPRODUCIBILITY_POLICY"
  | "ROLLBACK_SCOPE"
  | "REQUIRED_ENCLAVES"
  | "ROSTER"
  | "SHIFT_CALENDAR"
  | "QUORUM_POLICY"
  | "FRESHNESS_POLICY"
  | "PUBLICATION_SCOPE"
  | "ACCEPTED_REPORTERS"
  | "SHIPMENT_WINDOW";

type ReportedKind =
  | "DIGEST_CONFIRMATION"
  | "REPRODUCIBILITY_CHECK"
  | "AVAILABILITY"
  | "CUSTODY"
  | "SAFEGUARD"
  | "OBSERVATION"
  | "QUARANTINE"
  | "ENCLAVE_REPORT";

export type SeatRole = "SIGNER" | "CUSTODIAN" | "CEREMONY_LEAD" | "WITNESS";
type SafeguardName = "REGISTRY_RELEASE" | "MIRROR_PROMOTION" | "ADVISORY_TIMING";

interface ApprovalLane {
  readonly kind: "APPROVAL_LANE";
  readonly owner: string;
  readonly authorities: readonly {
    readonly kind: Exclude<SourceKind, "APPROVAL_LANE">;
    readonly authority: string;
  }[];
  /** What is asked of emergency access, if anything. */
  readonly emergencyAccess?: { readonly maxAgeEpochs: bigint; readonly holds: boolean } | undefined;
}

interface OutageDeclaration {
  readonly kind: "OUTAGE_DECLARATION";
  readonly declaration: string;
  readonly status: "DECLARED" | "ENDED";
  readonly services: readonly string[];
  readonly fallbackTrains: readonly string[];
}

interface TrustedBranch {
  readonly kind: "TRUSTED_BRANCH";
  readonly repository: string;
  readonly branch: string;
  readonly commit: string;
}

export interface Artifact {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  readonly targets: readonly string[];
}

interface Manifest {
  readonly kind: "MANIFEST";
  readonly artifacts: readonly Artifact[];
}

interface ReproducibilityPolicy {
  readonly kind: "REPRODUCIBILITY_POLICY";
  readonly rebuilders: readonly string[];
  readonly minRebuilders: number;
}

export interface Release {
  readonly release: string;
  readonly digest: string;
  readonly svn: number;
  readonly masvn: number;
  readonly denied: readonly string[];
  readonly trustedKeys: readonly string[];
  readonly signedBy: readonly string[];
}

export interface RollbackPackage {
  readonly package: string;
  readonly component: string;
  readonly release: Release;
}

interface RollbackScope {
  readonly kind: "ROLLBACK_SCOPE";
  readonly packages: readonly RollbackPackage[];
  readonly trainReleases: readonly { readonly component: string; readonly release: Release }[];
  readonly minCustodians: number;
}

interface RequiredEnclaves {
  readonly kind: "REQUIRED_ENCLAVES";
  readonly enclaves: readonly { readonly enclave: string; readonly measurement: string }[];
  readonly requiredEnclaves: number;
}

export interface RosterPerson {
  readonly person: string;
  readonly roles: readonly SeatRole[];
  readonly custodyGroup: string;
}

interface Roster {
  readonly kind: "ROSTER";
  readonly people: readonly RosterPerson[];
}

/** A run of epochs, both ends included, with the times that people gave. */
export interface Span {
  readonly startsAt: string;
  readonly endsAt: string;
  readonly first: bigint;
  readonly last: bigint;
}

export interface Shift extends Span {
  readonly shift: string;
}

interface TimeMapping {
  readonly anchorEpoch: bigint;
  readonly anchorAt: string;
  readonly epochMs: number;
  readonly generation: number;
}

interface ShiftCalendar {
  readonly kind: "SHIFT_CALENDAR";
  readonly shifts: readonly Shift[];
  readonly noSigning: readonly Span[];
  readonly mapping: TimeMapping;
}

interface ShipmentWindow extends Span {
  readonly kind: "SHIPMENT_WINDOW";
  readonly mapping: TimeMapping;
}

interface QuorumPolicy {
  readonly kind: "QUORUM_POLICY";
  readonly seats: readonly { readonly role: SeatRole; readonly count: number }[];
  readonly minCustodyGroups: number;
  readonly handoverEpochs: bigint;
}

interface FreshnessPolicy {
  readonly kind: "FRESHNESS_POLICY";
  readonly digestMaxAge: bigint;
  readonly reproducibilityMaxAge: bigint;
  readonly attestationMaxAge: bigint;
  readonly availabilityMaxAge: bigint;
  readonly custodyMaxAge: bigint;
  readonly safeguardMaxAge: bigint;
  readonly quarantineMaxAge: bigint;
  readonly absenceMaxAge: bigint;
}

interface PublicationScope {
  readonly kind: "PUBLICATION_SCOPE";
  readonly targets: readonly {
    readonly target: string;
    readonly safeguards: readonly SafeguardName[];
  }[];
}

interface AcceptedReporters {
  readonly kind: "ACCEPTED_REPORTERS";
  readonly accepted: readonly {
    readonly kind: ReportedKind;
    readonly reporters: readonly string[];
    /** Only signed entries count. */
    readonly signed?: true | undefined;
    /** Reporters accepted for these subjects only. */
    readonly subjects?:
      | readonly { readonly reporter: string; readonly subjects: readonly string[] }[]
      | undefined;
  }[];
}

export type SourceContent =
  | ApprovalLane
  | OutageDeclaration
  | TrustedBranch
  | Manifest
  | ReproducibilityPolicy
  | RollbackScope
  | RequiredEnclaves
  | Roster
  | ShiftCalendar
  | QuorumPolicy
  | FreshnessPolicy
  | PublicationScope
  | AcceptedReporters
  | ShipmentWindow;

export type ContentOf<K extends SourceKind> = Extract<SourceContent, { kind: K }>;

/** One accepted version of one source. */
export interface AcceptedSource<K extends SourceKind = SourceKind> {
  readonly kind: K;
  readonly version: number;
  readonly digest: string;
  readonly acceptedBy: string;
  readonly proposedBy: string | null;
  readonly acceptedEpoch: bigint;
  readonly content: ContentOf<K>;
}

/** The newest accepted version of every kind. */
export type Sources = { readonly [K in SourceKind]: AcceptedSource<K> };

export interface Bindings {
  readonly TRUSTED_BRANCH: number;
  readonly MANIFEST: number;
  readonly REPRODUCIBILITY_POLICY: number;
  readonly ROLLBACK_SCOPE: number;
}

interface Receipt {
  readonly entry: string;
  readonly reporter: string;
  readonly reporterKind: "PERSON" | "SYSTEM";
  readonly observedEpoch: bigint;
  readonly recordedEpoch: bigint;
  readonly reportNumber: bigint | null;
  readonly note?: string | undefined;
  readonly signature?: string | undefined;
}

interface DigestConfirmation extends Receipt {
  readonly kind: "DIGEST_CONFIRMATION";
  readonly artifact: string;
  readonly digest: string;
  readonly observed: string;
}

interface ReproducibilityCheck extends Receipt {
  readonly kind: "REPRODUCIBILITY_CHECK";
  readonly artifact: string;
  readonly digest: string;
  readonly observed: string;
}

interface Availability extends Receipt {
  readonly kind: "AVAILABILITY";
  readonly person: string;
  readonly shift: string;
  readonly status: "COMMITTED" | "WITHDRAWN";
}

interface Custody extends Receipt {
  readonly kind: "CUSTODY";
  readonly package: string;
  readonly custodian: string;
  readonly status: "HELD" | "RELEASED";
  readonly digest: string;
  readonly observed: string | null;
  readonly seal: string | null;
}

interface Safeguard extends Receipt {
  readonly kind: "SAFEGUARD";
  readonly target: string;
  readonly safeguard: string;
  readonly status: "ENGAGED" | "DISENGAGED";
}

interface Observation extends Receipt {
  readonly kind: "OBSERVATION";
  readonly artifact: string;
  readonly digest: string;
  readonly location: string;
  readonly status: "SEEN" | "GONE";
}

export type QuarantineSelector =
  | { readonly by: "DIGEST"; readonly digest: string }
  | { readonly by: "LOCATION"; readonly location: string }
  | { readonly by: "MANIFEST"; readonly version: number };

interface Quarantine extends Receipt {
  readonly kind: "QUARANTINE";
  readonly selector: QuarantineSelector;
  readonly status: "IN_FORCE" | "LIFTED";
}

interface EnclaveReport extends Receipt {
  readonly kind: "ENCLAVE_REPORT";
  readonly enclave: string;
  readonly availability: "AVAILABLE" | "UNAVAILABLE";
  readonly sealing: "SEALED" | "UNSEALED";
  readonly seal: string | null;
  readonly measurement: string;
}

interface CredentialRevocation extends Receipt {
  readonly kind: "CREDENTIAL_REVOCATION";
  readonly person: string;
}

interface ComponentReport extends Receipt {
  readonly kind: "COMPONENT_STATE";
  readonly component: string;
  readonly floor: number;
  readonly denied: readonly string[];
  readonly trustedKeys: readonly string[];
  readonly running?: string | undefined;
  readonly standpoint?: "OWN" | "OUTSIDE" | undefined;
  readonly keySlotsUsed?: number | undefined;
}

interface ComponentDeclaration extends Receipt {
  readonly kind: "COMPONENT_DECLARATION";
  readonly component: string;
  readonly componentKind: "APPLICATION" | "SYSTEM" | "FIRMWARE";
  readonly intended: {
    readonly release: string;
    readonly digest: string;
    readonly floor: number;
    readonly denied: readonly string[];
    readonly trustedKeys: readonly string[];
  };
  readonly keySlots?: number | undefined;
  readonly spareParts?: readonly object[] | undefined;
}

interface ReleaseInitialisation extends Receipt {
  readonly kind: "RELEASE_INITIALISATION";
  readonly component: string;
  readonly release: Release;
}

interface KeyRotation extends Receipt {
  readonly kind: "KEY_ROTATION";
  readonly component: string;
  readonly mode: "OVERLAP" | "OVERLAP_END" | "SUDDEN";
  readonly outgoing: string;
  readonly incoming: string;
}

interface EmergencyPlan extends Receipt {
  readonly kind: "EMERGENCY_PLAN";
  readonly responders: readonly { readonly person: string }[];
}

interface EmergencyExercise extends Receipt {
  readonly kind: "EMERGENCY_EXERCISE";
  readonly person: string;
}

export type Entry =
  | ReleaseInitialisation
  | KeyRotation
  | DigestConfirmation
  | ReproducibilityCheck
  | Availability
  | Custody
  | Safeguard
  | Observation
  | Quarantine
  | EnclaveReport
  | CredentialRevocation
  | ComponentReport
  | ComponentDeclaration
  | EmergencyPlan
  | EmergencyExercise;
export type EntryOf<K extends Entry["kind"]> = Extract<Entry, { kind: K }>;

export interface ClockState {
  readonly frozen: boolean;
  readonly generation: number;
}

export interface PacketOpened {
  readonly kind: "PACKET_OPENED";
  readonly packet: string;
  readonly train: string;
  readonly exercise: boolean;
  readonly succeeds: string | null;
  readonly bindings: Bindings;
  readonly sources: Sources;
  readonly entries: readonly Entry[];
  readonly clock: ClockState;
}

type ClockBreak = "FROZEN" | "THAWED" | "ADVANCED_BY_HAND" | "TICKER_GAP" | "RATE_CHANGED";

export type Fact =
  | PacketOpened
  | {
      readonly kind: "SOURCE_ACCEPTED";
      readonly source: AcceptedSource;
      readonly entries: readonly Entry[];
    }
  | { readonly kind: "PACKET_BOUND"; readonly bindings: Bindings }
  | { readonly kind: "ENTRIES_RECORDED"; readonly entries: readonly Entry[] }
  | {
      readonly kind: "OPERATOR_HOLD_PLACED";
      readonly placement: number;
      readonly reason: string;
    }
  | {
      readonly kind: "OPERATOR_HOLD_RELEASED";
      readonly placement: number;
      readonly reason: string;
    }
  | { readonly kind: "ESCALATION_ACKNOWLEDGED"; readonly note: string }
  | { readonly kind: "PACKET_APPROVED"; readonly revision: number; readonly digest: string }
  | { readonly kind: "PACKET_REJECTED"; readonly reason: string }
  | { readonly kind: "PACKET_RESUBMITTED"; readonly answer: string }
  | { readonly kind: "PACKET_WITHDRAWN"; readonly reason: string }
  | { readonly kind: "CLOCK_CHANGED"; readonly change: ClockBreak; readonly clock: ClockState }
  | { readonly kind: "EPOCH_REACHED" };
export type FactKind = Fact["kind"];

export interface Person {
  readonly actor: string;
  readonly kind: "PERSON" | "SYSTEM";
}

export interface Occurrence {
  readonly fact: Fact;
  readonly actor: Person;
  readonly epoch: bigint;
}
