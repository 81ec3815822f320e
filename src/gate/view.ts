import type { Advisory, Hold, HoldCode, Prerequisite, Remedy } from "#packet/hold.ts";
import { compareNames } from "#packet/name.ts";
import type { SourceKind } from "#packet/source.ts";
import { looseningAdvisories } from "./loosened.ts";
import { UPSTREAM_CODES } from "./register.ts";
import type { PacketState } from "./state.ts";

/** Rule 3.1 to a reader: a prerequisite is MET, HELD, or for the B rows ESCALATED. */
export type PrerequisiteStatus = "MET" | "HELD" | "ESCALATED";

/** The holds that are open, in order of code, then subject. */
export function openHolds(state: PacketState): Hold[] {
  if (state.openHolds === 0) return [];
  return state.register.valuesArray().filter((hold) => hold.status === "OPEN");
}

/**
 * Every advisory, each once, in order of code, then subject. Given a view of a
 * later epoch (`reachEpoch`), those of that epoch.
 */
export function advisories(state: PacketState): Advisory[] {
  if (state.closing !== null) return [];
  const found = new Map<string, Advisory>();
  const keep = (advisory: Advisory): void => {
    found.set(`${advisory.code} ${advisory.subject}`, advisory);
  };
  for (const verdict of state.cells.valuesArray()) verdict.advisories.forEach(keep);
  looseningAdvisories(state).forEach(keep);
  return [...found]
    .toSorted(([left], [right]) => compareNames(left, right))
    .map(([, advisory]) => advisory);
}

/** How one prerequisite stands. */
export function prerequisiteStatus(
  state: PacketState,
  prerequisite: Prerequisite,
): PrerequisiteStatus {
  const open = openHolds(state).filter((hold) => hold.prerequisite === prerequisite);
  if (open.length === 0) return "MET";
  return open.some((hold) => UPSTREAM_CODES.has(hold.code)) ? "ESCALATED" : "HELD";
}

/** What clears a hold, and who can. */
export interface Clearing {
  readonly clearedBy: string;
  readonly remedy: Remedy;
}

const upstream = (clearedBy: string): Clearing => ({ clearedBy, remedy: "UPSTREAM_AUTHORITY" });
const bind: Clearing = {
  clearedBy: "binding the packet to the newest accepted version",
  remedy: "PREPARER",
};
const report = (clearedBy: string): Clearing => ({ clearedBy, remedy: "ACCEPTED_REPORTER" });

/** Rule 3.5: only this clears a hold; nothing waives it. */
export const CLEARING: Readonly<Record<HoldCode, Clearing>> = {
  OUTAGE_NOT_STANDING: upstream("a newer outage declaration that stands and covers this train"),
  MANIFEST_BINDING_STALE: bind,
  BRANCH_BINDING_STALE: bind,
  REPRODUCIBILITY_POLICY_STALE: bind,
  REPRODUCIBILITY_REFERENCE_MISSING: report("agreeing checks by enough accepted rebuilders"),
  REPRODUCIBILITY_REFERENCE_STALE: report("newer agreeing checks by enough accepted rebuilders"),
  REPRODUCIBILITY_MISMATCH: report("an agreeing newer check by the rebuilder who disagrees"),
  ROLLBACK_SCOPE_STALE: bind,
  ROLLBACK_INADMISSIBLE: upstream(
    "a newer rollback scope whose packages every component still admits",
  ),
  ROLLBACK_COMPONENT_DEVIATION: {
    clearedBy: "the repair of each of the component's deviations, reported, or a newer declaration",
    remedy: "RELEASE_SECURITY",
  },
  ENCLAVE_UNREPORTED: report("a report on the enclave"),
  ENCLAVE_UNAVAILABLE: report("a report that the enclave is available"),
  ENCLAVE_UNSEALED: report(
    "a report that the enclave is available, sealed and of the accepted measurement",
  ),
  ENCLAVE_MEASUREMENT_MISMATCH: report(
    "a report that the enclave is available, sealed and of the accepted measurement",
  ),
  ENCLAVE_ATTESTATION_STALE: report("a newer report on the enclave"),
  SIGNER_QUORUM_MISSING: {
    clearedBy: "commitments of people who can fill every seat at once",
    remedy: "SIGNERS",
  },
  CUSTODY_GROUPS_MISSING: {
    clearedBy: "commitments of signers of further custody groups",
    remedy: "SIGNERS",
  },
  SHIFT_COVERAGE_GAP: upstream(
    "a newer shift calendar that covers these epochs or declares them NO_SIGNING",
  ),
  ROLLBACK_CUSTODY_GAP: {
    clearedBy: "custodians who report the package held, sealed and verified",
    remedy: "CUSTODIANS",
  },
  ROLLBACK_DIGEST_MISMATCH: {
    clearedBy: "a newer word of the custodian who found another digest",
    remedy: "CUSTODIANS",
  },
  CUSTODY_COVERAGE_GAP: {
    clearedBy: "commitments of enough holders of the package to the shift",
    remedy: "CUSTODIANS",
  },
  DIGEST_CONFIRMATION_MISSING: report("a confirmation of the artifact's digest"),
  DIGEST_CONFIRMATION_STALE: report("a newer confirmation of the artifact's digest"),
  DIGEST_MISMATCH: report("an agreeing newer word of the confirmer who disagrees"),
  PUBLICATION_SCOPE_AMBIGUOUS: upstream(
    "a newer manifest or publication scope in which the targets agree",
  ),
  PUBLICATION_SAFEGUARD_MISSING: report("a report that the safeguard is engaged"),
  ARTIFACT_NOT_QUARANTINED: report(
    "a quarantine in force that selects the artifact wherever it is",
  ),
  MANIFEST_ARTIFACT_QUARANTINED: report("lifting the quarantine that selects the artifact"),
  TIME_MAPPING_STALE: upstream("accepting the shipment window and the shift calendar again"),
  EMERGENCY_ACCESS_UNEXERCISED: {
    clearedBy:
      "that person using the emergency path: a sign-in with an offline key, or a signature on an exercise packet",
    remedy: "RESPONDERS",
  },
  OPERATOR_HOLD: {
    clearedBy: "release security releasing it with a reason",
    remedy: "RELEASE_SECURITY",
  },
  APPROVAL_REJECTED: { clearedBy: "a preparer resubmitting with an answer", remedy: "PREPARER" },
};

/** Rule 3.8: the bounded mismatch behind an escalating hold. */
export interface Escalation {
  readonly hold: Hold;
  readonly source: SourceKind;
  /** The version bound, or null where the packet binds none of this kind. */
  readonly bound: number | null;
  readonly accepted: number;
  /** The upstream authority that must settle it. */
  readonly authority: string;
}

function escalatingSource(code: HoldCode): SourceKind | null {
  if (code === "OUTAGE_NOT_STANDING") return "OUTAGE_DECLARATION";
  if (code === "MANIFEST_BINDING_STALE") return "MANIFEST";
  if (code === "BRANCH_BINDING_STALE") return "TRUSTED_BRANCH";
  if (code.startsWith("REPRODUCIBILITY_")) return "REPRODUCIBILITY_POLICY";
  return code.startsWith("ROLLBACK_") ? "ROLLBACK_SCOPE" : null;
}

/** Every open escalation with the source, the versions and the authority that it names. */
export function escalations(state: PacketState): Escalation[] {
  const { sources, bindings } = state.facts;
  const { authorities } = sources.APPROVAL_LANE.content;
  return openHolds(state).flatMap((hold) => {
    const source = UPSTREAM_CODES.has(hold.code) ? escalatingSource(hold.code) : null;
    if (source === null) return [];
    const authority = authorities.find((item) => item.kind === source)?.authority ?? "";
    const bound = new Map<string, number>(Object.entries(bindings)).get(source) ?? null;
    return [{ hold, source, bound, accepted: sources[source].version, authority }];
  });
}
