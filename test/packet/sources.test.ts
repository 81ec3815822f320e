import { describe, expect, test } from "vitest";
import {
  ARTIFACTS_MAX,
  ASKED_MAX,
  DENIED_MAX,
  KEYS_MAX,
  NAMED_MAX,
  PACKAGES_MAX,
  PEOPLE_MAX,
  REPORTERS_MAX,
  SHIFTS_MAX,
  TARGETS_MAX,
  TRAINS_MAX,
} from "#packet/limits.ts";
import { ApprovalLane, AuthorityKind, SourceProposal } from "#packet/source.ts";
import { faultsOf, many, sha256, wordsAbout } from "./faults.ts";

type Json = Record<string, unknown>;

const span = { startsAt: "2026-01-01T00:00:00Z", endsAt: "2026-01-01T08:00:00Z" };
const release = {
  release: "r1",
  digest: sha256("a"),
  svn: 4,
  masvn: 1,
  denied: [],
  trustedKeys: [],
  signedBy: [],
};
const artifact = (name: string): Json => ({
  name,
  digest: sha256("a"),
  size: 1,
  targets: ["registry"],
});
const rosterPerson = (person: string): Json => ({ person, roles: ["SIGNER"], custodyGroup: "red" });

/** A good proposal of every kind, as it is sent. */
const GOOD: Readonly<Record<AuthorityKind, Json>> = {
  OUTAGE_DECLARATION: {
    declaration: "outage-1",
    status: "DECLARED",
    services: ["signing"],
    fallbackTrains: ["train-1"],
  },
  TRUSTED_BRANCH: { repository: "git://host/repo", branch: "main", commit: "a".repeat(40) },
  MANIFEST: { artifacts: [artifact("app"), artifact("lib")] },
  REPRODUCIBILITY_POLICY: { rebuilders: ["probe", "scout"], minRebuilders: 2 },
  ROLLBACK_SCOPE: {
    packages: [{ package: "back", component: "core", release }],
    trainReleases: [{ component: "core", release }],
    minCustodians: 1,
  },
  REQUIRED_ENCLAVES: {
    enclaves: [{ enclave: "north", measurement: sha256("b") }],
    requiredEnclaves: 1,
  },
  ROSTER: { people: [rosterPerson("ana"), rosterPerson("ben")] },
  SHIFT_CALENDAR: { shifts: [{ shift: "early", ...span }], noSigning: [span] },
  QUORUM_POLICY: {
    seats: [{ role: "SIGNER", count: 3 }],
    minCustodyGroups: 2,
    handoverEpochs: "1",
  },
  FRESHNESS_POLICY: {
    digestMaxAge: "10",
    reproducibilityMaxAge: "10",
    attestationMaxAge: "10",
    availabilityMaxAge: "10",
    custodyMaxAge: "10",
    safeguardMaxAge: "10",
    quarantineMaxAge: "10",
    absenceMaxAge: "10",
  },
  PUBLICATION_SCOPE: { targets: [{ target: "registry", safeguards: ["REGISTRY_RELEASE"] }] },
  ACCEPTED_REPORTERS: { accepted: [{ kind: "CUSTODY", reporters: ["probe"] }] },
  SHIPMENT_WINDOW: span,
};

function proposal(kind: AuthorityKind, path = "", value?: unknown): Json {
  const made: Json = JSON.parse(JSON.stringify({ kind, ...GOOD[kind] })) as Json;
  if (path === "") return made;
  const steps = path.split(".");
  const last = steps.pop() ?? "";
  let holder: Json = made;
  for (const step of steps) holder = holder[step] as Json;
  holder[last] = value;
  return made;
}

describe("rule 2.4: every kind of source", () => {
  test.each(AuthorityKind.options)("%s is read as it is sent", (kind) => {
    expect(faultsOf(SourceProposal, proposal(kind))).toEqual([]);
  });

  test.each(AuthorityKind.options)("%s with a member nobody knows is refused", (kind) => {
    expect(faultsOf(SourceProposal, { ...proposal(kind), waive: true })).toEqual([""]);
  });

  test.each(
    AuthorityKind.options.flatMap((kind) =>
      Object.keys(GOOD[kind]).map((field) => [kind, field] as const),
    ),
  )("%s without %s is refused by path", (kind, field) => {
    const { [field]: _, ...rest } = proposal(kind);
    expect(faultsOf(SourceProposal, rest)).toEqual([field]);
  });

  test("a manifest is kept in order of name, whatever order it was sent in", () => {
    const sent = { kind: "MANIFEST", artifacts: ["lib", "app", "App2"].map(artifact) };
    const manifest = SourceProposal.parse(sent);
    expect(manifest.kind === "MANIFEST" ? manifest.artifacts.map(({ name }) => name) : []).toEqual([
      "App2",
      "app",
      "lib",
    ]);
  });
});

describe("rule 2.4: empty is unknown", () => {
  test.each([
    ["MANIFEST", "artifacts"],
    ["SHIFT_CALENDAR", "shifts"],
    ["ROLLBACK_SCOPE", "packages"],
    ["ROLLBACK_SCOPE", "trainReleases"],
    ["QUORUM_POLICY", "seats"],
    ["PUBLICATION_SCOPE", "targets"],
    ["PUBLICATION_SCOPE", "targets.0.safeguards"],
    ["REQUIRED_ENCLAVES", "enclaves"],
    ["ROSTER", "people"],
    ["ROSTER", "people.1.roles"],
    ["REPRODUCIBILITY_POLICY", "rebuilders"],
    ["ACCEPTED_REPORTERS", "accepted"],
    ["ACCEPTED_REPORTERS", "accepted.0.reporters"],
    ["OUTAGE_DECLARATION", "services"],
    ["OUTAGE_DECLARATION", "fallbackTrains"],
  ] as const)("%s: an empty %s is refused", (kind, path) => {
    const refused = proposal(kind, path, []);
    expect(faultsOf(SourceProposal, refused)).toContain(path);
    expect(wordsAbout(SourceProposal, refused)).toContain("empty is unknown");
  });

  test.each([
    ["REPRODUCIBILITY_POLICY", "minRebuilders"],
    ["ROLLBACK_SCOPE", "minCustodians"],
    ["REQUIRED_ENCLAVES", "requiredEnclaves"],
    ["QUORUM_POLICY", "minCustodyGroups"],
    ["QUORUM_POLICY", "seats.0.count"],
  ] as const)("%s: a %s below 1, huge, fractional or no number is refused", (kind, path) => {
    for (const value of [0, -1, 1.5, ASKED_MAX + 1, 2 ** 53, Number.NaN, "1", null]) {
      expect(faultsOf(SourceProposal, proposal(kind, path, value)), String(value)).toContain(path);
    }
  });

  test.each(Object.keys(GOOD.FRESHNESS_POLICY))("an age limit %s below 1 is refused", (field) => {
    for (const value of ["0", "-1", "01", 5, "9223372036854775808"]) {
      expect(faultsOf(SourceProposal, proposal("FRESHNESS_POLICY", field, value))).toEqual([field]);
    }
  });
});

describe("rule 3.4: a list has a limit, and no two of it look alike", () => {
  const named =
    (prefix: string) =>
    (index: number): string =>
      `${prefix}${index}`;

  test.each([
    ["MANIFEST", "artifacts", ARTIFACTS_MAX, (index: number) => artifact(`a/${index}`)],
    ["MANIFEST", "artifacts.0.targets", TARGETS_MAX, named("t")],
    ["SHIFT_CALENDAR", "shifts", SHIFTS_MAX, (index: number) => ({ shift: `s${index}`, ...span })],
    ["SHIFT_CALENDAR", "noSigning", SHIFTS_MAX, () => span],
    ["ROSTER", "people", PEOPLE_MAX, (index: number) => rosterPerson(`p${index}`)],
    [
      "ROLLBACK_SCOPE",
      "packages",
      PACKAGES_MAX,
      (index: number) => ({ package: `p${index}`, component: "core", release }),
    ],
    ["ROLLBACK_SCOPE", "packages.0.release.denied", DENIED_MAX, () => sha256("c")],
    ["ROLLBACK_SCOPE", "packages.0.release.signedBy", KEYS_MAX, named("k")],
    ["REPRODUCIBILITY_POLICY", "rebuilders", NAMED_MAX, named("r")],
    ["OUTAGE_DECLARATION", "fallbackTrains", TRAINS_MAX, named("t")],
    ["ACCEPTED_REPORTERS", "accepted.0.reporters", REPORTERS_MAX, named("r")],
  ] as const)("%s: %s takes as many as its limit, and not one more", (kind, path, limit, make) => {
    const list = (count: number): Json =>
      proposal(
        kind,
        path,
        many(count, (index) => make(index)),
      );
    expect(faultsOf(SourceProposal, list(limit))).toEqual([]);
    expect(faultsOf(SourceProposal, list(limit + 1))).toEqual([path]);
  });

  test("a manifest of 10,001 artifacts is one too many", () => {
    expect(ARTIFACTS_MAX).toBe(10_000);
  });

  test.each([
    ["MANIFEST", "artifacts", (name: string) => artifact(name)],
    ["ROSTER", "people", (name: string) => rosterPerson(name)],
    ["SHIFT_CALENDAR", "shifts", (shift: string) => ({ shift, ...span })],
    [
      "PUBLICATION_SCOPE",
      "targets",
      (target: string) => ({ target, safeguards: ["REGISTRY_RELEASE"] }),
    ],
    ["REQUIRED_ENCLAVES", "enclaves", (enclave: string) => ({ enclave, measurement: sha256("b") })],
    ["REPRODUCIBILITY_POLICY", "rebuilders", (name: string) => name],
  ] as const)("%s: the second of two alike %s is named", (kind, path, make) => {
    const alike = (other: string): string[] =>
      faultsOf(
        SourceProposal,
        proposal(
          kind,
          path,
          ["one", "two", other].map((name) => make(name)),
        ),
      );
    expect(alike("one")).toEqual([`${path}.2`]);
    expect(alike("Two")).toEqual([`${path}.2`]);
    expect(alike("\u043ene")).not.toEqual([]);
    expect(alike("three")).toEqual([]);
  });

  test("a role has its seats in one place, and a kind its reporters", () => {
    const seats = [
      { role: "SIGNER", count: 2 },
      { role: "SIGNER", count: 1 },
    ];
    expect(faultsOf(SourceProposal, proposal("QUORUM_POLICY", "seats", seats))).toContain(
      "seats.1",
    );
    const accepted = many(2, () => ({ kind: "CUSTODY", reporters: ["probe"] }));
    expect(faultsOf(SourceProposal, proposal("ACCEPTED_REPORTERS", "accepted", accepted))).toEqual([
      "accepted.1",
    ]);
  });
});

describe("rule 3.4: one bad value is named by its path", () => {
  test.each([
    ["MANIFEST", "artifacts.1.name", "../../etc/passwd"],
    ["MANIFEST", "artifacts.1.name", "/etc/passwd"],
    ["MANIFEST", "artifacts.1.digest", `sha256:${"a".repeat(63)}`],
    ["MANIFEST", "artifacts.1.digest", `sha512:${"a".repeat(64)}`],
    ["MANIFEST", "artifacts.1.size", -1],
    ["MANIFEST", "artifacts.1.size", 2 ** 53],
    ["MANIFEST", "artifacts.1.size", 0.5],
    ["MANIFEST", "artifacts.1.targets.0", "two words"],
    ["TRUSTED_BRANCH", "commit", "a".repeat(39)],
    ["TRUSTED_BRANCH", "commit", "HEAD"],
    ["TRUSTED_BRANCH", "branch", ""],
    ["OUTAGE_DECLARATION", "status", "MAYBE"],
    ["ROLLBACK_SCOPE", "packages.0.component", "other"],
    ["ROLLBACK_SCOPE", "packages.0.release.svn", -1],
    ["QUORUM_POLICY", "handoverEpochs", "-1"],
    ["SHIFT_CALENDAR", "shifts.0.endsAt", span.startsAt],
    ["SHIFT_CALENDAR", "noSigning.0.endsAt", "2025-12-31T00:00:00Z"],
    ["SHIPMENT_WINDOW", "endsAt", span.startsAt],
    ["PUBLICATION_SCOPE", "targets.0.safeguards.0", "PRAYER"],
    ["ACCEPTED_REPORTERS", "accepted.0.kind", "CREDENTIAL_REVOCATION"],
  ] as const)("%s: %s is not %j", (kind, path, value) => {
    expect(faultsOf(SourceProposal, proposal(kind, path, value))).toEqual([path]);
  });

  test("an unknown kind of source is refused, and a lane is no proposal of an authority", () => {
    for (const kind of ["WAIVER", "APPROVAL_LANE", "", null]) {
      expect(faultsOf(SourceProposal, { kind })).toEqual(["kind"]);
    }
  });
});

describe("rule 2.1: a lane names an owner, and an authority for every kind", () => {
  const authorities = AuthorityKind.options.map((kind) => ({ kind, authority: "uma" }));
  const lane = { kind: "APPROVAL_LANE", owner: "olga", authorities };

  test("each of them once", () => {
    expect(faultsOf(ApprovalLane, lane)).toEqual([]);
    const [first, ...rest] = authorities;
    expect(
      faultsOf(ApprovalLane, { ...lane, authorities: [...rest, ...rest.slice(0, 1)] }),
    ).toContain("authorities.12");
    expect(first).toBeDefined();
  });

  test.each(AuthorityKind.options)("leaving out %s is refused by name", (kind) => {
    const refused = { ...lane, authorities: authorities.filter((item) => item.kind !== kind) };
    expect(faultsOf(ApprovalLane, refused)).toEqual(["authorities"]);
    expect(wordsAbout(ApprovalLane, refused)).toContain(kind);
  });
});
