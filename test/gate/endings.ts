import type { EntryKind } from "#packet/entry.ts";
import type { Fact, FactKind } from "#packet/fact.ts";
import type { HoldCode } from "#packet/hold.ts";
import type { SourceKind } from "#packet/source.ts";

/** What may end a hold: the kinds of entries and sources that speak of its prerequisite, and no other fact. */
interface Ending {
  readonly entries?: readonly EntryKind[];
  readonly sources?: readonly SourceKind[];
  readonly facts?: readonly FactKind[];
}

/** Who counts as a reporter, and how long good news lasts. */
const COUNTING: readonly SourceKind[] = ["APPROVAL_LANE", "ACCEPTED_REPORTERS"];
const AGEING: readonly SourceKind[] = [...COUNTING, "FRESHNESS_POLICY"];
const WHEN: readonly SourceKind[] = ["SHIFT_CALENDAR", "SHIPMENT_WINDOW"];

const bound: Ending = { facts: ["PACKET_BOUND"] };
const rebuilt: Ending = {
  entries: ["REPRODUCIBILITY_CHECK"],
  sources: ["REPRODUCIBILITY_POLICY", ...AGEING],
};
const enclave: Ending = { entries: ["ENCLAVE_REPORT"], sources: ["REQUIRED_ENCLAVES", ...AGEING] };
const seats: Ending = {
  entries: ["AVAILABILITY", "CREDENTIAL_REVOCATION"],
  sources: ["ROSTER", "QUORUM_POLICY", ...WHEN, ...AGEING],
};
const confirmed: Ending = { entries: ["DIGEST_CONFIRMATION"], sources: AGEING };
const held: readonly SourceKind[] = ["ROLLBACK_SCOPE", "ROSTER", ...AGEING];

/** Rule 3.5: what clears a hold. */
const CLEARED_BY: Readonly<Record<HoldCode, Ending>> = {
  OUTAGE_NOT_STANDING: { sources: ["OUTAGE_DECLARATION"] },
  MANIFEST_BINDING_STALE: bound,
  BRANCH_BINDING_STALE: bound,
  REPRODUCIBILITY_POLICY_STALE: bound,
  REPRODUCIBILITY_REFERENCE_MISSING: rebuilt,
  REPRODUCIBILITY_REFERENCE_STALE: rebuilt,
  REPRODUCIBILITY_MISMATCH: {
    entries: ["REPRODUCIBILITY_CHECK"],
    sources: ["REPRODUCIBILITY_POLICY", ...COUNTING],
  },
  ROLLBACK_SCOPE_STALE: bound,
  ROLLBACK_INADMISSIBLE: {
    entries: ["COMPONENT_STATE", "COMPONENT_DECLARATION", "RELEASE_INITIALISATION", "KEY_ROTATION"],
    sources: ["ROLLBACK_SCOPE"],
  },
  ROLLBACK_COMPONENT_DEVIATION: {
    entries: ["COMPONENT_STATE", "COMPONENT_DECLARATION", "RELEASE_INITIALISATION", "KEY_ROTATION"],
    sources: ["ROLLBACK_SCOPE", "FRESHNESS_POLICY"],
  },
  ENCLAVE_UNREPORTED: enclave,
  ENCLAVE_UNAVAILABLE: enclave,
  ENCLAVE_UNSEALED: enclave,
  ENCLAVE_MEASUREMENT_MISMATCH: enclave,
  ENCLAVE_ATTESTATION_STALE: enclave,
  SIGNER_QUORUM_MISSING: seats,
  CUSTODY_GROUPS_MISSING: seats,
  SHIFT_COVERAGE_GAP: { sources: WHEN },
  ROLLBACK_CUSTODY_GAP: { entries: ["CUSTODY"], sources: held },
  ROLLBACK_DIGEST_MISMATCH: { entries: ["CUSTODY"], sources: COUNTING },
  CUSTODY_COVERAGE_GAP: { entries: ["CUSTODY", "AVAILABILITY"], sources: held },
  DIGEST_CONFIRMATION_MISSING: confirmed,
  DIGEST_CONFIRMATION_STALE: confirmed,
  DIGEST_MISMATCH: { entries: ["DIGEST_CONFIRMATION"], sources: COUNTING },
  PUBLICATION_SCOPE_AMBIGUOUS: { sources: ["MANIFEST", "PUBLICATION_SCOPE"] },
  PUBLICATION_SAFEGUARD_MISSING: { entries: ["SAFEGUARD"], sources: AGEING },
  ARTIFACT_NOT_QUARANTINED: { entries: ["OBSERVATION", "QUARANTINE"], sources: AGEING },
  MANIFEST_ARTIFACT_QUARANTINED: { entries: ["OBSERVATION", "QUARANTINE"], sources: AGEING },
  TIME_MAPPING_STALE: { sources: WHEN },
  EMERGENCY_ACCESS_UNEXERCISED: {
    entries: ["EMERGENCY_EXERCISE"],
    sources: ["APPROVAL_LANE"],
  },
  OPERATOR_HOLD: { facts: ["OPERATOR_HOLD_RELEASED"] },
  APPROVAL_REJECTED: { facts: ["PACKET_RESUBMITTED"] },
};

const manifest: Ending = { sources: ["MANIFEST"] };
const rollback: Ending = { sources: ["ROLLBACK_SCOPE"] };
const enclaves: Ending = { sources: ["REQUIRED_ENCLAVES"] };
const shifts: Ending = { sources: WHEN, facts: ["EPOCH_REACHED"] };

/** Rule 4.2.3: what takes a hold's subject out of the scope; the codes left out never leave it. */
const RETIRED_BY: Partial<Readonly<Record<HoldCode, Ending>>> = {
  OUTAGE_NOT_STANDING: { sources: ["OUTAGE_DECLARATION"] },
  REPRODUCIBILITY_REFERENCE_MISSING: manifest,
  REPRODUCIBILITY_REFERENCE_STALE: manifest,
  REPRODUCIBILITY_MISMATCH: manifest,
  ROLLBACK_INADMISSIBLE: rollback,
  ROLLBACK_COMPONENT_DEVIATION: rollback,
  ENCLAVE_UNREPORTED: enclaves,
  ENCLAVE_UNAVAILABLE: enclaves,
  ENCLAVE_UNSEALED: enclaves,
  ENCLAVE_MEASUREMENT_MISMATCH: enclaves,
  ENCLAVE_ATTESTATION_STALE: enclaves,
  SIGNER_QUORUM_MISSING: shifts,
  CUSTODY_GROUPS_MISSING: shifts,
  SHIFT_COVERAGE_GAP: shifts,
  ROLLBACK_CUSTODY_GAP: rollback,
  ROLLBACK_DIGEST_MISMATCH: rollback,
  CUSTODY_COVERAGE_GAP: { sources: ["ROLLBACK_SCOPE", ...WHEN], facts: ["EPOCH_REACHED"] },
  DIGEST_CONFIRMATION_MISSING: manifest,
  DIGEST_CONFIRMATION_STALE: manifest,
  DIGEST_MISMATCH: manifest,
  PUBLICATION_SCOPE_AMBIGUOUS: manifest,
  PUBLICATION_SAFEGUARD_MISSING: { sources: ["PUBLICATION_SCOPE"] },
  ARTIFACT_NOT_QUARANTINED: manifest,
  MANIFEST_ARTIFACT_QUARANTINED: manifest,
  EMERGENCY_ACCESS_UNEXERCISED: { entries: ["EMERGENCY_PLAN"], sources: ["APPROVAL_LANE"] },
};

/** The codes whose subjects can leave the scope (reading 16). */
export function leavesScope(code: HoldCode): boolean {
  return RETIRED_BY[code] !== undefined;
}

/** Whether such a fact can clear a hold of this code. */
export function mayClear(fact: Fact, code: HoldCode): boolean {
  return speaksOf(fact, CLEARED_BY[code]);
}

/** Whether such a fact can take the subject of a hold of this code out of the scope. */
export function mayRetire(fact: Fact, code: HoldCode): boolean {
  return speaksOf(fact, RETIRED_BY[code] ?? {});
}

function speaksOf(fact: Fact, { entries = [], sources = [], facts = [] }: Ending): boolean {
  if (facts.includes(fact.kind)) return true;
  if (fact.kind === "SOURCE_ACCEPTED" && sources.includes(fact.source.kind)) return true;
  const recorded = "entries" in fact ? fact.entries : [];
  return recorded.some((entry) => entries.includes(entry.kind));
}
