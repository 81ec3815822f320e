import type { Epoch } from "#packet/epoch.ts";
import type { Hold } from "#packet/hold.ts";
import type { Facts } from "./state.ts";
import { askedToExercise } from "./emergency.ts";
import { restOfWindow, shiftsLeft, uncoveredRuns } from "./window.ts";

/**
 * Rule 4.2.3 and reading 16: whether a hold that is no longer found ended because
 * its subject left the scope, which is not the same as being cleared.
 */
export function hasLeftScope(
  facts: Facts,
  epoch: Epoch,
  hold: Pick<Hold, "code" | "subject">,
): boolean {
  const names = hold.subject.split(" ");
  const [first = "", second = "", third = ""] = names;
  switch (hold.code) {
    case "OUTAGE_NOT_STANDING":
      return facts.sources.OUTAGE_DECLARATION.content.declaration !== first;
    case "REPRODUCIBILITY_REFERENCE_MISSING":
    case "REPRODUCIBILITY_REFERENCE_STALE":
    case "REPRODUCIBILITY_MISMATCH":
    case "DIGEST_CONFIRMATION_MISSING":
    case "DIGEST_CONFIRMATION_STALE":
    case "DIGEST_MISMATCH":
    case "PUBLICATION_SCOPE_AMBIGUOUS":
    case "MANIFEST_ARTIFACT_QUARANTINED":
      return !isInManifest(facts, first, second);
    case "ARTIFACT_NOT_QUARANTINED":
      return isInManifest(facts, first, second);
    case "ROLLBACK_INADMISSIBLE":
    case "ROLLBACK_COMPONENT_DEVIATION":
    case "ROLLBACK_CUSTODY_GAP":
    case "ROLLBACK_DIGEST_MISMATCH":
      return !isInRollbackScope(facts, first, second);
    case "CUSTODY_COVERAGE_GAP":
      return !isInRollbackScope(facts, first, second) || !isShiftLeft(facts, epoch, third);
    case "ENCLAVE_UNREPORTED":
    case "ENCLAVE_UNAVAILABLE":
    case "ENCLAVE_UNSEALED":
    case "ENCLAVE_MEASUREMENT_MISMATCH":
    case "ENCLAVE_ATTESTATION_STALE":
      return facts.sources.REQUIRED_ENCLAVES.content.enclaves.every(
        (item) => item.enclave !== first,
      );
    case "SIGNER_QUORUM_MISSING":
    case "CUSTODY_GROUPS_MISSING":
      return !isShiftLeft(facts, epoch, first);
    case "SHIFT_COVERAGE_GAP":
      return !isCoveredAhead(facts, epoch, BigInt(first));
    case "PUBLICATION_SAFEGUARD_MISSING":
      return !isRequiredSafeguard(facts, first, second);
    case "EMERGENCY_ACCESS_UNEXERCISED":
      return !askedToExercise(facts).includes(first);
    default:
      return false;
  }
}

function isInManifest(facts: Facts, artifact: string, digest: string): boolean {
  return facts.manifest.byName.get(artifact)?.digest === digest;
}

function isInRollbackScope(facts: Facts, name: string, digest: string): boolean {
  return facts.sources.ROLLBACK_SCOPE.content.packages.some(
    (item) => item.package === name && item.release.digest === digest,
  );
}

function isShiftLeft(facts: Facts, epoch: Epoch, shift: string): boolean {
  return shiftsLeft(facts, epoch).some((item) => item.shift === shift);
}

/** True when the epoch is still to come in the window and something covers it. */
function isCoveredAhead(facts: Facts, epoch: Epoch, gapLast: Epoch): boolean {
  const rest = restOfWindow(facts, epoch);
  if (gapLast < rest.first || gapLast > rest.last) return false;
  return uncoveredRuns(facts, epoch).every((run) => gapLast < run.first || gapLast > run.last);
}

function isRequiredSafeguard(facts: Facts, target: string, safeguard: string): boolean {
  return facts.sources.PUBLICATION_SCOPE.content.targets.some(
    (item) => item.target === target && item.safeguards.some((name) => name === safeguard),
  );
}
