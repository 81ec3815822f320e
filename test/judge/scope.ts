import { peopleAsked } from "./emergency.ts";
import { safeguardsOfScope } from "./holds.ts";
import type { HoldRef } from "./holds.ts";
import { packageText } from "./rollback.ts";
import { restOfWindow, shiftsOfTheRest, uncoveredEpochs } from "./time.ts";
import type { View } from "./words.ts";

/** Rule 4.2.3, reading 16: whether the hold's subject has left the scope. */
export function hasLeftScope(view: View, hold: HoldRef): boolean {
  const { sources } = view.known;
  const artifacts = sources.MANIFEST.content.artifacts.map((item) => `${item.name} ${item.digest}`);
  const packages = sources.ROLLBACK_SCOPE.content.packages.map(packageText);
  const shifts = shiftsOfTheRest(view).map((shift) => shift.shift);
  const { subject } = hold;
  switch (hold.code) {
    case "REPRODUCIBILITY_REFERENCE_MISSING":
    case "REPRODUCIBILITY_REFERENCE_STALE":
    case "REPRODUCIBILITY_MISMATCH":
    case "DIGEST_CONFIRMATION_MISSING":
    case "DIGEST_CONFIRMATION_STALE":
    case "DIGEST_MISMATCH":
    case "PUBLICATION_SCOPE_AMBIGUOUS":
    case "MANIFEST_ARTIFACT_QUARANTINED":
      return !artifacts.includes(subject);
    case "ARTIFACT_NOT_QUARANTINED":
      return artifacts.includes(subject);
    case "ROLLBACK_INADMISSIBLE":
    case "ROLLBACK_COMPONENT_DEVIATION":
    case "ROLLBACK_CUSTODY_GAP":
    case "ROLLBACK_DIGEST_MISMATCH":
      return !packages.includes(subject);
    case "CUSTODY_COVERAGE_GAP":
      return !packages
        .flatMap((item) => shifts.map((shift) => `${item} ${shift}`))
        .includes(subject);
    case "ENCLAVE_UNREPORTED":
    case "ENCLAVE_UNAVAILABLE":
    case "ENCLAVE_UNSEALED":
    case "ENCLAVE_MEASUREMENT_MISMATCH":
    case "ENCLAVE_ATTESTATION_STALE":
      return !sources.REQUIRED_ENCLAVES.content.enclaves.some((item) => item.enclave === subject);
    case "SIGNER_QUORUM_MISSING":
    case "CUSTODY_GROUPS_MISSING":
      return !shifts.includes(subject);
    case "PUBLICATION_SAFEGUARD_MISSING":
      return !safeguardsOfScope(view).some(
        (item) => `${item.target} ${item.safeguard}` === subject,
      );
    case "EMERGENCY_ACCESS_UNEXERCISED":
      return !peopleAsked(view).includes(subject);
    case "SHIFT_COVERAGE_GAP":
      return hasGapLeftScope(view, BigInt(subject));
    case "OUTAGE_NOT_STANDING":
      return sources.OUTAGE_DECLARATION.content.declaration !== subject;
    case "MANIFEST_BINDING_STALE":
    case "BRANCH_BINDING_STALE":
    case "REPRODUCIBILITY_POLICY_STALE":
    case "ROLLBACK_SCOPE_STALE":
    case "TIME_MAPPING_STALE":
    case "OPERATOR_HOLD":
    case "APPROVAL_REJECTED":
      return false;
  }
}

// Another gap speaks for an epoch that is still uncovered.
function hasGapLeftScope(view: View, last: bigint): boolean {
  return !restOfWindow(view).includes(last) || uncoveredEpochs(view).includes(last);
}
