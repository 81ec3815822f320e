import type { Actor, Role } from "#packet/actor.ts";
import { NotEntitled, type Refusal, SystemCannotDecide } from "#packet/refusal.ts";

/** Everything that anybody may ask of the ledger; each is a file of workflow. */
export type Verb =
  | "sourceAccept"
  | "lanePropose"
  | "laneConfirm"
  | "packetOpen"
  | "packetBind"
  | "readinessRecord"
  | "sharedRecord"
  | "enclaveReport"
  | "credentialRevoke"
  | "componentReport"
  | "componentDeclare"
  | "releaseInitialise"
  | "keyRotate"
  | "rollbackForecast"
  | "emergencyPlanReport"
  | "operatorHoldPlace"
  | "operatorHoldRelease"
  | "escalationAcknowledge"
  | "packetApprove"
  | "packetReject"
  | "packetResubmit"
  | "packetWithdraw"
  | "epochAdvance"
  | "epochFreeze"
  | "epochThaw"
  | "epochRateChange"
  | "packetRead"
  | "changePreview"
  | "gateRead";

/** What is looked at elsewhere than in workflow: by a face, an export or a node's own pages. */
export type LookVerb =
  | "sourceRead"
  | "branchPreview"
  | "bundleShared"
  | "bundleFull"
  | "metricsRead"
  | "accessRead"
  | "revocationRead"
  | "designRead"
  | "schemaRead";

/**
 * How far a role reaches. What depends on a packet's own sources is decided by the gate, at the
 * revision that it is asked for; the table says which of its rules does.
 *
 * - EVERYTHING: whatever there is, each field as far as the reader's classes show it.
 * - OWN_PACKETS: packets whose newest lane names the actor as their owner (rules 5.1 and 5.3).
 * - OWN_SOURCES: kinds of source for which the newest lane names the actor (rule 2.1).
 * - OWN_REPORTS: what the actor's own credential covers; whether it counts, the accepted reporters
 *   say (rule 2.2).
 * - ANOTHERS: what somebody else proposed, prepared or decided (rules 2.1 and 5.3).
 */
export type Scope = "EVERYTHING" | "OWN_PACKETS" | "OWN_SOURCES" | "OWN_REPORTS" | "ANOTHERS";

interface Permission {
  /** Any one of these roles entitles. */
  readonly roles: readonly Role[];
  readonly scope: Scope;
  /** Rule 5.3: a system account never decides. */
  readonly personsOnly?: true;
}

const READERS: readonly Role[] = [
  "READER",
  "REPORTER",
  "PREPARER",
  "SOURCE_AUTHORITY",
  "APPROVAL_OWNER",
  "RELEASE_SECURITY",
  "AUDITOR",
  "OPERATOR",
];
/** Whoever sees every class of field. */
const INSIDERS: readonly Role[] = [
  "PREPARER",
  "SOURCE_AUTHORITY",
  "APPROVAL_OWNER",
  "RELEASE_SECURITY",
  "AUDITOR",
];
const REPORTERS: readonly Role[] = ["REPORTER", "OPERATOR", "RELEASE_SECURITY"];
const RESPONDERS: readonly Role[] = ["PREPARER", "APPROVAL_OWNER", "RELEASE_SECURITY", "OPERATOR"];

/** Which roles entitle to which verb, and how far. Nothing in the product gives anybody a role. */
export const PERMISSIONS: Readonly<Record<Verb, Permission>> = {
  sourceAccept: { roles: ["SOURCE_AUTHORITY", "RELEASE_SECURITY"], scope: "OWN_SOURCES" },
  lanePropose: { roles: ["RELEASE_SECURITY"], scope: "ANOTHERS", personsOnly: true },
  laneConfirm: { roles: ["RELEASE_SECURITY"], scope: "ANOTHERS", personsOnly: true },
  packetOpen: { roles: ["PREPARER"], scope: "ANOTHERS" },
  packetBind: { roles: ["PREPARER"], scope: "EVERYTHING" },
  readinessRecord: {
    roles: [...REPORTERS, "PREPARER", "APPROVAL_OWNER"],
    scope: "OWN_REPORTS",
  },
  sharedRecord: { roles: REPORTERS, scope: "OWN_REPORTS" },
  enclaveReport: { roles: REPORTERS, scope: "OWN_REPORTS" },
  credentialRevoke: { roles: ["RELEASE_SECURITY"], scope: "OWN_REPORTS" },
  componentReport: { roles: ["RELEASE_SECURITY"], scope: "OWN_REPORTS" },
  // What is meant to be is decided by somebody.
  rollbackForecast: { roles: READERS, scope: "EVERYTHING" },
  releaseInitialise: { roles: ["RELEASE_SECURITY"], scope: "OWN_REPORTS" },
  // Which key goes, and whether suddenly, is a person's choice.
  keyRotate: { roles: ["RELEASE_SECURITY"], scope: "OWN_REPORTS", personsOnly: true },
  componentDeclare: { roles: ["RELEASE_SECURITY"], scope: "EVERYTHING", personsOnly: true },
  emergencyPlanReport: { roles: ["RELEASE_SECURITY"], scope: "OWN_REPORTS" },
  operatorHoldPlace: {
    roles: [...RESPONDERS, "REPORTER", "SOURCE_AUTHORITY"],
    scope: "EVERYTHING",
    personsOnly: true,
  },
  operatorHoldRelease: { roles: ["RELEASE_SECURITY"], scope: "EVERYTHING", personsOnly: true },
  escalationAcknowledge: { roles: RESPONDERS, scope: "EVERYTHING", personsOnly: true },
  packetApprove: { roles: ["APPROVAL_OWNER"], scope: "OWN_PACKETS", personsOnly: true },
  packetReject: { roles: ["APPROVAL_OWNER"], scope: "OWN_PACKETS", personsOnly: true },
  packetResubmit: { roles: ["PREPARER"], scope: "ANOTHERS", personsOnly: true },
  packetWithdraw: {
    // Release security withdraws any packet, an owner their own.
    roles: ["APPROVAL_OWNER", "RELEASE_SECURITY"],
    scope: "OWN_PACKETS",
    personsOnly: true,
  },
  epochAdvance: { roles: ["RELEASE_SECURITY"], scope: "EVERYTHING", personsOnly: true },
  epochFreeze: { roles: ["RELEASE_SECURITY"], scope: "EVERYTHING", personsOnly: true },
  epochThaw: { roles: ["RELEASE_SECURITY"], scope: "EVERYTHING", personsOnly: true },
  epochRateChange: { roles: ["RELEASE_SECURITY"], scope: "EVERYTHING", personsOnly: true },
  packetRead: { roles: ["VIEWER", ...READERS], scope: "EVERYTHING" },
  changePreview: { roles: READERS, scope: "EVERYTHING" },
  gateRead: { roles: ["VIEWER", ...READERS], scope: "EVERYTHING" },
};

/** The same for what is only looked at. */
export const LOOK_PERMISSIONS: Readonly<Record<LookVerb, Permission>> = {
  sourceRead: { roles: READERS, scope: "EVERYTHING" },
  // What a guessed branch would change tells whether the guess is right.
  branchPreview: { roles: INSIDERS, scope: "EVERYTHING" },
  bundleShared: { roles: ["VIEWER", ...READERS], scope: "EVERYTHING" },
  bundleFull: { roles: INSIDERS, scope: "EVERYTHING" },
  // How busy a node is tells of the outage, so that it is nothing for every reader.
  metricsRead: { roles: ["OPERATOR", "AUDITOR", "RELEASE_SECURITY"], scope: "EVERYTHING" },
  // Who looked at what is told to whoever has to ask why.
  accessRead: { roles: ["AUDITOR", "RELEASE_SECURITY"], scope: "EVERYTHING" },
  // Lists name people, and what they would do tells whom to aim at.
  revocationRead: { roles: ["AUDITOR", "RELEASE_SECURITY"], scope: "EVERYTHING" },
  // How to get in when nothing else lets anybody in is told to whoever has to see to it.
  designRead: {
    roles: ["OPERATOR", "APPROVAL_OWNER", "RELEASE_SECURITY", "AUDITOR"],
    scope: "EVERYTHING",
  },
  schemaRead: { roles: ["DEVELOPER"], scope: "EVERYTHING" },
};

const ALL = { ...PERMISSIONS, ...LOOK_PERMISSIONS };

/**
 * Null when the actor's roles entitle to the verb, else why not. It looks at no input and at no
 * packet, so that what is not there and what is not the actor's are refused alike (rule 7.2).
 */
export function entitle(actor: Actor, verb: Verb | LookVerb): Refusal | null {
  const { roles, personsOnly } = ALL[verb];
  if (!actor.roles.some((role) => roles.includes(role))) return new NotEntitled(verb);
  return personsOnly === true && actor.kind === "SYSTEM" ? new SystemCannotDecide() : null;
}
