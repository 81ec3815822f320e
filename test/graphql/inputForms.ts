import type { z } from "zod";
import { PacketReport, SharedReport } from "#packet/entry.ts";
import { ApprovalLane, Bindings, SourceProposal } from "#packet/source.ts";

/** An input as a caller sends it, and what the domain is to read of it. */
export interface Form {
  readonly title: string;
  /** The GraphQL type of the input. */
  readonly type: string;
  readonly words: z.ZodType;
  readonly sent: unknown;
  readonly read: unknown;
}

const digestA = `sha256:${"a".repeat(64)}`;
const digestB = `sha512:${"b".repeat(128)}`;
const times = { startsAt: "2026-01-01T00:00:00Z", endsAt: "2026-01-01T08:00:00.125Z" };

const release = {
  release: "r2",
  digest: digestA,
  svn: 5_000_000_000,
  masvn: 4,
  denied: [digestB],
  trustedKeys: ["key-1"],
  signedBy: ["key-1", `SHA256:${"k".repeat(43)}`],
  signatures: ["-----BEGIN SSH SIGNATURE-----"],
};

/** A proposal of every kind with every field and every list filled, by the name of its member. */
const PROPOSALS = {
  outageDeclaration: {
    declaration: "outage-1",
    status: "DECLARED",
    services: ["signing", "timestamps"],
    fallbackTrains: ["train-1"],
  },
  trustedBranch: { repository: "git://host/repo", branch: "main", commit: "a".repeat(40) },
  manifest: {
    artifacts: [
      { name: "app", digest: digestA, size: 9_007_199_254_740_991, targets: ["registry"] },
      { name: "lib/x", digest: digestB, size: 0, targets: [] },
    ],
  },
  reproducibilityPolicy: { rebuilders: ["probe", "scout"], minRebuilders: 2 },
  rollbackScope: {
    packages: [{ package: "back", component: "core", release: { ...release, release: "r1" } }],
    trainReleases: [{ component: "core", release }],
    minCustodians: 2,
  },
  requiredEnclaves: {
    enclaves: [
      { enclave: "north", measurement: digestA },
      { enclave: "south", measurement: digestB },
    ],
    requiredEnclaves: 2,
  },
  roster: {
    people: [
      { person: "ana", roles: ["SIGNER", "WITNESS"], custodyGroup: "red" },
      { person: "ben", roles: ["CUSTODIAN"], custodyGroup: "blue" },
    ],
  },
  shiftCalendar: { shifts: [{ shift: "early", ...times }], noSigning: [times] },
  quorumPolicy: {
    seats: [
      { role: "SIGNER", count: 2 },
      { role: "CEREMONY_LEAD", count: 1 },
    ],
    minCustodyGroups: 2,
    handoverEpochs: "0",
  },
  freshnessPolicy: {
    digestMaxAge: "1",
    reproducibilityMaxAge: "2",
    attestationMaxAge: "3",
    availabilityMaxAge: "4",
    custodyMaxAge: "5",
    safeguardMaxAge: "6",
    quarantineMaxAge: "7",
    absenceMaxAge: "9223372036854775807",
  },
  publicationScope: {
    targets: [{ target: "registry", safeguards: ["REGISTRY_RELEASE", "ADVISORY_TIMING"] }],
  },
  acceptedReporters: {
    accepted: [
      { kind: "DIGEST_CONFIRMATION", reporters: ["probe"] },
      { kind: "CUSTODY", reporters: ["probe", "scout"] },
    ],
  },
  shipmentWindow: times,
};

const KINDS: Readonly<Record<keyof typeof PROPOSALS, string>> = {
  outageDeclaration: "OUTAGE_DECLARATION",
  trustedBranch: "TRUSTED_BRANCH",
  manifest: "MANIFEST",
  reproducibilityPolicy: "REPRODUCIBILITY_POLICY",
  rollbackScope: "ROLLBACK_SCOPE",
  requiredEnclaves: "REQUIRED_ENCLAVES",
  roster: "ROSTER",
  shiftCalendar: "SHIFT_CALENDAR",
  quorumPolicy: "QUORUM_POLICY",
  freshnessPolicy: "FRESHNESS_POLICY",
  publicationScope: "PUBLICATION_SCOPE",
  acceptedReporters: "ACCEPTED_REPORTERS",
  shipmentWindow: "SHIPMENT_WINDOW",
};

const proposals = Object.entries(PROPOSALS).map(([name, members]): Form => {
  const kind = KINDS[name as keyof typeof PROPOSALS];
  return {
    title: kind,
    type: "SourceProposalInput",
    words: SourceProposal,
    sent: { [name]: members },
    read: { kind, ...members },
  };
});

const more = { observedEpoch: "0", note: "seen by two people" };
const compared = { artifact: "lib/x", digest: digestA, observed: digestB };
const custody = { package: "back", custodian: "ben", status: "HELD", digest: digestA };
const enclave = { enclave: "north", availability: "AVAILABLE", measurement: digestA };
const sighting = { artifact: "app", digest: digestA, location: "mirror", status: "SEEN" };
const guarded = { target: "registry", safeguard: "REGISTRY_RELEASE", status: "ENGAGED" };
const promise = { person: "ana", shift: "early", status: "COMMITTED" };

function report(
  [type, words]: readonly [string, z.ZodType],
  title: string,
  name: string,
  sent: object,
  read: object = sent,
): Form {
  const kind = title.split(",")[0];
  return { title, type, words, sent: { [name]: sent }, read: { kind, ...read } };
}

const ofPacket = ["PacketReportInput", PacketReport] as const;
const ofMany = ["SharedReportInput", SharedReport] as const;
const inForce = { status: "IN_FORCE" };

const REPORTS: readonly Form[] = [
  report(ofPacket, "DIGEST_CONFIRMATION", "digestConfirmation", { ...compared, ...more }),
  report(ofPacket, "DIGEST_CONFIRMATION, bare", "digestConfirmation", compared),
  report(ofPacket, "REPRODUCIBILITY_CHECK", "reproducibilityCheck", { ...compared, ...more }),
  report(ofPacket, "AVAILABILITY", "availability", { ...promise, ...more }),
  report(ofPacket, "CUSTODY", "custody", {
    ...custody,
    observed: digestA,
    seal: "bag-7",
    ...more,
  }),
  report(ofPacket, "CUSTODY, neither sealed nor verified", "custody", custody, {
    ...custody,
    observed: null,
    seal: null,
  }),
  report(ofPacket, "SAFEGUARD", "safeguard", { ...guarded, ...more }),
  report(ofPacket, "OBSERVATION", "observation", { ...sighting, ...more }),
  report(
    ofPacket,
    "QUARANTINE, of a digest",
    "quarantine",
    { selector: { digest: digestA }, ...inForce, ...more },
    { selector: { by: "DIGEST", digest: digestA }, ...inForce, ...more },
  ),
  report(
    ofPacket,
    "QUARANTINE, of a location",
    "quarantine",
    { selector: { location: "mirror" }, ...inForce },
    { selector: { by: "LOCATION", location: "mirror" }, ...inForce },
  ),
  report(
    ofPacket,
    "QUARANTINE, of a manifest",
    "quarantine",
    { selector: { manifest: 3 }, ...inForce },
    { selector: { by: "MANIFEST", version: 3 }, ...inForce },
  ),
  report(ofMany, "ENCLAVE_REPORT", "enclaveReport", {
    ...enclave,
    sealing: "SEALED",
    seal: "seal-1",
    ...more,
  }),
  report(
    ofMany,
    "ENCLAVE_REPORT, unsealed",
    "enclaveReport",
    { ...enclave, sealing: "UNSEALED" },
    { ...enclave, sealing: "UNSEALED", seal: null },
  ),
  report(ofMany, "CREDENTIAL_REVOCATION", "credentialRevocation", { person: "ana", ...more }),
  report(ofMany, "COMPONENT_STATE", "componentState", {
    component: "core",
    floor: 5_000_000_000,
    denied: [digestB],
    trustedKeys: ["key-1"],
    running: digestA,
    standpoint: "OUTSIDE",
    keySlotsUsed: 3,
    ...more,
  }),
  report(ofMany, "COMPONENT_DECLARATION", "componentDeclaration", {
    component: "core",
    componentKind: "FIRMWARE",
    intended: {
      release: "r2",
      digest: digestA,
      floor: 5_000_000_000,
      denied: [digestB],
      trustedKeys: ["key-1"],
    },
    keySlots: 8,
    spareParts: [{ release: "r1", svn: 5_000_000_000 }],
    ...more,
  }),
  report(ofMany, "RELEASE_INITIALISATION", "releaseInitialisation", {
    component: "core",
    release,
    ...more,
  }),
  report(ofMany, "KEY_ROTATION", "keyRotation", {
    component: "core",
    mode: "OVERLAP_END",
    outgoing: "key-1",
    incoming: `SHA256:${"k".repeat(43)}`,
    ...more,
  }),
  report(ofMany, "EMERGENCY_PLAN", "emergencyPlan", {
    responders: [
      {
        person: "ana",
        keys: [`SHA256:${"A".repeat(43)}`],
        provisionedEpoch: "0",
        lifetimeEpochs: "9007199254740993",
        immediate: true,
        region: "east",
      },
    ],
    immediateMax: 2,
    provisionEveryEpochs: "200",
    longestOutageEpochs: "100",
    regions: [{ region: "east", needs: [] }],
    ways: [
      {
        way: "console",
        wayKind: "ACCESS_PATH",
        settings: ["10.0.0.5/24"],
        dependsOn: [],
        replaces: ["sso"],
      },
    ],
    services: [{ service: "sso", dependsOn: ["dns"] }],
    ...more,
  }),
];

const lane = {
  owner: "olga",
  authorities: Object.values(KINDS).map((kind) => ({ kind, authority: "uma" })),
};

/** An input of every kind that a source, a packet's bindings or a report may have. */
export const FORMS: readonly Form[] = [
  ...proposals,
  ...REPORTS,
  {
    title: "APPROVAL_LANE",
    type: "ApprovalLaneInput",
    words: ApprovalLane,
    sent: lane,
    read: { kind: "APPROVAL_LANE", ...lane },
  },
  {
    title: "APPROVAL_LANE, which asks for exercises",
    type: "ApprovalLaneInput",
    words: ApprovalLane,
    sent: { ...lane, emergencyAccess: { maxAgeEpochs: "60", holds: true } },
    read: {
      kind: "APPROVAL_LANE",
      ...lane,
      emergencyAccess: { maxAgeEpochs: "60", holds: true },
    },
  },
  {
    title: "the bindings",
    type: "BindingsInput",
    words: Bindings,
    sent: { trustedBranch: 1, manifest: 2, reproducibilityPolicy: 3, rollbackScope: 4 },
    read: { TRUSTED_BRANCH: 1, MANIFEST: 2, REPRODUCIBILITY_POLICY: 3, ROLLBACK_SCOPE: 4 },
  },
];
