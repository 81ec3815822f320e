import type { z } from "zod";
import { PacketReport, ReportedKind, SharedReport } from "#packet/entry.ts";
import { AuthorityKind, SourceProposal } from "#packet/source.ts";
import { enumOf } from "../enums.ts";

interface Member {
  readonly shape: { readonly kind: z.ZodLiteral<string> };
}

/** The member of a union of the domain that has this kind. */
function memberOf<M extends Member, const K extends z.output<M["shape"]["kind"]>>(
  union: { readonly options: readonly M[] },
  kind: K,
): Extract<M, { readonly shape: { readonly kind: z.ZodLiteral<K> } }> {
  const found = union.options.find((member) => member.shape.kind.value === kind);
  if (found === undefined) throw new TypeError(`no member of kind ${kind}`);
  return found as Extract<M, { readonly shape: { readonly kind: z.ZodLiteral<K> } }>;
}

export const AuthorityKindRef = enumOf(
  "AuthorityKind",
  AuthorityKind,
  "The kinds of source that one authority accepts; a lane needs two people instead (rule 2.1).",
  {
    OUTAGE_DECLARATION: "The outage and its fallback.",
    TRUSTED_BRANCH: "The trusted branch.",
    MANIFEST: "The manifest.",
    REPRODUCIBILITY_POLICY: "The reproducibility policy.",
    ROLLBACK_SCOPE: "The rollback scope.",
    REQUIRED_ENCLAVES: "The required enclaves.",
    ROSTER: "The roster.",
    SHIFT_CALENDAR: "The shift calendar.",
    QUORUM_POLICY: "The quorum policy.",
    FRESHNESS_POLICY: "The freshness policy.",
    PUBLICATION_SCOPE: "The publication scope.",
    ACCEPTED_REPORTERS: "The accepted reporters.",
    SHIPMENT_WINDOW: "The shipment window.",
  },
);

export const ReportedKindRef = enumOf(
  "ReportedKind",
  ReportedKind,
  "The kinds of entry that count only from accepted reporters (rule 2.2).",
  {
    DIGEST_CONFIRMATION: "Somebody hashed an artifact.",
    REPRODUCIBILITY_CHECK: "Somebody rebuilt an artifact from source.",
    AVAILABILITY: "A person's word about a shift.",
    CUSTODY: "Who holds a rollback package.",
    SAFEGUARD: "Whether a safeguard of a target is engaged.",
    OBSERVATION: "An artifact seen at, or gone from, a location.",
    QUARANTINE: "Something kept out, or no longer.",
    ENCLAVE_REPORT: "How an enclave is.",
  },
);

export const OutageStatusRef = enumOf(
  "OutageStatus",
  memberOf(SourceProposal, "OUTAGE_DECLARATION").shape.status,
  "How the outage stands.",
  {
    DECLARED: "The online services are down.",
    ENDED: "They are back.",
  },
);

export const SafeguardNameRef = enumOf(
  "SafeguardName",
  memberOf(SourceProposal, "PUBLICATION_SCOPE").shape.targets.element.shape.safeguards.element,
  "What guards a publication target.",
  {
    REGISTRY_RELEASE: "The registry does not release by itself.",
    MIRROR_PROMOTION: "Mirrors do not promote by themselves.",
    ADVISORY_TIMING: "The advisory waits for its time.",
  },
);

export const AvailabilityStatusRef = enumOf(
  "AvailabilityStatus",
  memberOf(PacketReport, "AVAILABILITY").shape.status,
  "A person's word about a shift.",
  { COMMITTED: "They will be there.", WITHDRAWN: "They will not." },
);

export const CustodyStatusRef = enumOf(
  "CustodyStatus",
  memberOf(PacketReport, "CUSTODY").shape.status,
  "Whether a custodian holds a rollback package.",
  { HELD: "They hold it.", RELEASED: "They gave it out of their hands." },
);

export const SafeguardStatusRef = enumOf(
  "SafeguardStatus",
  memberOf(PacketReport, "SAFEGUARD").shape.status,
  "Whether a safeguard works.",
  { ENGAGED: "It holds the target back.", DISENGAGED: "It does not." },
);

export const ObservationStatusRef = enumOf(
  "ObservationStatus",
  memberOf(PacketReport, "OBSERVATION").shape.status,
  "Whether an artifact lies at a location.",
  { SEEN: "It was seen there.", GONE: "It was looked for there and is gone." },
);

export const QuarantineStatusRef = enumOf(
  "QuarantineStatus",
  memberOf(PacketReport, "QUARANTINE").shape.status,
  "Whether a quarantine keeps something out.",
  { IN_FORCE: "It does.", LIFTED: "It no longer does." },
);

export const EnclaveAvailabilityRef = enumOf(
  "EnclaveAvailability",
  memberOf(SharedReport, "ENCLAVE_REPORT").shape.availability,
  "Whether an enclave can be used.",
  { AVAILABLE: "It can.", UNAVAILABLE: "It cannot." },
);

export const EnclaveSealingRef = enumOf(
  "EnclaveSealing",
  memberOf(SharedReport, "ENCLAVE_REPORT").shape.sealing,
  "Whether an enclave is sealed.",
  { SEALED: "It is, under a numbered seal.", UNSEALED: "It is not." },
);
