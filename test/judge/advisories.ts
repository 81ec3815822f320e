import { enclavesLacking, enoughAreFit } from "./enclaves.ts";
import { peopleAsked, peopleUnexercised } from "./emergency.ts";
import { inOrder, safeguardsOfScope } from "./holds.ts";
import { confirmationsOf } from "./components.ts";
import type { Entry, Sources } from "./shapes.ts";
import { shiftsOfTheRest } from "./time.ts";
import {
  isByAcceptedReporter,
  isGood,
  limitOfGoodNews,
  selectorText,
  subjectOf,
  wordsOf,
} from "./words.ts";
import type { View } from "./words.ts";

type AdvisoryCode =
  | "UNACCEPTED_REPORT"
  | "REFRESH_DUE"
  | "ENCLAVE_UNREPORTED"
  | "ENCLAVE_UNAVAILABLE"
  | "ENCLAVE_ATTESTATION_STALE"
  | "QUARANTINE_IN_FORCE"
  | "EMERGENCY_ACCESS_UNEXERCISED"
  | "POLICY_LOOSENED";

/** Worth knowing, blocks nothing. */
export interface AdvisoryRef {
  readonly code: AdvisoryCode;
  readonly subject: string;
}

/** Every advisory, in order of code, then subject. */
export function advisoriesOf(view: View): AdvisoryRef[] {
  return inOrder([
    ...unacceptedReports(view),
    ...refreshesDue(view),
    ...confirmationsToRefresh(view),
    ...(enoughAreFit(view) ? enclavesLacking(view) : []),
    ...quarantinesInForce(view),
    ...emergencyUnexercised(view),
    ...loosened(view.known.decidedSources, view.known.sources),
  ]);
}

// Reading 14: what an entry must be about to be worth an advisory.
function isAboutThePacket(view: View, entry: Entry): boolean {
  const { sources } = view.known;
  const isOnRoster = (person: string) =>
    sources.ROSTER.content.people.some((item) => item.person === person);
  switch (entry.kind) {
    case "DIGEST_CONFIRMATION":
    case "REPRODUCIBILITY_CHECK":
      return sources.MANIFEST.content.artifacts.some((item) => item.name === entry.artifact);
    case "ENCLAVE_REPORT":
      return sources.REQUIRED_ENCLAVES.content.enclaves.some(
        (item) => item.enclave === entry.enclave,
      );
    case "AVAILABILITY":
      return (
        isOnRoster(entry.person) &&
        shiftsOfTheRest(view).some((shift) => shift.shift === entry.shift)
      );
    case "CUSTODY":
      return (
        isOnRoster(entry.custodian) &&
        sources.ROLLBACK_SCOPE.content.packages.some((item) => item.package === entry.package)
      );
    case "SAFEGUARD":
      return safeguardsOfScope(view).some(
        (item) => item.target === entry.target && item.safeguard === entry.safeguard,
      );
    case "OBSERVATION":
    case "QUARANTINE":
      return true;
    case "EMERGENCY_EXERCISE":
      return entry.person === entry.reporter && peopleAsked(view).includes(entry.person);
    case "CREDENTIAL_REVOCATION":
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
    case "RELEASE_INITIALISATION":
    case "KEY_ROTATION":
    case "EMERGENCY_PLAN":
      return false;
  }
}

// Rule 2.2.
function unacceptedReports(view: View): AdvisoryRef[] {
  return view.newest
    .filter((entry) => !isByAcceptedReporter(view.known.sources, entry))
    .filter((entry) => isAboutThePacket(view, entry))
    .map((entry) => ({
      code: "UNACCEPTED_REPORT",
      subject: `${subjectOf(entry)} ${entry.reporter}`,
    }));
}

// Rule 4.2.5: 80 % of the age is used.
function refreshesDue(view: View): AdvisoryRef[] {
  return view.words
    .filter((word) => isGood(view, word) && isAboutThePacket(view, word))
    .filter((word) => {
      const limit = limitOfGoodNews(view.known.sources, word);
      return limit !== null && 5n * (view.epoch - word.observedEpoch) >= 4n * limit;
    })
    .map((word) => {
      const each =
        word.kind === "DIGEST_CONFIRMATION" ||
        word.kind === "REPRODUCIBILITY_CHECK" ||
        word.kind === "EMERGENCY_EXERCISE";
      const subject = each ? `${subjectOf(word)} ${word.reporter}` : subjectOf(word);
      return { code: "REFRESH_DUE", subject };
    });
}

// Rule 4.2.5, reading 28: the same of components, of which every reporter's word counts by itself.
function confirmationsToRefresh(view: View): AdvisoryRef[] {
  const { sources } = view.known;
  const limit = sources.FRESHNESS_POLICY.content.attestationMaxAge;
  const concerned = new Set(sources.ROLLBACK_SCOPE.content.packages.map((item) => item.component));
  return [...concerned]
    .flatMap((component) => confirmationsOf(view, component))
    .map((word) => ({ word, age: view.epoch - word.observedEpoch }))
    .filter(({ age }) => 5n * age >= 4n * limit && age <= limit)
    .map(({ word }) => ({ code: "REFRESH_DUE", subject: `${subjectOf(word)} ${word.reporter}` }));
}

// Rule 4.2.4.
function quarantinesInForce(view: View): AdvisoryRef[] {
  return wordsOf(view, "QUARANTINE")
    .filter((word) => isGood(view, word))
    .map((word) => ({ code: "QUARANTINE_IN_FORCE", subject: selectorText(word.selector) }));
}

// Decision record 0085.
function emergencyUnexercised(view: View): AdvisoryRef[] {
  if (view.known.sources.APPROVAL_LANE.content.emergencyAccess?.holds !== false) return [];
  return peopleUnexercised(view).map((subject) => ({
    code: "EMERGENCY_ACCESS_UNEXERCISED",
    subject,
  }));
}

// Rule 4.2.6, reading 15.
function loosened(before: Sources, now: Sources): AdvisoryRef[] {
  const fields: [string, boolean][] = [
    ...before.QUORUM_POLICY.content.seats.map((seats): [string, boolean] => [
      `QUORUM_POLICY seats.${seats.role}`,
      seatCount(now, seats.role) < seats.count,
    ]),
    [
      "QUORUM_POLICY minCustodyGroups",
      now.QUORUM_POLICY.content.minCustodyGroups < before.QUORUM_POLICY.content.minCustodyGroups,
    ],
    [
      "QUORUM_POLICY handoverEpochs",
      now.QUORUM_POLICY.content.handoverEpochs > before.QUORUM_POLICY.content.handoverEpochs,
    ],
    [
      "REPRODUCIBILITY_POLICY minRebuilders",
      now.REPRODUCIBILITY_POLICY.content.minRebuilders <
        before.REPRODUCIBILITY_POLICY.content.minRebuilders,
    ],
    [
      "REQUIRED_ENCLAVES requiredEnclaves",
      now.REQUIRED_ENCLAVES.content.requiredEnclaves <
        before.REQUIRED_ENCLAVES.content.requiredEnclaves,
    ],
    [
      "ROLLBACK_SCOPE minCustodians",
      now.ROLLBACK_SCOPE.content.minCustodians < before.ROLLBACK_SCOPE.content.minCustodians,
    ],
    ...before.ACCEPTED_REPORTERS.content.accepted
      .filter((item) => item.signed === true)
      .map((item): [string, boolean] => [
        `ACCEPTED_REPORTERS signed.${item.kind}`,
        !asksForSignature(now, item.kind),
      ]),
    ...exerciseLoosened(before, now),
    ...LIMITS.map((limit): [string, boolean] => [
      `FRESHNESS_POLICY ${limit}`,
      now.FRESHNESS_POLICY.content[limit] > before.FRESHNESS_POLICY.content[limit],
    ]),
  ];
  return fields
    .filter(([, isLooser]) => isLooser)
    .map(([subject]) => ({ code: "POLICY_LOOSENED", subject }));
}

// Decision record 0085.
function exerciseLoosened(before: Sources, now: Sources): [string, boolean][] {
  const was = before.APPROVAL_LANE.content.emergencyAccess;
  const is = now.APPROVAL_LANE.content.emergencyAccess;
  if (was === undefined) return [];
  return [
    ["APPROVAL_LANE emergencyAccess.shown", is === undefined],
    ["APPROVAL_LANE emergencyAccess.holds", was.holds && is?.holds !== true],
    [
      "APPROVAL_LANE emergencyAccess.maxAgeEpochs",
      is !== undefined && is.maxAgeEpochs > was.maxAgeEpochs,
    ],
  ];
}

const LIMITS = [
  "digestMaxAge",
  "reproducibilityMaxAge",
  "attestationMaxAge",
  "availabilityMaxAge",
  "custodyMaxAge",
  "safeguardMaxAge",
  "quarantineMaxAge",
  "absenceMaxAge",
] as const;

function asksForSignature(sources: Sources, kind: string): boolean {
  return sources.ACCEPTED_REPORTERS.content.accepted.some(
    (item) => item.kind === kind && item.signed === true,
  );
}

function seatCount(sources: Sources, role: string): number {
  return sources.QUORUM_POLICY.content.seats.find((seats) => seats.role === role)?.count ?? 0;
}
