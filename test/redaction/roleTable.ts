import type { FieldClass } from "#access/classes.ts";
import type { Role } from "#packet/actor.ts";

/** What each role sees, written by hand from rule 7.1. */
export const CLASSES: Readonly<Record<Role, readonly FieldClass[]>> = {
  VIEWER: ["SHARED"],
  DEVELOPER: ["SHARED"],
  READER: ["SHARED", "GOVERNED"],
  REPORTER: ["SHARED", "GOVERNED"],
  OPERATOR: ["SHARED", "GOVERNED"],
  PREPARER: ["SHARED", "GOVERNED", "RESTRICTED"],
  SOURCE_AUTHORITY: ["SHARED", "GOVERNED", "RESTRICTED"],
  APPROVAL_OWNER: ["SHARED", "GOVERNED", "RESTRICTED"],
  RELEASE_SECURITY: ["SHARED", "GOVERNED", "RESTRICTED"],
  AUDITOR: ["SHARED", "GOVERNED", "RESTRICTED"],
};

const INSIDERS = [
  "PREPARER",
  "SOURCE_AUTHORITY",
  "APPROVAL_OWNER",
  "RELEASE_SECURITY",
  "AUDITOR",
] as const satisfies Role[];
const READERS = [...INSIDERS, "READER", "REPORTER", "OPERATOR"] as const satisfies Role[];
const LOOKERS = [...READERS, "VIEWER"] as const satisfies Role[];
const EVERYBODY = [...LOOKERS, "DEVELOPER"] as const satisfies Role[];
const RESPONDERS = [
  "PREPARER",
  "APPROVAL_OWNER",
  "RELEASE_SECURITY",
  "OPERATOR",
] as const satisfies Role[];

/** Who may ask which query at all. */
export const QUERIES: Readonly<Record<string, readonly Role[]>> = {
  viewer: EVERYBODY,
  deployment: EVERYBODY,
  node: LOOKERS,
  nodes: LOOKERS,
  packet: LOOKERS,
  packets: LOOKERS,
  gate: LOOKERS,
  workList: LOOKERS,
  log: LOOKERS,
  revisionsCompare: LOOKERS,
  changePreview: READERS,
  approvalStatement: LOOKERS,
  entryStatements: LOOKERS,
  accessRecords: ["AUDITOR", "RELEASE_SECURITY"],
  responders: ["AUDITOR", "RELEASE_SECURITY"],
  component: READERS,
  components: LOOKERS,
  rollbackForecast: READERS,
  emergencyPlan: READERS,
  lastKnownPackets: LOOKERS,
  revocationPreview: ["AUDITOR", "RELEASE_SECURITY"],
  recoveryDesign: ["OPERATOR", "APPROVAL_OWNER", "RELEASE_SECURITY", "AUDITOR"],
  source: READERS,
  sourceVersions: READERS,
};

/** Who may follow what. */
export const SUBSCRIPTIONS: Readonly<Record<string, readonly Role[]>> = {
  revisions: LOOKERS,
  holdChanges: LOOKERS,
  register: LOOKERS,
  gate: LOOKERS,
  allHoldChanges: LOOKERS,
};

/** Who may change what; a report on what packets share is a row for each kind. */
export const MUTATIONS: Readonly<Record<string, readonly Role[]>> = {
  packetOpen: ["PREPARER"],
  packetBind: ["PREPARER"],
  packetResubmit: ["PREPARER"],
  packetApprove: ["APPROVAL_OWNER"],
  packetReject: ["APPROVAL_OWNER"],
  packetWithdraw: ["APPROVAL_OWNER", "RELEASE_SECURITY"],
  operatorHoldPlace: [...RESPONDERS, "REPORTER", "SOURCE_AUTHORITY"],
  operatorHoldRelease: ["RELEASE_SECURITY"],
  escalationAcknowledge: RESPONDERS,
  readinessRecord: ["REPORTER", "PREPARER", "OPERATOR", "RELEASE_SECURITY", "APPROVAL_OWNER"],
  "sharedRecord enclave": ["REPORTER", "OPERATOR", "RELEASE_SECURITY"],
  "sharedRecord credential": ["RELEASE_SECURITY"],
  "sharedRecord component": ["RELEASE_SECURITY"],
  "sharedRecord declaration": ["RELEASE_SECURITY"],
  "sharedRecord initialisation": ["RELEASE_SECURITY"],
  "sharedRecord rotation": ["RELEASE_SECURITY"],
  "sharedRecord plan": ["RELEASE_SECURITY"],
  sourceAccept: ["SOURCE_AUTHORITY", "RELEASE_SECURITY"],
  lanePropose: ["RELEASE_SECURITY"],
  laneConfirm: ["RELEASE_SECURITY"],
  epochAdvance: ["RELEASE_SECURITY"],
  epochFreeze: ["RELEASE_SECURITY"],
  epochThaw: ["RELEASE_SECURITY"],
  epochRateChange: ["RELEASE_SECURITY"],
};

/** Who is sent what outside GraphQL. */
export const EXPORTS: Readonly<Record<"bundleShared" | "bundleFull" | "metrics", readonly Role[]>> =
  {
    bundleShared: LOOKERS,
    bundleFull: INSIDERS,
    metrics: ["OPERATOR", "AUDITOR", "RELEASE_SECURITY"],
  };
