import { isAstray } from "./components.ts";
import { peopleUnexercised } from "./emergency.ts";
import { enclavesLacking, enclavesWrong, enoughAreFit } from "./enclaves.ts";
import { artifactsNotQuarantined, manifestArtifactsQuarantined } from "./quarantine.ts";
import { holdersOf, isAdmissible, isDisputed, packageText } from "./rollback.ts";
import type { Bindings } from "./shapes.ts";
import { hasEnoughGroups, isCommitted, peopleCounting, seatRoles, waysToSit } from "./seats.ts";
import { gapsOf, shiftsOfTheRest } from "./time.ts";
import { hadNothingAged, isGood, wordsOf } from "./words.ts";
import type { View } from "./words.ts";

/** Rule 3.1: the holds of the B rows escalate. */
const ESCALATING = [
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
] as const;

const HOLDING = [
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
] as const;

type HoldCode = (typeof ESCALATING)[number] | (typeof HOLDING)[number];

/** A hold by its identity (rule 4.2.2). */
export interface HoldRef {
  readonly code: HoldCode;
  readonly subject: string;
}

/** Whether two references name the same hold. */
export function isSameHold(a: HoldRef, b: HoldRef): boolean {
  return a.code === b.code && a.subject === b.subject;
}

/** Rule 3.1: whether the hold is one of the B rows. */
export function isEscalating(hold: HoldRef): boolean {
  return ESCALATING.some((code) => code === hold.code);
}

/** In order of code, then subject, each once. */
export function inOrder<T extends { code: string; subject: string }>(refs: readonly T[]): T[] {
  const distinct = new Map(refs.map((ref) => [`${ref.code} ${ref.subject}`, ref]));
  return [...distinct.values()].sort((a, b) => {
    if (a.code !== b.code) return a.code < b.code ? -1 : 1;
    if (a.subject !== b.subject) return a.subject < b.subject ? -1 : 1;
    return 0;
  });
}

/** Rule 3.2: every hold that there is reason for, given those that were open until now. */
export function holdsAt(view: View, open: readonly HoldRef[]): HoldRef[] {
  const whateverWasOpen = regardless.get(view) ?? holdsRegardless(view);
  regardless.set(view, whateverWasOpen);
  return inOrder([...whateverWasOpen, ...enclaves(view, open)]);
}

const regardless = new WeakMap<View, readonly HoldRef[]>();

function holdsRegardless(view: View): HoldRef[] {
  return inOrder([
    ...outage(view),
    ...bindings(view),
    ...reproducibility(view),
    ...rollbackAdmissibility(view),
    ...signerQuorum(view),
    ...rollbackCustody(view),
    ...digestConfirmation(view),
    ...publicationScope(view),
    ...publicationSafeguards(view),
    ...quarantine(view),
    ...timeMapping(view),
    ...emergencyAccess(view),
    ...placed(view),
  ]);
}

function refs(code: HoldCode, subjects: readonly string[]): HoldRef[] {
  return subjects.map((subject) => ({ code, subject }));
}

function when(condition: boolean, code: HoldCode, subject: string): HoldRef[] {
  return condition ? [{ code, subject }] : [];
}

// Rule 4.1.1, reading 7.
function outage({ known }: View): HoldRef[] {
  const { declaration, status, fallbackTrains } = known.sources.OUTAGE_DECLARATION.content;
  const stands = status === "DECLARED" && fallbackTrains.includes(known.train);
  return when(!stands, "OUTAGE_NOT_STANDING", declaration);
}

// Rules 4.1.2 to 4.1.4: bound to the newest.
function bindings({ known }: View): HoldRef[] {
  const codes = {
    MANIFEST: "MANIFEST_BINDING_STALE",
    TRUSTED_BRANCH: "BRANCH_BINDING_STALE",
    REPRODUCIBILITY_POLICY: "REPRODUCIBILITY_POLICY_STALE",
    ROLLBACK_SCOPE: "ROLLBACK_SCOPE_STALE",
  } as const satisfies Record<keyof Bindings, HoldCode>;
  const kinds = ["MANIFEST", "TRUSTED_BRANCH", "REPRODUCIBILITY_POLICY", "ROLLBACK_SCOPE"] as const;
  return kinds.flatMap((kind) =>
    when(known.bindings[kind] !== known.sources[kind].version, codes[kind], kind),
  );
}

// Rules 4.1.3 and 4.1.8, reading 8: agreeing words are enough, would be enough unaged, or are not enough.
function confirmed(
  view: View,
  kind: "REPRODUCIBILITY_CHECK" | "DIGEST_CONFIRMATION",
  needed: number,
  codes: { missing: HoldCode; stale: HoldCode; mismatch: HoldCode },
): HoldRef[] {
  return view.known.sources.MANIFEST.content.artifacts.flatMap((artifact) => {
    // Rule 4.3.3: a word about another digest of that name is absent.
    const words = wordsOf(view, kind).filter(
      (word) => word.artifact === artifact.name && word.digest === artifact.digest,
    );
    const fresh = words.filter((word) => isGood(view, word)).length;
    const unaged = words.filter((word) => isGood(hadNothingAged(view), word)).length;
    const disagrees = words.some((word) => word.observed !== word.digest);
    const subject = `${artifact.name} ${artifact.digest}`;
    return [
      ...when(unaged < needed, codes.missing, subject),
      ...when(fresh < needed && unaged >= needed, codes.stale, subject),
      ...when(disagrees, codes.mismatch, subject),
    ];
  });
}

function reproducibility(view: View): HoldRef[] {
  const { minRebuilders } = view.known.sources.REPRODUCIBILITY_POLICY.content;
  return confirmed(view, "REPRODUCIBILITY_CHECK", minRebuilders, {
    missing: "REPRODUCIBILITY_REFERENCE_MISSING",
    stale: "REPRODUCIBILITY_REFERENCE_STALE",
    mismatch: "REPRODUCIBILITY_MISMATCH",
  });
}

function digestConfirmation(view: View): HoldRef[] {
  return confirmed(view, "DIGEST_CONFIRMATION", 1, {
    missing: "DIGEST_CONFIRMATION_MISSING",
    stale: "DIGEST_CONFIRMATION_STALE",
    mismatch: "DIGEST_MISMATCH",
  });
}

// Rule 4.1.4, readings 6 and 28.
function rollbackAdmissibility(view: View): HoldRef[] {
  const { packages } = view.known.sources.ROLLBACK_SCOPE.content;
  const inadmissible = packages.filter((item) => !isAdmissible(view, item));
  const astray = packages.filter((item) => isAstray(view, item.component));
  return [
    ...refs("ROLLBACK_INADMISSIBLE", inadmissible.map(packageText)),
    ...refs("ROLLBACK_COMPONENT_DEVIATION", astray.map(packageText)),
  ];
}

// Rule 4.1.5, reading 9.
function enclaves(view: View, open: readonly HoldRef[]): HoldRef[] {
  const lacking = enoughAreFit(view) ? [] : enclavesLacking(view);
  return [...enclavesWrong(view, open), ...lacking];
}

// Rule 4.1.6, readings 10 and 11.
function signerQuorum(view: View): HoldRef[] {
  const shifts = shiftsOfTheRest(view).flatMap((shift) => {
    const ways = waysToSit(peopleCounting(view, shift.shift), seatRoles(view));
    const enoughGroups = ways.some((seats) => hasEnoughGroups(view, seats));
    return [
      ...when(ways.length === 0, "SIGNER_QUORUM_MISSING", shift.shift),
      ...when(ways.length > 0 && !enoughGroups, "CUSTODY_GROUPS_MISSING", shift.shift),
    ];
  });
  return [...shifts, ...refs("SHIFT_COVERAGE_GAP", gapsOf(view).map(String))];
}

// Rule 4.1.7, readings 4 and 12.
function rollbackCustody(view: View): HoldRef[] {
  const { packages, minCustodians } = view.known.sources.ROLLBACK_SCOPE.content;
  return packages.flatMap((item) => {
    const subject = packageText(item);
    const holders = holdersOf(view, item).map((holder) => holder.custodian);
    const uncovered = shiftsOfTheRest(view).filter((shift) => {
      const committed = holders.filter((person) => isCommitted(view, person, shift.shift));
      return committed.length < minCustodians;
    });
    return [
      ...when(holders.length < minCustodians, "ROLLBACK_CUSTODY_GAP", subject),
      ...when(isDisputed(view, item), "ROLLBACK_DIGEST_MISMATCH", subject),
      ...refs(
        "CUSTODY_COVERAGE_GAP",
        uncovered.map((shift) => `${subject} ${shift.shift}`),
      ),
    ];
  });
}

// Rule 4.1.9.
function publicationScope({ known }: View): HoldRef[] {
  const targets = known.sources.PUBLICATION_SCOPE.content.targets.map((item) => item.target);
  const ambiguous = known.sources.MANIFEST.content.artifacts.filter(
    (item) => item.targets.length === 0 || !item.targets.every((one) => targets.includes(one)),
  );
  return refs(
    "PUBLICATION_SCOPE_AMBIGUOUS",
    ambiguous.map((item) => `${item.name} ${item.digest}`),
  );
}

/** Reading 12: every safeguard of every target of the scope. */
export function safeguardsOfScope({ known }: View): { target: string; safeguard: string }[] {
  return known.sources.PUBLICATION_SCOPE.content.targets.flatMap(({ target, safeguards }) =>
    safeguards.map((safeguard) => ({ target, safeguard })),
  );
}

/** Whether the safeguard's counting word is an ENGAGED that has not aged. */
export function isEngaged(view: View, item: { target: string; safeguard: string }): boolean {
  return wordsOf(view, "SAFEGUARD").some(
    (word) =>
      word.target === item.target && word.safeguard === item.safeguard && isGood(view, word),
  );
}

// Rule 4.1.10.
function publicationSafeguards(view: View): HoldRef[] {
  const missing = safeguardsOfScope(view).filter((item) => !isEngaged(view, item));
  return refs(
    "PUBLICATION_SAFEGUARD_MISSING",
    missing.map((item) => `${item.target} ${item.safeguard}`),
  );
}

// Rule 4.1.11.
function quarantine(view: View): HoldRef[] {
  return [
    ...refs("ARTIFACT_NOT_QUARANTINED", artifactsNotQuarantined(view)),
    ...refs("MANIFEST_ARTIFACT_QUARANTINED", manifestArtifactsQuarantined(view)),
  ];
}

// Rules 4.1.12 and 6.5.
function timeMapping({ known }: View): HoldRef[] {
  const { SHIPMENT_WINDOW, SHIFT_CALENDAR } = known.sources;
  const stale = [SHIPMENT_WINDOW, SHIFT_CALENDAR].some(
    (source) => source.content.mapping.generation !== known.clock.generation,
  );
  return when(stale, "TIME_MAPPING_STALE", "TIME");
}

// Rule 3.2, decision record 0085.
function emergencyAccess(view: View): HoldRef[] {
  const { emergencyAccess } = view.known.sources.APPROVAL_LANE.content;
  return emergencyAccess?.holds === true
    ? refs("EMERGENCY_ACCESS_UNEXERCISED", peopleUnexercised(view))
    : [];
}

// Rule 3.5.
function placed({ known }: View): HoldRef[] {
  return [
    ...refs("OPERATOR_HOLD", known.placements.map(String)),
    ...when(known.rejected, "APPROVAL_REJECTED", "PACKET"),
  ];
}
