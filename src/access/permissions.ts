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
  | "packetRead"
  | "changePreview"
  | "gateRead";

/** What is asked of a node about itself. */
export type NodeVerb = "metricsRead";

interface Permission {
  /** Any one of these roles entitles. */
  readonly roles: readonly Role[];
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
const RESPONDERS: readonly Role[] = ["PREPARER", "APPROVAL_OWNER", "RELEASE_SECURITY", "OPERATOR"];

/**
 * Which roles entitle to which verb. Whom a lane names (its owner, its
 * authorities) and who is accepted to report is decided by the gate, on top.
 */
export const PERMISSIONS: Readonly<Record<Verb, Permission>> = {
  sourceAccept: { roles: ["SOURCE_AUTHORITY", "RELEASE_SECURITY"] },
  lanePropose: { roles: ["RELEASE_SECURITY"], personsOnly: true },
  laneConfirm: { roles: ["RELEASE_SECURITY"], personsOnly: true },
  packetOpen: { roles: ["PREPARER"] },
  packetBind: { roles: ["PREPARER"] },
  readinessRecord: {
    roles: ["REPORTER", "PREPARER", "OPERATOR", "RELEASE_SECURITY", "APPROVAL_OWNER"],
  },
  sharedRecord: { roles: ["REPORTER", "OPERATOR", "RELEASE_SECURITY"] },
  enclaveReport: { roles: ["REPORTER", "OPERATOR", "RELEASE_SECURITY"] },
  credentialRevoke: { roles: ["RELEASE_SECURITY"] },
  componentReport: { roles: ["RELEASE_SECURITY"] },
  operatorHoldPlace: { roles: [...RESPONDERS, "REPORTER", "SOURCE_AUTHORITY"], personsOnly: true },
  operatorHoldRelease: { roles: ["RELEASE_SECURITY"], personsOnly: true },
  escalationAcknowledge: { roles: RESPONDERS, personsOnly: true },
  packetApprove: { roles: ["APPROVAL_OWNER"], personsOnly: true },
  packetReject: { roles: ["APPROVAL_OWNER"], personsOnly: true },
  packetResubmit: { roles: ["PREPARER"], personsOnly: true },
  packetWithdraw: { roles: ["APPROVAL_OWNER", "RELEASE_SECURITY"], personsOnly: true },
  epochAdvance: { roles: ["RELEASE_SECURITY"], personsOnly: true },
  epochFreeze: { roles: ["RELEASE_SECURITY"], personsOnly: true },
  epochThaw: { roles: ["RELEASE_SECURITY"], personsOnly: true },
  packetRead: { roles: ["VIEWER", ...READERS] },
  changePreview: { roles: READERS },
  gateRead: { roles: ["VIEWER", ...READERS] },
};

/** The same for nodes: how busy one is tells of the outage, so that it is nothing for every reader. */
const NODE_PERMISSIONS: Readonly<Record<NodeVerb, Permission>> = {
  metricsRead: { roles: ["OPERATOR", "AUDITOR", "RELEASE_SECURITY"] },
};

const ALL = { ...PERMISSIONS, ...NODE_PERMISSIONS };

/** Null when the actor is entitled to the verb, else why not. */
export function entitle(actor: Actor, verb: Verb | NodeVerb): Refusal | null {
  const { roles, personsOnly } = ALL[verb];
  if (!actor.roles.some((role) => roles.includes(role))) return new NotEntitled(verb);
  return personsOnly === true && actor.kind === "SYSTEM" ? new SystemCannotDecide() : null;
}
