import {
  ARTIFACTS_MAX,
  DENIED_MAX,
  KEYS_MAX,
  NAMED_MAX,
  PACKAGES_MAX,
  PEOPLE_MAX,
  REPORTERS_MAX,
  SHARED_REPORTS_MAX,
  SHIFTS_MAX,
  TARGETS_MAX,
  TRAINS_MAX,
} from "#packet/limits.ts";
import type { FieldKind } from "./badValues.ts";

/** What kind of value each field holds, by its name; `kind` of a list is that of its elements. */
export const FIELDS: Readonly<Record<string, FieldKind>> = {
  answer: "TEXT",
  artifact: "ARTIFACT",
  as: "NAME",
  attestationMaxAge: "DECIMAL_FROM_ONE",
  absenceMaxAge: "DECIMAL_FROM_ONE",
  authority: "NAME",
  availability: "CHOICE",
  availabilityMaxAge: "DECIMAL_FROM_ONE",
  branch: "TEXT",
  by: "CHOICE",
  commit: "COMMIT",
  component: "NAME",
  count: "NUMBER_FROM_ONE",
  custodian: "NAME",
  custodyGroup: "NAME",
  custodyMaxAge: "DECIMAL_FROM_ONE",
  declaration: "NAME",
  denied: "DIGEST",
  digest: "DIGEST",
  digestMaxAge: "DECIMAL_FROM_ONE",
  enclave: "NAME",
  endsAt: "TIME",
  exercise: "FLAG",
  expectedRevision: "NUMBER_FROM_ONE",
  fallbackTrains: "NAME",
  floor: "NUMBER",
  handoverEpochs: "DECIMAL",
  idempotencyKey: "KEY",
  kind: "CHOICE",
  location: "NAME",
  masvn: "NUMBER",
  measurement: "DIGEST",
  minCustodians: "NUMBER_FROM_ONE",
  minCustodyGroups: "NUMBER_FROM_ONE",
  minRebuilders: "NUMBER_FROM_ONE",
  name: "ARTIFACT",
  note: "TEXT",
  observed: "DIGEST",
  observedEpoch: "DECIMAL",
  owner: "NAME",
  package: "NAME",
  packet: "ID",
  person: "NAME",
  placement: "NUMBER_FROM_ONE",
  proposal: "ID",
  quarantineMaxAge: "DECIMAL_FROM_ONE",
  reason: "TEXT",
  rebuilders: "NAME",
  release: "NAME",
  reportNumber: "DECIMAL_FROM_ONE",
  reporters: "NAME",
  repository: "TEXT",
  reproducibilityMaxAge: "DECIMAL_FROM_ONE",
  requiredEnclaves: "NUMBER_FROM_ONE",
  revision: "NUMBER_FROM_ONE",
  role: "CHOICE",
  roles: "CHOICE",
  safeguard: "NAME",
  safeguardMaxAge: "DECIMAL_FROM_ONE",
  safeguards: "CHOICE",
  seal: "NAME",
  sealing: "CHOICE",
  services: "NAME",
  shift: "NAME",
  signedBy: "NAME",
  size: "NUMBER",
  startsAt: "TIME",
  status: "CHOICE",
  succeeds: "ID",
  svn: "NUMBER",
  target: "NAME",
  targets: "NAME",
  train: "NAME",
  trustedKeys: "NAME",
  version: "NUMBER_FROM_ONE",
  MANIFEST: "NUMBER_FROM_ONE",
  REPRODUCIBILITY_POLICY: "NUMBER_FROM_ONE",
  ROLLBACK_SCOPE: "NUMBER_FROM_ONE",
  TRUSTED_BRANCH: "NUMBER_FROM_ONE",
};

/** Fields that may be left out of an input, or of one verb's. */
export const OPTIONAL: ReadonlySet<string> = new Set([
  "as",
  "expectedRevision",
  "note",
  "observedEpoch",
  "packetOpen.packet",
  "succeeds",
]);

/** Fields in which null says something: a custodian who has no seal, or has not verified. */
export const NULLABLE: ReadonlySet<string> = new Set(["CUSTODY.seal", "CUSTODY.observed"]);

/** How many elements a list may have at most, and whether it may have none. */
export interface ListBounds {
  readonly max: number;
  readonly mayBeEmpty: boolean;
  /** The member in which no two elements may look alike; the element itself where it is a name. */
  readonly distinctBy?: string;
}

const upTo = (max: number, distinctBy?: string): ListBounds => ({
  max,
  mayBeEmpty: false,
  ...(distinctBy === undefined ? {} : { distinctBy }),
});
const perhaps = (max: number): ListBounds => ({ max, mayBeEmpty: true });
const NAMES = "";

/** Every list of every input, by the name of its field, or by the kind of what holds it and its name. */
export const LISTS: Readonly<Record<string, ListBounds>> = {
  "MANIFEST.targets": perhaps(TARGETS_MAX),
  "packetOpen.entries": perhaps(ARTIFACTS_MAX),
  "SHARED.entries": upTo(SHARED_REPORTS_MAX),
  accepted: upTo(8, "kind"),
  artifacts: upTo(ARTIFACTS_MAX, "name"),
  authorities: upTo(13, "kind"),
  denied: perhaps(DENIED_MAX),
  enclaves: upTo(NAMED_MAX, "enclave"),
  entries: upTo(ARTIFACTS_MAX),
  fallbackTrains: upTo(TRAINS_MAX, NAMES),
  noSigning: perhaps(SHIFTS_MAX),
  packages: upTo(PACKAGES_MAX, "package"),
  people: upTo(PEOPLE_MAX, "person"),
  rebuilders: upTo(NAMED_MAX, NAMES),
  reporters: upTo(REPORTERS_MAX, NAMES),
  roles: upTo(4, NAMES),
  safeguards: upTo(3, NAMES),
  seats: upTo(4, "role"),
  services: upTo(NAMED_MAX, NAMES),
  shifts: upTo(SHIFTS_MAX, "shift"),
  signedBy: perhaps(KEYS_MAX),
  targets: upTo(TARGETS_MAX, "target"),
  trainReleases: upTo(PACKAGES_MAX, "component"),
  trustedKeys: perhaps(KEYS_MAX),
};
