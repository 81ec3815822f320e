import { createHash } from "node:crypto";
import type { Entry, PacketReport, SharedReport } from "#packet/entry.ts";
import { AuthorityKind, type ContentOf, type SourceKind, type Sources } from "#packet/source.ts";
import type { Occurrence, PacketOpened } from "#packet/fact.ts";
import { arranged } from "#ledger/arranged.ts";
import { sourceDigest } from "#ledger/bytes.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256 } from "#proof/digest.ts";

/** A train of any size whose packet is ready, for measuring. */

export const PEOPLE = ["ana", "ben", "cleo", "dan", "eve", "finn"];
export const SHIFTS = ["early", "late", "night"];
const REBUILDERS = ["forge", "mill"];
const REPORTER = "probe";

function digestOf(text: string): string {
  return `sha512:${createHash("sha512").update(text).digest("hex")}`;
}

/** Names and digests as a release has them. */
function artifactsOf(count: number): ContentOf<"MANIFEST">["artifacts"] {
  return Array.from({ length: count }, (_, index) => {
    const name = `packages/module-${index.toString().padStart(5, "0")}-1.${index % 40}.0.tgz`;
    return { name, digest: digestOf(name), size: 1000 + index, targets: ["registry"] };
  });
}

const mapping = {
  anchorEpoch: 0n,
  anchorAt: "2026-01-01T00:00:00.000Z",
  epochMs: 1000,
  generation: 0,
};
const span = { startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2026-02-01T00:00:00.000Z" };
const release = {
  release: "r1",
  digest: digestOf("r1"),
  svn: 4,
  masvn: 1,
  denied: [],
  trustedKeys: [],
  signedBy: [],
};
const LAST = 2_999_999n;

type Contents = { readonly [K in SourceKind]: ContentOf<K> };

const age = 1_000_000n;

const reporters = (kind: ContentOf<"ACCEPTED_REPORTERS">["accepted"][number]["kind"]) => ({
  kind,
  reporters: [REPORTER, ...REBUILDERS],
});

/** What every source but the manifest says. Nothing ages soon. */
const SCOPE: Omit<Contents, "MANIFEST"> = {
  APPROVAL_LANE: {
    kind: "APPROVAL_LANE",
    owner: "olga",
    authorities: AuthorityKind.options.map((kind) => ({ kind, authority: "uma" })),
  },
  OUTAGE_DECLARATION: {
    kind: "OUTAGE_DECLARATION",
    declaration: "outage-1",
    status: "DECLARED",
    services: ["signing"],
    fallbackTrains: ["train-1"],
  },
  TRUSTED_BRANCH: {
    kind: "TRUSTED_BRANCH",
    repository: "firmware",
    branch: "main",
    commit: "a".repeat(40),
  },
  REPRODUCIBILITY_POLICY: {
    kind: "REPRODUCIBILITY_POLICY",
    rebuilders: REBUILDERS,
    minRebuilders: 2,
  },
  ROLLBACK_SCOPE: {
    kind: "ROLLBACK_SCOPE",
    packages: [{ package: "back", component: "core", release }],
    trainReleases: [
      {
        component: "core",
        release: { ...release, release: "r2", digest: digestOf("r2"), svn: 5 },
      },
    ],
    minCustodians: 1,
  },
  REQUIRED_ENCLAVES: {
    kind: "REQUIRED_ENCLAVES",
    enclaves: [{ enclave: "north", measurement: digestOf("good") }],
    requiredEnclaves: 1,
  },
  ROSTER: {
    kind: "ROSTER",
    people: PEOPLE.map((person, index) => ({
      person,
      roles: index % 2 === 0 ? ["SIGNER"] : ["SIGNER", "CUSTODIAN"],
      custodyGroup: `group-${index % 3}`,
    })),
  },
  SHIFT_CALENDAR: {
    kind: "SHIFT_CALENDAR",
    shifts: SHIFTS.map((shift, index) => ({
      shift,
      ...span,
      first: BigInt(index) * 1_000_000n,
      last: BigInt(index) * 1_000_000n + 999_999n,
    })),
    noSigning: [],
    mapping,
  },
  QUORUM_POLICY: {
    kind: "QUORUM_POLICY",
    seats: [
      { role: "SIGNER", count: 3 },
      { role: "CUSTODIAN", count: 2 },
    ],
    minCustodyGroups: 2,
    handoverEpochs: 1n,
  },
  FRESHNESS_POLICY: {
    kind: "FRESHNESS_POLICY",
    digestMaxAge: age,
    reproducibilityMaxAge: age,
    attestationMaxAge: age,
    availabilityMaxAge: age,
    custodyMaxAge: age,
    safeguardMaxAge: age,
    quarantineMaxAge: age,
    absenceMaxAge: age,
  },
  PUBLICATION_SCOPE: {
    kind: "PUBLICATION_SCOPE",
    targets: [{ target: "registry", safeguards: ["REGISTRY_RELEASE"] }],
  },
  ACCEPTED_REPORTERS: {
    kind: "ACCEPTED_REPORTERS",
    accepted: [
      reporters("DIGEST_CONFIRMATION"),
      reporters("REPRODUCIBILITY_CHECK"),
      reporters("AVAILABILITY"),
      reporters("CUSTODY"),
      reporters("SAFEGUARD"),
      reporters("ENCLAVE_REPORT"),
    ],
  },
  SHIPMENT_WINDOW: { kind: "SHIPMENT_WINDOW", ...span, first: 0n, last: LAST, mapping },
};

/** What the sources say, with a manifest of so many artifacts. */
export function contentsOf(artifacts: number): Contents {
  return { ...SCOPE, MANIFEST: { kind: "MANIFEST", artifacts: artifactsOf(artifacts) } };
}

/** Canonical bytes of every source, as the ledger stores them. */
export function sourceBytes(artifacts: number): Uint8Array[] {
  return Object.values(contentsOf(artifacts)).map((content) => canonicalBytes(arranged(content)));
}

let ids = 0;

function entryOf(report: PacketReport | SharedReport, reporter: string): Entry {
  ids += 1;
  return {
    ...report,
    entry: `00000000-0000-7000-8000-${ids.toString(16).padStart(12, "0")}`,
    reporter,
    reporterKind: "PERSON",
    observedEpoch: report.observedEpoch ?? 0n,
    recordedEpoch: 0n,
    reportNumber: null,
  };
}

/** Everything that makes the packet ready: for each artifact one confirmation and two rebuilds. */
export function entriesOf(artifacts: number): Entry[] {
  const checks = artifactsOf(artifacts).flatMap(({ name, digest }) => {
    const report = { artifact: name, digest, observed: digest };
    return [
      entryOf({ kind: "DIGEST_CONFIRMATION", ...report }, REPORTER),
      ...REBUILDERS.map((rebuilder) =>
        entryOf({ kind: "REPRODUCIBILITY_CHECK", ...report }, rebuilder),
      ),
    ];
  });
  const people = SHIFTS.flatMap((shift) =>
    PEOPLE.map((person) => commitment(person, shift, "COMMITTED")),
  );
  const { digest } = release;
  const measurement = digestOf("good");
  return [
    ...checks,
    ...people,
    entryOf(
      {
        kind: "CUSTODY",
        package: "back",
        custodian: "ben",
        status: "HELD",
        digest,
        observed: digest,
        seal: "bag",
      },
      REPORTER,
    ),
    entryOf(
      { kind: "SAFEGUARD", target: "registry", safeguard: "REGISTRY_RELEASE", status: "ENGAGED" },
      REPORTER,
    ),
    entryOf(
      {
        kind: "ENCLAVE_REPORT",
        enclave: "north",
        availability: "AVAILABLE",
        sealing: "SEALED",
        seal: "s1",
        measurement,
      },
      REPORTER,
    ),
  ];
}

/** One person's word for one shift. */
export function commitment(
  person: string,
  shift: string,
  status: "COMMITTED" | "WITHDRAWN",
): Entry {
  return entryOf({ kind: "AVAILABILITY", person, shift, status }, REPORTER);
}

/** The opening of the packet with everything in it. */
export function opening(artifacts: number): Occurrence<PacketOpened> {
  const sources = Object.fromEntries(
    Object.values(contentsOf(artifacts)).map((content) => {
      const digest = sourceDigest(sha256(canonicalBytes(arranged(content))));
      const receipt = {
        version: 1,
        digest,
        acceptedBy: "uma",
        proposedBy: null,
        acceptedEpoch: 0n,
      };
      return [content.kind, { kind: content.kind, content, ...receipt }];
    }),
  ) as Partial<Sources> as Sources;
  const fact: PacketOpened = {
    kind: "PACKET_OPENED",
    packet: "00000000-0000-7000-8000-000000000000",
    train: "train-1",
    exercise: false,
    succeeds: null,
    bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
    sources,
    entries: entriesOf(artifacts),
    clock: { frozen: false, generation: 0 },
  };
  return { fact, actor: { actor: "pia", kind: "PERSON" }, epoch: 0n };
}
