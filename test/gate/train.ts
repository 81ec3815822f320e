import type { Actor } from "#packet/actor.ts";
import type { Report } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import {
  type AcceptedSource,
  type ContentOf,
  type SourceContent,
  SourceKind,
  type Sources,
} from "#packet/source.ts";
import { arranged } from "#ledger/arranged.ts";
import { canonical } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";

/** A small train on which every rule can be seen: three artifacts, two enclaves, three shifts, five people. */

export const OPENS_AT: Epoch = 8n;
export const OWNER = "olga";
export const PEOPLE = ["ana", "ben", "cleo", "dan", "eve"] as const;
export const ARTIFACTS = ["app", "lib", "tool"] as const;
export const ENCLAVES = ["north", "south", "west"] as const;
export const SHIFTS = ["early", "late", "night"] as const;
export const LOCATIONS = ["mirror", "cache"] as const;

export function digestOf(text: string): string {
  return `sha256:${sha256Hex(text)}`;
}

export function person(actor: string, ...roles: Actor["roles"]): Actor {
  return { actor, kind: "PERSON", roles };
}

export function system(actor: string): Actor {
  return { actor, kind: "SYSTEM", roles: ["REPORTER"] };
}

const mapping = {
  anchorEpoch: 0n,
  anchorAt: "2026-01-01T00:00:00.000Z",
  epochMs: 1000,
  generation: 0,
};
const span = { startsAt: "2026-01-01T00:00:10.000Z", endsAt: "2026-01-01T00:00:30.000Z" };

export function shift(
  name: string,
  first: Epoch,
  last: Epoch,
): ContentOf<"SHIFT_CALENDAR">["shifts"][number] {
  return { shift: name, ...span, first, last };
}

export function calendar(
  shifts: ContentOf<"SHIFT_CALENDAR">["shifts"],
  noSigning: { first: Epoch; last: Epoch }[] = [],
  generation = 0,
): ContentOf<"SHIFT_CALENDAR"> {
  return {
    kind: "SHIFT_CALENDAR",
    shifts,
    noSigning: noSigning.map((interval) => ({ ...span, ...interval })),
    mapping: { ...mapping, generation },
  };
}

export function window(first: Epoch, last: Epoch, generation = 0): ContentOf<"SHIPMENT_WINDOW"> {
  return { kind: "SHIPMENT_WINDOW", ...span, first, last, mapping: { ...mapping, generation } };
}

export function artifact(name: string, content = name, targets: string[] = ["registry"]) {
  return { name, digest: digestOf(content), size: 1, targets };
}

export function release(name: string, svn: number, masvn: number) {
  return {
    release: name,
    digest: digestOf(name),
    svn,
    masvn,
    denied: [],
    trustedKeys: [],
    signedBy: [],
  };
}

export function rosterPerson(
  name: string,
  roles: ContentOf<"ROSTER">["people"][number]["roles"],
  group: string,
) {
  return { person: name, roles, custodyGroup: group };
}

export const REPORTER_KINDS = [
  "DIGEST_CONFIRMATION",
  "REPRODUCIBILITY_CHECK",
  "AVAILABILITY",
  "CUSTODY",
  "SAFEGUARD",
  "OBSERVATION",
  "QUARANTINE",
  "ENCLAVE_REPORT",
] as const;

/** Who is accepted for everything, in the small train. */
export const REPORTERS = ["probe", "scout"] as const;

const AUTHORITIES = SourceKind.exclude(["APPROVAL_LANE"]).options.map((kind) => ({
  kind,
  authority: "uma",
}));

/** The contents with which the small train starts: all of it in order. */
export const CONTENTS: { readonly [K in SourceKind]: ContentOf<K> } = {
  APPROVAL_LANE: { kind: "APPROVAL_LANE", owner: OWNER, authorities: AUTHORITIES },
  OUTAGE_DECLARATION: {
    kind: "OUTAGE_DECLARATION",
    declaration: "outage-1",
    status: "DECLARED",
    services: ["signing"],
    fallbackTrains: ["train-1"],
  },
  TRUSTED_BRANCH: {
    kind: "TRUSTED_BRANCH",
    repository: "git",
    branch: "main",
    commit: "a".repeat(40),
  },
  MANIFEST: { kind: "MANIFEST", artifacts: ARTIFACTS.map((name) => artifact(name)) },
  REPRODUCIBILITY_POLICY: {
    kind: "REPRODUCIBILITY_POLICY",
    rebuilders: [...REPORTERS],
    minRebuilders: 1,
  },
  ROLLBACK_SCOPE: {
    kind: "ROLLBACK_SCOPE",
    packages: [{ package: "back", component: "core", release: release("r1", 4, 1) }],
    trainReleases: [{ component: "core", release: release("r2", 5, 4) }],
    minCustodians: 1,
  },
  REQUIRED_ENCLAVES: {
    kind: "REQUIRED_ENCLAVES",
    enclaves: [
      { enclave: "north", measurement: digestOf("good") },
      { enclave: "south", measurement: digestOf("good") },
    ],
    requiredEnclaves: 1,
  },
  ROSTER: {
    kind: "ROSTER",
    people: [
      rosterPerson("ana", ["SIGNER"], "red"),
      rosterPerson("ben", ["SIGNER", "CUSTODIAN"], "blue"),
      rosterPerson("cleo", ["SIGNER", "CUSTODIAN"], "red"),
      rosterPerson("dan", ["CUSTODIAN"], "green"),
      rosterPerson("eve", ["SIGNER"], "green"),
    ],
  },
  SHIFT_CALENDAR: calendar([
    shift("early", 8n, 13n),
    shift("late", 14n, 19n),
    shift("night", 20n, 24n),
  ]),
  QUORUM_POLICY: {
    kind: "QUORUM_POLICY",
    seats: [
      { role: "SIGNER", count: 2 },
      { role: "CUSTODIAN", count: 1 },
    ],
    minCustodyGroups: 2,
    handoverEpochs: 1n,
  },
  FRESHNESS_POLICY: {
    kind: "FRESHNESS_POLICY",
    digestMaxAge: 12n,
    reproducibilityMaxAge: 14n,
    attestationMaxAge: 9n,
    availabilityMaxAge: 13n,
    custodyMaxAge: 11n,
    safeguardMaxAge: 10n,
    quarantineMaxAge: 8n,
    absenceMaxAge: 5n,
  },
  PUBLICATION_SCOPE: {
    kind: "PUBLICATION_SCOPE",
    targets: [{ target: "registry", safeguards: ["REGISTRY_RELEASE", "ADVISORY_TIMING"] }],
  },
  ACCEPTED_REPORTERS: {
    kind: "ACCEPTED_REPORTERS",
    accepted: REPORTER_KINDS.map((kind) => ({ kind, reporters: [...REPORTERS] })),
  },
  SHIPMENT_WINDOW: window(10n, 24n),
};

export function accepted(content: SourceContent, version: number, epoch: Epoch): AcceptedSource {
  const digest = digestOf(canonical(arranged(content)));
  const receipt = { version, digest, acceptedBy: "uma", proposedBy: null, acceptedEpoch: epoch };
  return { kind: content.kind, content, ...receipt };
}

/** Version 1 of every source, some contents replaced. */
export function sourcesWith(changed: readonly SourceContent[] = []): Sources {
  const contents: SourceContent[] = [...Object.values(CONTENTS), ...changed];
  return Object.fromEntries(
    contents.map((content) => [content.kind, accepted(content, 1, OPENS_AT)]),
  ) as Sources;
}

/** A report that everything about one subject is well. */
export function goodNews(): Report[] {
  const reports: Report[] = [];
  for (const name of ARTIFACTS) {
    const digests = { digest: digestOf(name), observed: digestOf(name) };
    reports.push({ kind: "DIGEST_CONFIRMATION", artifact: name, ...digests });
    reports.push({ kind: "REPRODUCIBILITY_CHECK", artifact: name, ...digests });
  }
  for (const shiftName of SHIFTS) {
    for (const name of PEOPLE) {
      reports.push({ kind: "AVAILABILITY", person: name, shift: shiftName, status: "COMMITTED" });
    }
  }
  for (const custodian of ["ben", "dan"]) {
    const digests = { digest: digestOf("r1"), observed: digestOf("r1") };
    reports.push({
      kind: "CUSTODY",
      package: "back",
      custodian,
      status: "HELD",
      seal: `bag-${custodian}`,
      ...digests,
    });
  }
  for (const safeguard of ["REGISTRY_RELEASE", "ADVISORY_TIMING"]) {
    reports.push({ kind: "SAFEGUARD", target: "registry", safeguard, status: "ENGAGED" });
  }
  for (const enclave of ["north", "south"]) reports.push(enclaveReport(enclave));
  return reports;
}

export function enclaveReport(enclave: string): Report {
  const measurement = digestOf("good");
  return {
    kind: "ENCLAVE_REPORT",
    enclave,
    availability: "AVAILABLE",
    sealing: "SEALED",
    seal: "seal-1",
    measurement,
  };
}
