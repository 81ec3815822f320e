import { ActorKind, Role } from "#packet/actor.ts";
import {
  ApprovalStanding,
  ClockDoubt,
  Closing,
  GateReason,
  GateStatus,
  PacketStatus,
} from "#packet/approval.ts";
import { EntryKind } from "#packet/entry.ts";
import { AdvisoryCode, HoldCode, HoldStatus, Prerequisite, Remedy } from "#packet/hold.ts";
import { LineageDoubt } from "#packet/lineage.ts";
import { SeatRole } from "#packet/quorum.ts";
import { SignedDecision } from "#packet/signature.ts";
import { SourceKind } from "#packet/source.ts";
import { builder } from "./builder.ts";
import { HOLD_CODES } from "./packet/holdCodes.ts";

/** An enum of the schema from the domain's own list, every value described. */
export function enumOf<const V extends string>(
  name: string,
  values: { readonly options: readonly V[] },
  description: string,
  meanings: Readonly<Record<V, string>>,
) {
  const config = values.options.map((value) => [value, { description: meanings[value] }] as const);
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(config) as Record<V, { description: string }>,
  });
}

export const HoldCodeRef = enumOf(
  "HoldCode",
  HoldCode,
  "Why a packet may not be approved.",
  HOLD_CODES,
);

export const RoleRef = enumOf("Role", Role, "What a principal may do.", {
  VIEWER: "Sees the shared view: codes, counts, states and times, and nobody's name.",
  READER: "Reads everything governed.",
  REPORTER: "Reports evidence.",
  PREPARER: "Opens, binds and resubmits packets.",
  SOURCE_AUTHORITY: "Accepts source versions that the lane names them for.",
  APPROVAL_OWNER: "May be named by a lane as the one who decides.",
  RELEASE_SECURITY: "Proposes and confirms lanes, releases operator holds, freezes and thaws.",
  AUDITOR: "Reads everything.",
  OPERATOR: "Runs the deployment, places holds and reports.",
  DEVELOPER: "Looks at the schema where the deployment shows it, and sees nothing of a packet.",
});

export const SignedDecisionRef = enumOf(
  "SignedDecision",
  SignedDecision,
  "What an owner's signed statement says of a revision.",
  { APPROVE: "That it is approved.", REJECT: "That it is rejected." },
);

export const ActorKindRef = enumOf("ActorKind", ActorKind, "What kind of principal somebody is.", {
  PERSON: "A person, who may decide.",
  SYSTEM: "A system account, which only reports (rule 5.3).",
});

export const PacketStatusRef = enumOf(
  "PacketStatus",
  PacketStatus,
  "Where a packet stands, derived from its ledger and never set (rule 3.1).",
  {
    CLOSED: "Its window has passed or it was withdrawn; nothing changes it any more.",
    ESCALATED: "An upstream source must be settled first (rule 3.8).",
    ON_HOLD: "A hold is open.",
    APPROVED: "The owner's approval stands.",
    READY_FOR_APPROVAL: "Nothing holds it: the owner decides.",
  },
);

export const ClosingRef = enumOf("Closing", Closing, "Why a packet is CLOSED.", {
  WINDOW_PASSED: "Its shipment window has passed.",
  WITHDRAWN: "It was withdrawn.",
});

export const ApprovalStandingRef = enumOf(
  "ApprovalStanding",
  ApprovalStanding,
  "How an approval stands (rule 5.5).",
  {
    STANDING: "It covers the packet as it is.",
    SUSPENDED: "Evidence merely grew old; it stands again once that is refreshed.",
    LAPSED: "Something else changed; the owner must approve again.",
  },
);

export const GateStatusRef = enumOf("GateStatus", GateStatus, "What downstream asks.", {
  OPEN: "A standing approval covers the current revision.",
  CLOSED: "Anything else, for the reasons given.",
});

export const GateReasonRef = enumOf("GateReason", GateReason, "Why the gate is CLOSED.", {
  PACKET_CLOSED: "The packet is closed.",
  HOLDS_OPEN: "Holds are open.",
  NOT_APPROVED: "Nobody has approved it.",
  APPROVAL_SUSPENDED: "Evidence under the approval grew old.",
  APPROVAL_LAPSED: "The approval lapsed for good.",
  WINDOW_NOT_OPEN: "The shipment window has not begun.",
  NO_SIGNING: "The calendar declares that nobody signs now.",
  EPOCH_FROZEN: "The epoch is frozen.",
  EPOCH_STALLED: "The epoch was seen to stall.",
  UNREADABLE: "What the gate rests on cannot be read.",
  LINEAGE_IN_DOUBT: "The database disagrees with what is kept of the log outside it.",
  NOT_CURRENT: "It was read from a copy that may not be the newest.",
});

export const ClockDoubtRef = enumOf(
  "ClockDoubt",
  ClockDoubt,
  "A doubt about the epoch (rule 6.5).",
  {
    EPOCH_FROZEN: "Release security froze it.",
    EPOCH_STALLED: "It has not moved for longer than the ticker may take.",
  },
);

export const LineageDoubtRef = enumOf(
  "LineageDoubt",
  LineageDoubt,
  "Why the database is not believed to hold the whole lineage.",
  {
    NOT_COMPARED: "It has not been compared with the last checkpoint yet.",
    HEAD_WENT_BACK: "The log is shorter than the last checkpoint.",
    HISTORY_REWRITTEN: "The log differs from the last checkpoint.",
    CHECKPOINT_UNREADABLE: "The last checkpoint cannot be read.",
    WITNESS_DISAGREES: "The witness has cosigned another log, or a longer one.",
    WITNESS_SILENT: "The witness has not answered since the start.",
  },
);

export const PrerequisiteRef = enumOf(
  "Prerequisite",
  Prerequisite,
  "What a packet needs: the rows of rule 4.1, and the holds that people place.",
  {
    OUTAGE: "The outage stands and its fallback covers this train (4.1.1).",
    MANIFEST_BINDING: "Bound to the newest manifest and branch (4.1.2).",
    REPRODUCIBILITY: "Rebuilt alike by enough rebuilders (4.1.3).",
    ROLLBACK_SCOPE: "Every rollback package would still be admitted (4.1.4).",
    ENCLAVES: "Enough enclaves are fit (4.1.5).",
    SIGNER_QUORUM: "Every shift's seats can be filled (4.1.6).",
    ROLLBACK_CUSTODY: "Every rollback package is held and verified (4.1.7).",
    DIGEST_CONFIRMATION: "Every artifact's digest is freshly confirmed (4.1.8).",
    PUBLICATION_SCOPE: "Every artifact's targets are accepted ones (4.1.9).",
    PUBLICATION_SAFEGUARDS: "Every safeguard is engaged (4.1.10).",
    QUARANTINE: "What lies outside the manifest is quarantined (4.1.11).",
    TIME: "The epoch's mapping to human time is sound (4.1.12).",
    EMERGENCY_ACCESS: "Whom the lane asks it of has used the emergency path lately.",
    PLACED: "No hold that a person placed is open (3.5).",
  },
);

export const HoldStatusRef = enumOf("HoldStatus", HoldStatus, "How a hold stands.", {
  OPEN: "It holds.",
  CLEARED: "Evidence that meets the prerequisite ended it.",
  OUT_OF_SCOPE: "Its subject left the scope, which is not the same as cleared (rule 4.2.3).",
});

export const RemedyRef = enumOf("Remedy", Remedy, "Who can clear a hold.", {
  UPSTREAM_AUTHORITY: "The authority that the lane names for the source.",
  PREPARER: "A preparer.",
  ACCEPTED_REPORTER: "A reporter accepted for the kind of evidence.",
  SIGNERS: "People on the roster, by committing to shifts.",
  CUSTODIANS: "Custodians of the package.",
  RESPONDERS: "The person whom it is about.",
  RELEASE_SECURITY: "Release security.",
});

export const AdvisoryCodeRef = enumOf(
  "AdvisoryCode",
  AdvisoryCode,
  "Worth knowing; it blocks nothing.",
  {
    UNACCEPTED_REPORT:
      "An entry by somebody who is not accepted for its kind; it counts for nothing.",
    REFRESH_DUE: "Evidence has used 80 % of its age.",
    ENCLAVE_UNREPORTED: "A spare enclave has never been reported.",
    ENCLAVE_UNAVAILABLE: "A spare enclave is unavailable.",
    ENCLAVE_ATTESTATION_STALE: "The report on a spare enclave is too old.",
    QUARANTINE_IN_FORCE: "A quarantine keeps something out.",
    EMERGENCY_ACCESS_UNEXERCISED:
      "The owner, or a responder, has not used the emergency path, or too long ago.",
    POLICY_LOOSENED: "A policy's number is looser than when the owner last decided.",
  },
);

export const SourceKindRef = enumOf("SourceKind", SourceKind, "The kinds of accepted source.", {
  APPROVAL_LANE: "Who decides, and who may accept what.",
  OUTAGE_DECLARATION: "The outage, and the trains that its fallback covers.",
  TRUSTED_BRANCH: "The branch that upstream trusts.",
  MANIFEST: "The exact artifacts that may be signed.",
  REPRODUCIBILITY_POLICY: "Who rebuilds, and how many must agree.",
  ROLLBACK_SCOPE: "What may be gone back to.",
  REQUIRED_ENCLAVES: "The enclaves that may be used, and how many are needed.",
  ROSTER: "The people who may sit or hold custody.",
  SHIFT_CALENDAR: "The shifts, and when nobody signs.",
  QUORUM_POLICY: "The seats of every shift.",
  FRESHNESS_POLICY: "How old evidence may grow.",
  PUBLICATION_SCOPE: "Where artifacts may go later, and what guards that.",
  ACCEPTED_REPORTERS: "Whose entries count.",
  SHIPMENT_WINDOW: "When the train would ship.",
});

export const EntryKindRef = enumOf("EntryKind", EntryKind, "The kinds of readiness entry.", {
  DIGEST_CONFIRMATION: "Somebody hashed an artifact.",
  REPRODUCIBILITY_CHECK: "Somebody rebuilt an artifact from source.",
  AVAILABILITY: "A person's word about a shift.",
  CUSTODY: "Who holds a rollback package.",
  SAFEGUARD: "Whether a safeguard of a target is engaged.",
  OBSERVATION: "An artifact seen at, or gone from, a location.",
  QUARANTINE: "Something kept out, or no longer.",
  ENCLAVE_REPORT: "How an enclave is.",
  CREDENTIAL_REVOCATION: "A person's credential no longer counts.",
  COMPONENT_STATE: "What a component now refuses, and runs.",
  COMPONENT_DECLARATION: "What a component is, and how it is meant to be.",
  RELEASE_INITIALISATION: "A release initialised on a component.",
  KEY_ROTATION: "A component's signing key was rotated.",
  EMERGENCY_PLAN: "How the deployment is reached when nothing else answers.",
  EMERGENCY_EXERCISE: "Somebody used the emergency path.",
});

export const SeatRoleRef = enumOf("SeatRole", SeatRole, "The roles of a signing ceremony.", {
  SIGNER: "Signs.",
  CUSTODIAN: "Keeps the key's carrier.",
  CEREMONY_LEAD: "Leads the ceremony.",
  WITNESS: "Watches it.",
});
