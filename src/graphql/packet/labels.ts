import type { Ledger } from "#ledger/ledger.ts";
import type { AdvisoryCode, HoldCode } from "#packet/hold.ts";
import type { PacketId } from "#packet/name.ts";
import { veilOf } from "./veil.ts";

/** What the subject of each code is (decision record 0020), so that one thing has one label under every code. */
const NOUNS: Readonly<Record<HoldCode | AdvisoryCode, string>> = {
  OUTAGE_NOT_STANDING: "declaration",
  MANIFEST_BINDING_STALE: "source",
  BRANCH_BINDING_STALE: "source",
  REPRODUCIBILITY_POLICY_STALE: "source",
  ROLLBACK_SCOPE_STALE: "source",
  REPRODUCIBILITY_REFERENCE_MISSING: "artifact",
  REPRODUCIBILITY_REFERENCE_STALE: "artifact",
  REPRODUCIBILITY_MISMATCH: "artifact",
  DIGEST_CONFIRMATION_MISSING: "artifact",
  DIGEST_CONFIRMATION_STALE: "artifact",
  DIGEST_MISMATCH: "artifact",
  PUBLICATION_SCOPE_AMBIGUOUS: "artifact",
  ARTIFACT_NOT_QUARANTINED: "artifact",
  MANIFEST_ARTIFACT_QUARANTINED: "artifact",
  ROLLBACK_INADMISSIBLE: "package",
  ROLLBACK_COMPONENT_DEVIATION: "package",
  ROLLBACK_CUSTODY_GAP: "package",
  ROLLBACK_DIGEST_MISMATCH: "package",
  CUSTODY_COVERAGE_GAP: "package-in-shift",
  ENCLAVE_UNREPORTED: "enclave",
  ENCLAVE_UNAVAILABLE: "enclave",
  ENCLAVE_UNSEALED: "enclave",
  ENCLAVE_MEASUREMENT_MISMATCH: "enclave",
  ENCLAVE_ATTESTATION_STALE: "enclave",
  SIGNER_QUORUM_MISSING: "shift",
  CUSTODY_GROUPS_MISSING: "shift",
  SHIFT_COVERAGE_GAP: "interval",
  PUBLICATION_SAFEGUARD_MISSING: "safeguard",
  TIME_MAPPING_STALE: "mapping",
  EMERGENCY_ACCESS_UNEXERCISED: "person",
  OPERATOR_HOLD: "placement",
  APPROVAL_REJECTED: "packet",
  UNACCEPTED_REPORT: "report",
  REFRESH_DUE: "evidence",
  QUARANTINE_IN_FORCE: "quarantine",
  POLICY_LOOSENED: "policy",
};

/** What the field that has it says of itself. */
export const LABEL =
  "A neutral name of what it is about, which stays the same within the packet and leads back to no other name.";

/** The neutral label of what a hold or advisory is about (rule 7.1). */
export function labelOf(
  ledger: Pick<Ledger, "keyFor">,
  packet: PacketId,
  { code, subject }: { readonly code: HoldCode | AdvisoryCode; readonly subject: string },
): string {
  return veilOf(ledger, packet).labelOf(NOUNS[code], subject);
}
