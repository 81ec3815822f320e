import type { FieldClass } from "#access/classes.ts";

/** The fields of one type by their class, names apart by a space. */
type Fields = Readonly<Partial<Record<FieldClass, string>>>;

/** What every refusal has; then what each has beside it, all of it SHARED. */
const REFUSAL = "code message";
const REFUSALS: Readonly<Record<string, string>> = {
  AlreadyApproved: "revision",
  ApprovalRefused: "reasons",
  ChangeTokenNeeded: "changes",
  ChangeTokenRefused: "change reasons",
  ClockInDoubt: "doubt",
  ClockUnchanged: "",
  CredentialRevoked: "",
  CursorForeign: "",
  CursorForged: "",
  CursorFuture: "",
  DigestUnknown: "",
  DutiesNotSeparate: "",
  EpochTooSoon: "epoch",
  Held: "holds",
  IdempotencyConflict: "",
  InvalidInput: "faults",
  LineageInDoubt: "doubt",
  NotEntitled: "",
  NotTheAuthority: "source",
  NotTheOwner: "",
  PacketClosed: "",
  PolicyUnmeetable: "path",
  ReleaseInadmissible: "path causes",
  KeySlotsExhausted: "path slots used",
  ReportOutOfScope: "faults",
  ReportReplayed: "last",
  RevisionConflict: "head",
  SignatureInvalid: "",
  SignatureRequired: "",
  SourcesMissing: "kinds",
  StaleRevision: "steadySince",
  SystemCannotDecide: "",
  TrainHasPacket: "",
  UnknownPacket: "",
  UnknownPlacement: "",
  UnknownProposal: "",
  WrongStatus: "status",
};

/** What every entry has; then what each kind has beside it. */
const ENTRY = {
  SHARED: "entry kind reporterKind observedEpoch recordedEpoch isSigned",
  GOVERNED: "reporter reportNumber note signature signatureKey",
};
const ENTRIES: Readonly<Record<string, Fields>> = {
  Availability: { SHARED: "status how", GOVERNED: "person shift" },
  ComponentDeclaration: {
    SHARED: "componentKind",
    GOVERNED: "component intended keySlots spareParts",
  },
  ComponentReport: {
    SHARED: "standpoint",
    GOVERNED: "component floor denied trustedKeys running keySlotsUsed",
  },
  CredentialRevocation: { GOVERNED: "person" },
  KeyRotation: { SHARED: "mode", GOVERNED: "component outgoing incoming" },
  ReleaseInitialisation: { GOVERNED: "component release" },
  Custody: { SHARED: "status", GOVERNED: "package custodian digest observed seal" },
  DigestConfirmation: { GOVERNED: "artifact digest observed" },
  EmergencyExercise: { SHARED: "how", GOVERNED: "person" },
  EmergencyPlan: {
    GOVERNED:
      "responders immediateMax provisionEveryEpochs longestOutageEpochs regions ways services",
  },
  EnclaveReport: { SHARED: "availability sealing", GOVERNED: "enclave seal measurement" },
  Observation: { SHARED: "status", GOVERNED: "artifact digest location" },
  Quarantine: { SHARED: "status", GOVERNED: "selector" },
  ReproducibilityCheck: { GOVERNED: "artifact digest observed" },
  Safeguard: { SHARED: "status", GOVERNED: "target safeguard" },
};

/** The connections, whose types hold places in a list and nothing else. */
const CONNECTIONS = [
  "HoldChangeHolds",
  "ManifestArtifacts",
  "PacketAdvisories",
  "PacketEscalations",
  "PacketEvidence",
  "PacketHolds",
  "PacketLineage",
  "PrerequisiteReadinessEvidence",
  "PrerequisiteReadinessHolds",
  "QueryAccessRecords",
  "QueryComponents",
  "QueryPackets",
  "QuerySourceVersions",
  "QueryWorkList",
  "RevisionChangesCleared",
  "RevisionChangesEntries",
  "RevisionChangesOpened",
  "RevisionChangesOutOfScope",
  "RevisionChangesPassed",
  "RevisionEntries",
];

const OTHERS: Readonly<Record<string, Fields>> = {
  AcceptedEnclave: { GOVERNED: "enclave measurement" },
  AcceptedReporters: { SHARED: "accepted" },
  AcceptedSource: {
    SHARED: "kind version acceptedEpoch",
    GOVERNED: "digest acceptedBy proposedBy content",
  },
  AccessRecord: {
    SHARED: "position code packet count overMs epoch at node",
    GOVERNED: "actor address subject before after",
  },
  Advisory: { SHARED: "code label", GOVERNED: "subject why evidence" },
  Approval: {
    SHARED: "revision digest recordedIn approvedEpoch signature standing materialDigest",
    GOVERNED: "approvedBy",
  },
  ApprovalLane: { SHARED: "authorities emergencyAccess", GOVERNED: "owner" },
  ApprovalStatement: { SHARED: "text base64 epoch exercise digestWords namespace command" },
  Artifact: { GOVERNED: "name digest size targets" },
  Authority: { SHARED: "kind", GOVERNED: "authority" },
  Bindings: { SHARED: "trustedBranch manifest reproducibilityPolicy rollbackScope" },
  Change: { SHARED: "kind", GOVERNED: "subject description digest" },
  ChangedHold: { SHARED: "holdId label", GOVERNED: "ordinal subject" },
  Checkpoint: { SHARED: "note size root" },
  Component: {
    SHARED: "label componentKind declaration recorded reports deviations",
    GOVERNED: "component keySlotsUsed retiredKeys overlaps denyEntries unzippings",
  },
  ComponentRelease: { GOVERNED: "component release" },
  ComponentState: { GOVERNED: "floor denied trustedKeys" },
  CustodyHolder: { GOVERNED: "package digest custodian seal" },
  DenyEntry: { GOVERNED: "digest release isRedundant" },
  ForecastPacket: { SHARED: "packet packages opened cleared isNewlyHeld" },
  InadmissiblePackage: { SHARED: "reasons", GOVERNED: "package release" },
  Overlap: { GOVERNED: "outgoing incoming" },
  RollbackForecast: { SHARED: "packets unreadable" },
  UnzippingSearch: { GOVERNED: "found isWhole" },
  Unzipping: { GOVERNED: "vulnerable path" },
  UnzippingStep: { GOVERNED: "release digest" },
  DecisionSignature: { SHARED: "revision digest epoch", GOVERNED: "armored key" },
  Deployment: { SHARED: "deployment database unreadable epoch epochMs rateControl timeMapping" },
  Deviation: { SHARED: "code", GOVERNED: "about expected found repair" },
  DigestSelector: { GOVERNED: "digest" },
  EarliestLapse: { SHARED: "epoch revision", GOVERNED: "renewFirst" },
  EmergencyAccess: { SHARED: "plan gaps people" },
  EmergencyGap: { SHARED: "code", GOVERNED: "subject why chain replacedChain" },
  EmergencyRegion: { GOVERNED: "region needs" },
  EmergencyResponder: {
    GOVERNED: "person keys provisionedEpoch lifetimeEpochs immediate region",
  },
  EmergencyService: { GOVERNED: "service dependsOn" },
  EmergencyWay: { GOVERNED: "way wayKind dependsOn replaces", RESTRICTED: "settings" },
  EngagedSafeguard: { GOVERNED: "target safeguard" },
  EntryStatement: { SHARED: "observedEpoch", GOVERNED: "text base64" },
  EntryStatements: { SHARED: "packet exercise statements namespace command" },
  Entry: {
    SHARED: "entry kind reporterKind observedEpoch recordedEpoch isSigned",
    GOVERNED: "reporter reportNumber note signature signatureKey",
  },
  EpochAdvancePayload: { SHARED: "epoch frozen rateControl appended repeated" },
  EpochFreezePayload: { SHARED: "epoch frozen rateControl appended repeated" },
  EpochRateChangePayload: { SHARED: "epoch frozen rateControl appended repeated" },
  EpochThawPayload: { SHARED: "epoch frozen rateControl appended repeated" },
  Error: { SHARED: "code message" },
  Escalation: { SHARED: "hold source bound accepted", GOVERNED: "authority" },
  EscalationAcknowledgePayload: { SHARED: "packet revision repeated" },
  Evidence: { SHARED: "entry age ageMax countsThrough isAccepted" },
  Fault: { SHARED: "path message" },
  ExercisePolicy: { SHARED: "maxAgeEpochs holds" },
  ForecastRevision: { SHARED: "epoch status standing opened outOfScope" },
  ForeseenHold: { SHARED: "code prerequisite", GOVERNED: "subject why" },
  FreshnessPolicy: {
    SHARED:
      "digestMaxAge reproducibilityMaxAge attestationMaxAge availabilityMaxAge custodyMaxAge safeguardMaxAge quarantineMaxAge absenceMaxAge",
  },
  Gate: {
    SHARED:
      "packet status reasons epoch validThroughEpoch statement exercise revision digest materialDigest approval",
  },
  GateEvent: { SHARED: "cursor gate" },
  Heartbeat: { SHARED: "cursor head" },
  Hold: {
    SHARED:
      "id code label prerequisite status sinceRevision sinceEpoch endedRevision endedEpoch clearedBy remedy",
    GOVERNED: "subject ordinal why evidence",
  },
  HoldChange: { SHARED: "code transition count holds" },
  HoldCount: { SHARED: "code open" },
  HoldTold: { SHARED: "code label", GOVERNED: "subject ordinal" },
  HoldsChanged: { SHARED: "cursor revision change" },
  IntendedState: { GOVERNED: "release digest floor denied trustedKeys" },
  LaneConfirmPayload: { SHARED: "source appended repeated" },
  LaneProposePayload: { SHARED: "proposal digest repeated" },
  LastKnownAdvisory: { SHARED: "code", GOVERNED: "subject why" },
  LastKnownApproval: { SHARED: "revision digest standing", GOVERNED: "approvedBy" },
  LastKnownGate: { SHARED: "status reasons" },
  LastKnownHold: { SHARED: "code sinceRevision sinceEpoch", GOVERNED: "subject why" },
  LastKnownPacket: {
    SHARED:
      "packet exercise isCurrent revision digest digestWords revisionEpoch readAtEpoch status gate holds advisories approval",
    GOVERNED: "train owner",
    RESTRICTED: "document",
  },
  LocationSelector: { GOVERNED: "location" },
  LoosenedPolicy: { SHARED: "source field from to" },
  Manifest: { GOVERNED: "artifacts" },
  ManifestSelector: { SHARED: "version" },
  Material: { SHARED: "seating enclaves custody safeguards", GOVERNED: "liftedQuarantines" },
  NoSigning: { SHARED: "startsAt endsAt first last" },
  Node: { SHARED: "id" },
  OfflineExercise: { SHARED: "epoch at" },
  OpenHoldName: { SHARED: "code", GOVERNED: "subject" },
  OperatorHoldPlacePayload: { SHARED: "packet revision repeated" },
  OperatorHoldReleasePayload: { SHARED: "packet revision repeated" },
  OutageDeclaration: { SHARED: "status", GOVERNED: "declaration services fallbackTrains" },
  Packet: {
    SHARED:
      "id packet exercise succeeds status closing revision digest digestWords materialDigest epoch clockDoubt openHolds openHoldsByCode approval gate currentRevision revisionBy bindings sources material review readiness forecast earliestLapse shiftQuorums lineage holds escalations advisories evidence",
    GOVERNED: "train preparer",
  },
  PacketApprovePayload: { SHARED: "packet revision repeated" },
  PacketBindPayload: { SHARED: "packet revision repeated" },
  PacketOpenPayload: { SHARED: "packet revision repeated" },
  PacketRejectPayload: { SHARED: "packet revision repeated" },
  PacketResubmitPayload: { SHARED: "packet revision repeated" },
  PacketWithdrawPayload: { SHARED: "packet revision repeated" },
  PacketWork: { SHARED: "packetId packet work" },
  PageInfo: { SHARED: "hasNextPage hasPreviousPage startCursor endCursor" },
  PrerequisiteReadiness: { SHARED: "prerequisite status openHolds holds evidence forecast" },
  KeyCutOff: { GOVERNED: "components fingerprint holder" },
  PacketImpact: {
    SHARED: "packet status opened standingBefore standingAfter approvalLapses",
    GOVERNED: "shiftsLosingQuorum approverCutOff",
  },
  RevocationImpact: {
    SHARED: "packets packetsConcerned unreadable keysCutOff refusedHere",
    GOVERNED: "principalsCutOff nodesCutOff",
  },
  Preview: {
    SHARED: "status opened cleared outOfScope materialChanged standingBefore standingAfter",
  },
  PublicationScope: { GOVERNED: "targets" },
  PublicationTarget: { SHARED: "safeguards", GOVERNED: "target" },
  QuorumPolicy: { SHARED: "seats minCustodyGroups handoverEpochs" },
  ReadinessRecordPayload: { SHARED: "packet revision repeated" },
  RecoveryDesign: { SHARED: "exercise epoch", GOVERNED: "markdown digest" },
  RegisterSnapshot: { SHARED: "cursor packet" },
  Release: { GOVERNED: "release digest svn masvn denied trustedKeys signedBy signatures" },
  ReportersOfKind: { SHARED: "kind signed", GOVERNED: "reporters subjects" },
  ReproducibilityPolicy: { SHARED: "minRebuilders", GOVERNED: "rebuilders" },
  RequiredEnclaves: { SHARED: "requiredEnclaves", GOVERNED: "enclaves" },
  ResponderReadiness: { SHARED: "state lastExercise ageEpochs", GOVERNED: "person" },
  Responder: { SHARED: "lastExercise", GOVERNED: "person" },
  Review: { SHARED: "sinceRevision sources bindings material loosened" },
  Revision: {
    SHARED:
      "id packet number digest digestWords predecessor document cause actorKind signIn signature epoch at status openHolds materialDigest sources holdChanges entries logPosition inclusion",
    GOVERNED: "actor offlineKey note",
  },
  RevisionAppended: { SHARED: "packet revision" },
  RevisionChanges: {
    SHARED: "from to sources bindings entries decisions opened cleared outOfScope passed",
  },
  RevisionEvent: { SHARED: "cursor revision" },
  RollbackPackage: { GOVERNED: "package component release" },
  RollbackScope: { SHARED: "minCustodians", GOVERNED: "packages trainReleases" },
  Roster: { GOVERNED: "people" },
  RosterPerson: { GOVERNED: "person roles custodyGroup" },
  SeatHolder: { SHARED: "role", GOVERNED: "person" },
  Seating: { SHARED: "seats", GOVERNED: "shift" },
  Seats: { SHARED: "role count" },
  SelectedEnclave: { GOVERNED: "enclave measurement seal" },
  SharedRecordPayload: { SHARED: "appended rateControl unreadable repeated" },
  Shift: { SHARED: "startsAt endsAt first last", GOVERNED: "shift" },
  ShiftCalendar: { SHARED: "shifts noSigning mapping" },
  ShiftQuorum: { SHARED: "people absencesSurvived", GOVERNED: "shift breakingAbsences" },
  ShipmentWindow: { SHARED: "startsAt endsAt first last mapping" },
  SparePart: { GOVERNED: "release svn" },
  SourceAcceptPayload: { SHARED: "source appended repeated" },
  SourceReceipt: { SHARED: "kind version acceptedEpoch", GOVERNED: "digest acceptedBy proposedBy" },
  SubjectsOfReporter: { GOVERNED: "reporter subjects" },
  TimeMapping: { SHARED: "anchorEpoch anchorAt epochMs generation" },
  TransparencyLog: { SHARED: "origin verifierKey doubt checkpoint consistency" },
  TrustedBranch: { RESTRICTED: "repository branch commit" },
  VersionChange: { SHARED: "kind from to" },
  Viewer: { SHARED: "name kind roles classes withheld" },
  Work: { SHARED: "what who holds byEpoch byAt", GOVERNED: "named" },
};

function together(...parts: readonly Fields[]): Fields {
  const of = (name: FieldClass): string =>
    parts
      .map((part) => part[name] ?? "")
      .join(" ")
      .trim();
  return { SHARED: of("SHARED"), GOVERNED: of("GOVERNED"), RESTRICTED: of("RESTRICTED") };
}

function connection(name: string): [string, Fields][] {
  return [
    [`${name}Connection`, { SHARED: "pageInfo edges nodes totalCount" }],
    [`${name}ConnectionEdge`, { SHARED: "node cursor" }],
  ];
}

const TYPES: readonly (readonly [string, Fields])[] = [
  ...Object.entries(OTHERS),
  ...Object.entries(ENTRIES).map(([name, own]) => [name, together(ENTRY, own)] as const),
  ...Object.entries(REFUSALS).map(
    ([name, own]) => [name, together({ SHARED: REFUSAL }, { SHARED: own })] as const,
  ),
  ...CONNECTIONS.flatMap(connection),
];

/**
 * The class of every field, as `Type.field`, written by hand from rule 7.1 and from nothing of the
 * schema. A field that is missing here, or is of another class there, is a fault.
 */
export const FIELDS: ReadonlyMap<string, FieldClass> = new Map(
  TYPES.flatMap(([type, fields]) =>
    Object.entries(fields).flatMap(([name, list]) =>
      list
        .split(" ")
        .filter((field) => field !== "")
        .map((field) => [`${type}.${field}`, name as FieldClass] as const),
    ),
  ),
);
