import type { Entry, EntryKind } from "#packet/entry.ts";
import type { Epoch, Epochs } from "#packet/epoch.ts";
import type { Prerequisite } from "#packet/hold.ts";
import { isConfirmation } from "./deviations.ts";
import { isAccepted } from "./evidence.ts";
import type { Facts } from "./state.ts";

/** The kinds of entry that each prerequisite rests on. */
export const EVIDENCE_OF: Readonly<Record<Prerequisite, readonly EntryKind[]>> = {
  OUTAGE: [],
  MANIFEST_BINDING: [],
  REPRODUCIBILITY: ["REPRODUCIBILITY_CHECK"],
  ROLLBACK_SCOPE: [
    "COMPONENT_STATE",
    "COMPONENT_DECLARATION",
    "RELEASE_INITIALISATION",
    "KEY_ROTATION",
  ],
  ENCLAVES: ["ENCLAVE_REPORT"],
  SIGNER_QUORUM: ["AVAILABILITY", "CREDENTIAL_REVOCATION"],
  ROLLBACK_CUSTODY: ["CUSTODY"],
  DIGEST_CONFIRMATION: ["DIGEST_CONFIRMATION"],
  PUBLICATION_SCOPE: [],
  PUBLICATION_SAFEGUARDS: ["SAFEGUARD"],
  QUARANTINE: ["OBSERVATION", "QUARANTINE"],
  TIME: [],
  EMERGENCY_ACCESS: ["EMERGENCY_PLAN", "EMERGENCY_EXERCISE"],
  PLACED: [],
};

/** How old an entry is, and how long it counts. */
export interface Freshness {
  /** Epochs since it was observed. */
  readonly age: Epoch;
  /** How old it may grow; null for what never goes away by ageing (rule 4.3.4). */
  readonly ageMax: Epochs | null;
  /** The last epoch at which it counts; null for what never goes away by ageing. */
  readonly countsThrough: Epoch | null;
  /** True where its reporter is accepted for it now (rule 2.2). */
  readonly isAccepted: boolean;
}

/** Rule 4.3.4: good news has a greatest age, bad news has none. */
export function freshnessOf(facts: Facts, entry: Entry, epoch: Epoch): Freshness {
  const ageMax = ageMaxOf(facts, entry);
  return {
    age: epoch - entry.observedEpoch,
    ageMax,
    countsThrough: ageMax === null ? null : entry.observedEpoch + ageMax,
    isAccepted: isAccepted(facts, entry),
  };
}

function ageMaxOf(facts: Facts, entry: Entry): Epochs | null {
  const policy = facts.sources.FRESHNESS_POLICY.content;
  switch (entry.kind) {
    case "DIGEST_CONFIRMATION":
      return entry.observed === entry.digest ? policy.digestMaxAge : null;
    case "REPRODUCIBILITY_CHECK":
      return entry.observed === entry.digest ? policy.reproducibilityMaxAge : null;
    case "ENCLAVE_REPORT":
      return entry.availability === "AVAILABLE" && entry.sealing === "SEALED"
        ? policy.attestationMaxAge
        : null;
    case "AVAILABILITY":
      return entry.status === "COMMITTED" ? policy.availabilityMaxAge : null;
    case "CUSTODY":
      return entry.status === "HELD" ? policy.custodyMaxAge : null;
    case "SAFEGUARD":
      return entry.status === "ENGAGED" ? policy.safeguardMaxAge : null;
    case "OBSERVATION":
      return entry.status === "GONE" ? policy.absenceMaxAge : null;
    case "QUARANTINE":
      return entry.status === "IN_FORCE" ? policy.quarantineMaxAge : null;
    case "COMPONENT_STATE":
      return isConfirmation(facts, entry) ? policy.attestationMaxAge : null;
    case "EMERGENCY_EXERCISE":
      return facts.sources.APPROVAL_LANE.content.emergencyAccess?.maxAgeEpochs ?? null;
    case "CREDENTIAL_REVOCATION":
    case "COMPONENT_DECLARATION":
    case "RELEASE_INITIALISATION":
    case "KEY_ROTATION":
    case "EMERGENCY_PLAN":
      return null;
  }
}
