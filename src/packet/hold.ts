import { z } from "zod";
import type { Epoch } from "./epoch.ts";
import type { EntryId } from "./name.ts";

/** The rows of section 4.1, and the holds that people place (rule 3.5). */
export const Prerequisite = z.enum([
  "OUTAGE",
  "MANIFEST_BINDING",
  "REPRODUCIBILITY",
  "ROLLBACK_SCOPE",
  "ENCLAVES",
  "SIGNER_QUORUM",
  "ROLLBACK_CUSTODY",
  "DIGEST_CONFIRMATION",
  "PUBLICATION_SCOPE",
  "PUBLICATION_SAFEGUARDS",
  "QUARANTINE",
  "TIME",
  "EMERGENCY_ACCESS",
  "PLACED",
]);
export type Prerequisite = z.infer<typeof Prerequisite>;

/** Why a packet may not be approved. */
export const HoldCode = z.enum([
  "OUTAGE_NOT_STANDING",
  "MANIFEST_BINDING_STALE",
  "BRANCH_BINDING_STALE",
  "REPRODUCIBILITY_POLICY_STALE",
  "REPRODUCIBILITY_REFERENCE_MISSING",
  "REPRODUCIBILITY_REFERENCE_STALE",
  "REPRODUCIBILITY_MISMATCH",
  "ROLLBACK_SCOPE_STALE",
  "ROLLBACK_INADMISSIBLE",
  "ROLLBACK_COMPONENT_DEVIATION",
  "ENCLAVE_UNREPORTED",
  "ENCLAVE_UNAVAILABLE",
  "ENCLAVE_UNSEALED",
  "ENCLAVE_MEASUREMENT_MISMATCH",
  "ENCLAVE_ATTESTATION_STALE",
  "SIGNER_QUORUM_MISSING",
  "CUSTODY_GROUPS_MISSING",
  "SHIFT_COVERAGE_GAP",
  "ROLLBACK_CUSTODY_GAP",
  "ROLLBACK_DIGEST_MISMATCH",
  "CUSTODY_COVERAGE_GAP",
  "DIGEST_CONFIRMATION_MISSING",
  "DIGEST_CONFIRMATION_STALE",
  "DIGEST_MISMATCH",
  "PUBLICATION_SCOPE_AMBIGUOUS",
  "PUBLICATION_SAFEGUARD_MISSING",
  "ARTIFACT_NOT_QUARANTINED",
  "MANIFEST_ARTIFACT_QUARANTINED",
  "TIME_MAPPING_STALE",
  "EMERGENCY_ACCESS_UNEXERCISED",
  "OPERATOR_HOLD",
  "APPROVAL_REJECTED",
]);
export type HoldCode = z.infer<typeof HoldCode>;

/** Worth knowing, blocks nothing. */
export const AdvisoryCode = z.enum([
  "UNACCEPTED_REPORT",
  "REFRESH_DUE",
  "ENCLAVE_UNREPORTED",
  "ENCLAVE_UNAVAILABLE",
  "ENCLAVE_ATTESTATION_STALE",
  "QUARANTINE_IN_FORCE",
  "EMERGENCY_ACCESS_UNEXERCISED",
  "POLICY_LOOSENED",
]);
export type AdvisoryCode = z.infer<typeof AdvisoryCode>;

/** Who can clear a hold. */
export const Remedy = z.enum([
  "UPSTREAM_AUTHORITY",
  "PREPARER",
  "ACCEPTED_REPORTER",
  "SIGNERS",
  "CUSTODIANS",
  "RESPONDERS",
  "RELEASE_SECURITY",
]);
export type Remedy = z.infer<typeof Remedy>;

/**
 * What a hold or advisory is about, as one text: names apart by a space, which no name holds.
 * Shapes by code are listed in the decision record 0020.
 */
export type Subject = string;

/** One reason that a prerequisite gives: what it sees now, without history. */
export interface Finding<Code extends string = HoldCode> {
  readonly code: Code;
  readonly subject: Subject;
  /** A sentence for a person; it speaks of no current epoch, so it changes only with evidence. */
  readonly why: string;
  /** The entries behind it. */
  readonly evidence: readonly EntryId[];
  /** True when it would not be there had nothing aged (rule 5.5). */
  readonly byAge: boolean;
}
export type Advisory = Finding<AdvisoryCode>;

/** OUT_OF_SCOPE is not CLEARED (rule 4.2.3). */
export const HoldStatus = z.enum(["OPEN", "CLEARED", "OUT_OF_SCOPE"]);
export type HoldStatus = z.infer<typeof HoldStatus>;

/** A hold as the register keeps it. Code and subject identify it, each opening has its own ordinal. */
export interface Hold {
  readonly code: HoldCode;
  readonly subject: Subject;
  readonly prerequisite: Prerequisite;
  /** The register's own number of this opening, from 1: the public id, which names nothing. */
  readonly ordinal: number;
  readonly status: HoldStatus;
  readonly why: string;
  readonly evidence: readonly EntryId[];
  readonly sinceRevision: number;
  readonly sinceEpoch: Epoch;
  /** When it ceased to be open; null while it is. */
  readonly endedRevision: number | null;
  readonly endedEpoch: Epoch | null;
}
