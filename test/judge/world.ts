import { createHash } from "node:crypto";
import type {
  AcceptedSource,
  Bindings,
  ContentOf,
  Entry,
  EntryOf,
  Fact,
  Occurrence,
  PacketOpened,
  Person,
  SourceContent,
  SourceKind,
  Sources,
  Span,
} from "./shapes.ts";

/** Release security, who says what no helper says otherwise. */
export const RUTH: Person = { actor: "ruth", kind: "PERSON" };
/** The approval owner. */
export const OLGA: Person = { actor: "olga", kind: "PERSON" };

/** The digest of a word, standing for the file of that name. */
export function digestOf(word: string): string {
  return `sha256:${createHash("sha256").update(word).digest("hex")}`;
}

/** A UUIDv7 that is told apart by its number. */
function idOf(number: number): string {
  return `019a0000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
}

const AT = "2026-11-21T18:00:00Z";
const mapping = { anchorEpoch: 0n, anchorAt: AT, epochMs: 60_000, generation: 0 };

function span(first: bigint, last: bigint): Span {
  const at = (epoch: bigint) => new Date(Date.parse(AT) + Number(epoch) * 60_000).toISOString();
  return { startsAt: at(first), endsAt: at(last + 1n), first, last };
}

/** A calendar of named shifts, epochs included at both ends. */
export function calendar(
  shifts: Readonly<Record<string, readonly [bigint, bigint]>>,
  noSigning: readonly (readonly [bigint, bigint])[] = [],
): ContentOf<"SHIFT_CALENDAR"> {
  return {
    kind: "SHIFT_CALENDAR",
    shifts: Object.entries(shifts).map(([shift, [first, last]]) => ({
      shift,
      ...span(first, last),
    })),
    noSigning: noSigning.map(([first, last]) => span(first, last)),
    mapping,
  };
}

/** A shipment window. */
export function shipmentWindow(first: bigint, last: bigint): ContentOf<"SHIPMENT_WINDOW"> {
  return { kind: "SHIPMENT_WINDOW", ...span(first, last), mapping };
}

const bootNew = {
  release: "boot-6",
  digest: digestOf("boot-6"),
  svn: 6,
  masvn: 5,
  denied: [],
  trustedKeys: [],
  signedBy: ["key-1"],
};
const bootOld = { ...bootNew, release: "boot-5", digest: digestOf("boot-5"), svn: 5, masvn: 4 };

const authorityKinds = [
  "OUTAGE_DECLARATION",
  "TRUSTED_BRANCH",
  "MANIFEST",
  "REPRODUCIBILITY_POLICY",
  "ROLLBACK_SCOPE",
  "REQUIRED_ENCLAVES",
  "ROSTER",
  "SHIFT_CALENDAR",
  "QUORUM_POLICY",
  "FRESHNESS_POLICY",
  "PUBLICATION_SCOPE",
  "ACCEPTED_REPORTERS",
  "SHIPMENT_WINDOW",
] as const;

const reportedKinds = [
  "DIGEST_CONFIRMATION",
  "AVAILABILITY",
  "CUSTODY",
  "SAFEGUARD",
  "OBSERVATION",
  "QUARANTINE",
  "ENCLAVE_REPORT",
] as const;

/** What the small world's sources say. Nothing in it ages within its window of epochs 1 to 14. */
const CONTENTS: { readonly [K in SourceKind]: ContentOf<K> } = {
  APPROVAL_LANE: {
    kind: "APPROVAL_LANE",
    owner: "olga",
    authorities: authorityKinds.map((kind) => ({ kind, authority: "upstream" })),
  },
  OUTAGE_DECLARATION: {
    kind: "OUTAGE_DECLARATION",
    declaration: "outage-1",
    status: "DECLARED",
    services: ["online-signing"],
    fallbackTrains: ["train-1"],
  },
  TRUSTED_BRANCH: {
    kind: "TRUSTED_BRANCH",
    repository: "firmware",
    branch: "release-6",
    commit: "c".repeat(40),
  },
  MANIFEST: {
    kind: "MANIFEST",
    artifacts: [
      { name: "app", digest: digestOf("app"), size: 10, targets: ["registry"] },
      { name: "boot", digest: digestOf("boot"), size: 20, targets: ["registry"] },
    ],
  },
  REPRODUCIBILITY_POLICY: {
    kind: "REPRODUCIBILITY_POLICY",
    rebuilders: ["forge-a", "forge-b", "forge-c"],
    minRebuilders: 2,
  },
  ROLLBACK_SCOPE: {
    kind: "ROLLBACK_SCOPE",
    packages: [{ package: "boot-back", component: "bootloader", release: bootOld }],
    trainReleases: [{ component: "bootloader", release: bootNew }],
    minCustodians: 1,
  },
  REQUIRED_ENCLAVES: {
    kind: "REQUIRED_ENCLAVES",
    enclaves: [
      { enclave: "vault-1", measurement: digestOf("measured") },
      { enclave: "vault-2", measurement: digestOf("measured") },
    ],
    requiredEnclaves: 1,
  },
  ROSTER: {
    kind: "ROSTER",
    people: [
      { person: "ana", roles: ["SIGNER"], custodyGroup: "north" },
      { person: "ben", roles: ["SIGNER"], custodyGroup: "south" },
      { person: "cara", roles: ["SIGNER", "CUSTODIAN"], custodyGroup: "north" },
      { person: "dan", roles: ["CUSTODIAN"], custodyGroup: "south" },
    ],
  },
  SHIFT_CALENDAR: calendar({ early: [1n, 7n], late: [8n, 14n] }),
  QUORUM_POLICY: {
    kind: "QUORUM_POLICY",
    seats: [
      { role: "SIGNER", count: 2 },
      { role: "CUSTODIAN", count: 1 },
    ],
    minCustodyGroups: 2,
    handoverEpochs: 0n,
  },
  FRESHNESS_POLICY: {
    kind: "FRESHNESS_POLICY",
    digestMaxAge: 100n,
    reproducibilityMaxAge: 100n,
    attestationMaxAge: 100n,
    availabilityMaxAge: 100n,
    custodyMaxAge: 100n,
    safeguardMaxAge: 100n,
    quarantineMaxAge: 100n,
    absenceMaxAge: 100n,
  },
  PUBLICATION_SCOPE: {
    kind: "PUBLICATION_SCOPE",
    targets: [{ target: "registry", safeguards: ["REGISTRY_RELEASE"] }],
  },
  ACCEPTED_REPORTERS: {
    kind: "ACCEPTED_REPORTERS",
    accepted: [
      ...reportedKinds.map((kind) => ({ kind, reporters: ["desk", "desk-2"] })),
      { kind: "REPRODUCIBILITY_CHECK", reporters: ["forge-a", "forge-b", "forge-c", "forge-x"] },
    ],
  },
  SHIPMENT_WINDOW: shipmentWindow(1n, 14n),
};

/** An accepted version of a source; its digest stands for its content. */
function acceptedSource<K extends SourceKind>(
  kind: K,
  content: ContentOf<K>,
  version: number,
  epoch: bigint,
): AcceptedSource<K> {
  const text = JSON.stringify(content, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  const isLane = kind === "APPROVAL_LANE";
  return {
    kind,
    version,
    digest: digestOf(text),
    acceptedBy: isLane ? "ruth" : "upstream",
    proposedBy: isLane ? "rolf" : null,
    acceptedEpoch: epoch,
    content,
  };
}

function firstVersion<K extends SourceKind>(kind: K): AcceptedSource<K> {
  return acceptedSource(kind, contentOf(kind), 1, 0n);
}

function firstVersions(): Sources {
  return {
    APPROVAL_LANE: firstVersion("APPROVAL_LANE"),
    OUTAGE_DECLARATION: firstVersion("OUTAGE_DECLARATION"),
    TRUSTED_BRANCH: firstVersion("TRUSTED_BRANCH"),
    MANIFEST: firstVersion("MANIFEST"),
    REPRODUCIBILITY_POLICY: firstVersion("REPRODUCIBILITY_POLICY"),
    ROLLBACK_SCOPE: firstVersion("ROLLBACK_SCOPE"),
    REQUIRED_ENCLAVES: firstVersion("REQUIRED_ENCLAVES"),
    ROSTER: firstVersion("ROSTER"),
    SHIFT_CALENDAR: firstVersion("SHIFT_CALENDAR"),
    QUORUM_POLICY: firstVersion("QUORUM_POLICY"),
    FRESHNESS_POLICY: firstVersion("FRESHNESS_POLICY"),
    PUBLICATION_SCOPE: firstVersion("PUBLICATION_SCOPE"),
    ACCEPTED_REPORTERS: firstVersion("ACCEPTED_REPORTERS"),
    SHIPMENT_WINDOW: firstVersion("SHIPMENT_WINDOW"),
  };
}

/** What the small world's source of the kind says, to say something else from. */
export function contentOf<K extends SourceKind>(kind: K): ContentOf<K> {
  return CONTENTS[kind];
}

let entries = 0;

/** What the server adds; by the accepted `desk`, observed and recorded at the epoch. */
function receipt(reporter: string, epoch: bigint) {
  entries += 1;
  return {
    entry: idOf(entries),
    reporter,
    reporterKind: "PERSON" as const,
    observedEpoch: epoch,
    recordedEpoch: epoch,
    reportNumber: null,
  };
}

/** Changes to an entry of a kind; the rest is good news about the small world. */
type Changes<K extends Entry["kind"]> = Partial<Omit<EntryOf<K>, "kind">>;

/** An agreeing confirmation, unless changed. */
export function confirmation(
  artifact: string,
  epoch: bigint,
  changes: Changes<"DIGEST_CONFIRMATION"> = {},
): Entry {
  const digest = changes.digest ?? digestOf(artifact);
  const said = { artifact, digest, observed: digest, ...receipt("desk", epoch), ...changes };
  return { kind: "DIGEST_CONFIRMATION", ...said };
}

/** An agreeing rebuild, unless changed. */
export function check(
  artifact: string,
  rebuilder: string,
  epoch: bigint,
  changes: Changes<"REPRODUCIBILITY_CHECK"> = {},
): Entry {
  const digest = changes.digest ?? digestOf(artifact);
  const said = { artifact, digest, observed: digest, ...receipt(rebuilder, epoch), ...changes };
  return { kind: "REPRODUCIBILITY_CHECK", ...said };
}

/** A person's own commitment to a shift, unless changed. */
export function availability(
  person: string,
  shift: string,
  epoch: bigint,
  changes: Changes<"AVAILABILITY"> = {},
): Entry {
  const said = { status: "COMMITTED" as const, ...receipt(person, epoch), ...changes };
  return { kind: "AVAILABILITY", person, shift, ...said };
}

/** Custody of the rollback package, HELD and verified, unless changed. */
export function custody(custodian: string, epoch: bigint, changes: Changes<"CUSTODY"> = {}): Entry {
  const held = { status: "HELD" as const, digest: bootOld.digest, observed: bootOld.digest };
  const said = { ...held, seal: `seal-${custodian}`, ...receipt("desk", epoch), ...changes };
  return { kind: "CUSTODY", package: "boot-back", custodian, ...said };
}

/** The registry's safeguard, ENGAGED unless changed. */
export function safeguard(epoch: bigint, changes: Changes<"SAFEGUARD"> = {}): Entry {
  const said = { status: "ENGAGED" as const, ...receipt("desk", epoch), ...changes };
  return { kind: "SAFEGUARD", target: "registry", safeguard: "REGISTRY_RELEASE", ...said };
}

/** An artifact SEEN at a location, unless changed. */
export function observation(
  artifact: string,
  digest: string,
  location: string,
  epoch: bigint,
  changes: Changes<"OBSERVATION"> = {},
): Entry {
  const said = { status: "SEEN" as const, ...receipt("desk", epoch), ...changes };
  return { kind: "OBSERVATION", artifact, digest, location, ...said };
}

/** A quarantine IN_FORCE, unless changed. */
export function quarantine(
  selector: EntryOf<"QUARANTINE">["selector"],
  epoch: bigint,
  changes: Changes<"QUARANTINE"> = {},
): Entry {
  const said = { status: "IN_FORCE" as const, ...receipt("desk", epoch), ...changes };
  return { kind: "QUARANTINE", selector, ...said };
}

/** An enclave's report that makes it fit, unless changed. */
export function enclaveReport(
  enclave: string,
  epoch: bigint,
  changes: Changes<"ENCLAVE_REPORT"> = {},
): Entry {
  const fit = { availability: "AVAILABLE" as const, sealing: "SEALED" as const };
  const said = { ...fit, seal: `${enclave}-seal`, measurement: digestOf("measured") };
  return { kind: "ENCLAVE_REPORT", enclave, ...said, ...receipt("desk", epoch), ...changes };
}

/** A credential revoked. */
export function revocation(person: string, epoch: bigint): Entry {
  return { kind: "CREDENTIAL_REVOCATION", person, ...receipt("ruth", epoch) };
}

/** The bootloader's state: nothing refused, unless changed. */
export function componentState(
  reporter: string,
  epoch: bigint,
  changes: Changes<"COMPONENT_STATE"> = {},
): Entry {
  const said = { floor: 0, denied: [], trustedKeys: [], ...receipt(reporter, epoch), ...changes };
  return { kind: "COMPONENT_STATE", component: "bootloader", ...said };
}

/** The bootloader declared as a SYSTEM that refuses nothing and runs boot-6, unless changed. */
export function componentDeclaration(
  epoch: bigint,
  changes: Changes<"COMPONENT_DECLARATION"> = {},
): Entry {
  const intended = { release: "boot-6", digest: digestOf("boot-6"), floor: 0 };
  return {
    kind: "COMPONENT_DECLARATION",
    component: "bootloader",
    componentKind: "SYSTEM",
    intended: { ...intended, denied: [], trustedKeys: [] },
    ...receipt("ruth", epoch),
    ...changes,
  };
}

/** Who responds when nothing else answers, as release security says. */
export function emergencyPlan(epoch: bigint, ...people: readonly string[]): Entry {
  const responders = people.map((person) => ({ person }));
  return { kind: "EMERGENCY_PLAN", responders, ...receipt("ruth", epoch) };
}

/** Somebody used the emergency path, as they tell themselves. */
export function exercise(person: string, epoch: bigint, reporter = person): Entry {
  return { kind: "EMERGENCY_EXERCISE", person, ...receipt(reporter, epoch) };
}

/** The history's opening, and nothing else yet. */
export interface Opening extends Occurrence {
  readonly fact: PacketOpened;
}

/**
 * A packet opened at epoch 1 and READY_FOR_APPROVAL: two artifacts, three rebuilders of which two
 * checked, two enclaves of which one is needed, four people, two shifts, one rollback package held
 * by dan, one publication target with one safeguard. Everybody is committed to both shifts.
 */
export function smallWorld(): Opening {
  const people = contentOf("ROSTER").people.map((item) => item.person);
  return {
    fact: {
      kind: "PACKET_OPENED",
      packet: idOf(0),
      train: "train-1",
      exercise: false,
      succeeds: null,
      bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
      sources: firstVersions(),
      entries: [
        ...["app", "boot"].flatMap((artifact) => [
          confirmation(artifact, 1n),
          check(artifact, "forge-a", 1n),
          check(artifact, "forge-b", 1n),
        ]),
        ...people.flatMap((person) => [
          availability(person, "early", 1n),
          availability(person, "late", 1n),
        ]),
        custody("dan", 1n),
        safeguard(1n),
        enclaveReport("vault-1", 1n),
        enclaveReport("vault-2", 1n),
      ],
      clock: { frozen: false, generation: 0 },
    },
    actor: { actor: "petra", kind: "PERSON" },
    epoch: 1n,
  };
}

/** The same opening with another first version of a source. */
export function withSource(opening: Opening, content: SourceContent): Opening {
  const source = acceptedSource(content.kind, content, 1, 0n);
  const sources: Sources = { ...opening.fact.sources, [content.kind]: source };
  return { ...opening, fact: { ...opening.fact, sources } };
}

/** The same opening with other entries. */
export function withEntries(
  opening: Opening,
  change: (entries: readonly Entry[]) => readonly Entry[],
): Opening {
  return { ...opening, fact: { ...opening.fact, entries: change(opening.fact.entries) } };
}

/** Anything that happens, by release security unless said otherwise. */
export function happens(fact: Fact, epoch: bigint, actor: Person = RUTH): Occurrence {
  return { fact, actor, epoch };
}

/** Entries recorded together. */
export function records(epoch: bigint, ...recorded: readonly Entry[]): Occurrence {
  return happens({ kind: "ENTRIES_RECORDED", entries: recorded }, epoch);
}

/** A source accepted as its version `version`. */
export function accepts(content: SourceContent, version: number, epoch: bigint): Occurrence {
  const source: AcceptedSource = acceptedSource(content.kind, content, version, epoch);
  return happens({ kind: "SOURCE_ACCEPTED", source, entries: [] }, epoch);
}

/** The packet bound to other versions; those not named stay at version 1. */
export function binds(versions: Partial<Bindings>, epoch: bigint): Occurrence {
  const firsts = { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 };
  return happens({ kind: "PACKET_BOUND", bindings: { ...firsts, ...versions } }, epoch);
}

/** The owner's approval of a revision. */
export function approves(revision: number, epoch: bigint): Occurrence {
  return happens({ kind: "PACKET_APPROVED", revision, digest: "0".repeat(64) }, epoch, OLGA);
}
