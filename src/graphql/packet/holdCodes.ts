import type { HoldCode } from "#packet/hold.ts";

/** What each hold code means, in one sentence (rules 4.1 and 3.5). */
export const HOLD_CODES: Readonly<Record<HoldCode, string>> = {
  OUTAGE_NOT_STANDING: "The newest outage declaration has ended or does not cover this train.",
  MANIFEST_BINDING_STALE: "The packet is bound to an older manifest than the newest accepted one.",
  BRANCH_BINDING_STALE:
    "The packet is bound to an older trusted branch than the newest accepted one.",
  REPRODUCIBILITY_POLICY_STALE: "The packet is bound to an older reproducibility policy.",
  REPRODUCIBILITY_REFERENCE_MISSING: "Too few rebuilders have rebuilt the artifact.",
  REPRODUCIBILITY_REFERENCE_STALE: "Enough rebuilders have rebuilt the artifact, but too long ago.",
  REPRODUCIBILITY_MISMATCH: "A rebuilder's newest check disagrees with the manifest.",
  ROLLBACK_SCOPE_STALE: "The packet is bound to an older rollback scope.",
  ROLLBACK_INADMISSIBLE:
    "A component would refuse the rollback package once the train's release ran there.",
  ROLLBACK_COMPONENT_DEVIATION:
    "The rollback package's component is not as it was declared, or nobody knows whether it is.",
  ENCLAVE_UNREPORTED: "Nobody has reported on the enclave, and too few are fit.",
  ENCLAVE_UNAVAILABLE: "The enclave is unavailable, and too few are fit.",
  ENCLAVE_UNSEALED: "The enclave is unsealed.",
  ENCLAVE_MEASUREMENT_MISMATCH: "The enclave's attested measurement is not the accepted one.",
  ENCLAVE_ATTESTATION_STALE: "The report on the enclave is too old, and too few are fit.",
  SIGNER_QUORUM_MISSING: "The seats of the shift cannot all be filled.",
  CUSTODY_GROUPS_MISSING: "The shift's signers come from too few custody groups.",
  SHIFT_COVERAGE_GAP: "Epochs of the window lie in no shift and are not declared NO_SIGNING.",
  ROLLBACK_CUSTODY_GAP: "Too few custodians hold the rollback package, sealed and verified.",
  ROLLBACK_DIGEST_MISMATCH: "A custodian found another digest than the accepted one.",
  CUSTODY_COVERAGE_GAP: "Too few holders of the package are committed to the shift.",
  DIGEST_CONFIRMATION_MISSING: "Nobody has confirmed the artifact's digest.",
  DIGEST_CONFIRMATION_STALE: "The artifact's digest was confirmed too long ago.",
  DIGEST_MISMATCH: "A confirmer's newest word disagrees with the manifest.",
  PUBLICATION_SCOPE_AMBIGUOUS:
    "The artifact names no publication target, or one that is not accepted.",
  PUBLICATION_SAFEGUARD_MISSING: "A safeguard of the target is not newly enough reported engaged.",
  ARTIFACT_NOT_QUARANTINED:
    "An artifact outside the manifest was seen and is not quarantined there.",
  MANIFEST_ARTIFACT_QUARANTINED: "A quarantine selects an artifact of the manifest.",
  TIME_MAPPING_STALE: "The mapping of epochs to human time is broken.",
  EMERGENCY_ACCESS_UNEXERCISED:
    "The owner, or a responder, has not used the emergency path, or too long ago.",
  OPERATOR_HOLD: "Somebody placed a hold.",
  APPROVAL_REJECTED: "The owner rejected the packet and no answer has been given.",
};
