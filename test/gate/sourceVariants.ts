import type { ContentOf, SourceContent, SourceKind } from "#packet/source.ts";
import {
  ARTIFACTS,
  CONTENTS,
  ENCLAVES,
  OWNER,
  PEOPLE,
  REPORTER_KINDS,
  artifact,
  calendar,
  digestOf,
  release,
  rosterPerson,
  shift,
  window,
} from "./train.ts";

/** Three numbers that a variant, or anything random, reads as it likes. */
export interface Numbers {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** One of the items, whatever the number. */
export function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** Subjects that a reporter may be accepted for, one of each kind or nearly all. */
const LIMITS: readonly (readonly string[])[] = [
  ["app", "north", "ana", "back", "registry", "mirror"],
  [...ARTIFACTS, ...ENCLAVES, ...PEOPLE, "back", "registry", "cache"],
];

type Variants = {
  readonly [K in SourceKind]: (numbers: Numbers, generation: number) => ContentOf<K>;
};

/** Other contents of each kind that an authority may accept: numbers differ, names are gone or new. */
const VARIANTS: Variants = {
  APPROVAL_LANE: ({ a, b }) => ({
    ...CONTENTS.APPROVAL_LANE,
    owner: pick([OWNER, "ana", "ana", "probe"], a),
    ...pick(
      [
        {},
        { emergencyAccess: { maxAgeEpochs: pick([3n, 7n, 30n], a), holds: true } },
        { emergencyAccess: { maxAgeEpochs: pick([4n, 9n], a), holds: false } },
      ],
      b,
    ),
  }),
  OUTAGE_DECLARATION: ({ a, b, c }) => ({
    ...CONTENTS.OUTAGE_DECLARATION,
    declaration: pick(["outage-1", "outage-2"], a),
    fallbackTrains: [pick(["train-1", "train-1", "train-2"], b)],
    status: c % 4 === 0 ? "ENDED" : "DECLARED",
  }),
  TRUSTED_BRANCH: ({ a }) => ({ ...CONTENTS.TRUSTED_BRANCH, branch: pick(["main", "fix"], a) }),
  MANIFEST: ({ a, b, c }) => {
    const names = ARTIFACTS.filter((_, index) => index === 0 || (a >> index) % 2 === 0);
    const targets = pick([["registry"], ["registry"], ["registry", "mirror"], []], c);
    const contentOf = (name: string): string => pick([`${name}2`, name, name, "app"], b);
    return {
      kind: "MANIFEST",
      artifacts: names.map((name) => artifact(name, contentOf(name), targets)),
    };
  },
  REPRODUCIBILITY_POLICY: ({ a, b }) => ({
    kind: "REPRODUCIBILITY_POLICY",
    rebuilders: pick([["probe", "scout"], ["scout"]], a),
    minRebuilders: a % 2 === 0 ? 1 + (b % 2) : 1,
  }),
  ROLLBACK_SCOPE: rollbackScope,
  REQUIRED_ENCLAVES: ({ a, b, c }) => {
    const names = pick([ENCLAVES, ENCLAVES.slice(0, 2), ENCLAVES.slice(1)], a);
    const enclaves = (b % 2 === 0 ? names : [...names].reverse()).map((enclave) => ({
      enclave,
      measurement: digestOf(b % 7 === 0 ? "evil" : "good"),
    }));
    return { kind: "REQUIRED_ENCLAVES", enclaves, requiredEnclaves: 1 + (c % enclaves.length) };
  },
  ROSTER: ({ a, b, c }) => {
    const people = CONTENTS.ROSTER.people.filter((_, index) => index !== a % 7);
    return {
      kind: "ROSTER",
      people: people.map((item) => {
        const roles = pick([item.roles, item.roles, [...item.roles, "WITNESS" as const]], b);
        return rosterPerson(item.person, roles, c % 4 === 0 ? "red" : item.custodyGroup);
      }),
    };
  },
  SHIFT_CALENDAR: ({ a }, generation) => pick(CALENDARS, a)(generation),
  QUORUM_POLICY: ({ a, b, c }) => {
    const signers = { role: "SIGNER" as const, count: 1 + (a % 3) };
    const custodians = { role: "CUSTODIAN" as const, count: 1 + (c % 2) };
    const seats = pick(
      [
        [signers, custodians],
        [custodians, signers],
        [signers],
        [signers, custodians, { role: "WITNESS" as const, count: 1 }],
      ],
      b,
    );
    const minCustodyGroups = 1 + (b % signers.count);
    return { kind: "QUORUM_POLICY", seats, minCustodyGroups, handoverEpochs: BigInt(b % 3) };
  },
  FRESHNESS_POLICY: ({ a, b }) => {
    const ages = Object.entries(CONTENTS.FRESHNESS_POLICY).map(([field, age], index) =>
      typeof age === "bigint" ? [field, 3n + BigInt((a + b * index) % 13)] : [field, age],
    );
    return Object.fromEntries(ages) as ContentOf<"FRESHNESS_POLICY">;
  },
  PUBLICATION_SCOPE: ({ a, b }) => {
    const registry = { target: "registry", safeguards: ["REGISTRY_RELEASE" as const] };
    const advised = { target: "registry", safeguards: ["ADVISORY_TIMING" as const] };
    const mirror = { target: "mirror", safeguards: ["MIRROR_PROMOTION" as const] };
    const first = a % 2 === 0 ? registry : advised;
    return { kind: "PUBLICATION_SCOPE", targets: b % 2 === 0 ? [first] : [first, mirror] };
  },
  ACCEPTED_REPORTERS: ({ a, b, c }) => {
    const reporters = pick([["probe", "scout"], ["scout"], ["probe", "stranger"]], a);
    const kinds = REPORTER_KINDS.filter((_, index) => index !== b % 12);
    const isSigned = (index: number): boolean => c % 4 === 1 && (index + b) % 3 === 0;
    const limited = { reporter: pick(reporters, c), subjects: [...pick(LIMITS, b)] };
    return {
      kind: "ACCEPTED_REPORTERS",
      accepted: kinds.map((kind, index) => ({
        kind,
        reporters: [...reporters],
        ...(isSigned(index) ? { signed: true as const } : {}),
        ...(c % 4 === 2 ? { subjects: [limited] } : {}),
      })),
    };
  },
  SHIPMENT_WINDOW: ({ a, b }, generation) =>
    window(pick([10n, 10n, 12n], a), pick([24n, 24n, 22n, 26n], b), generation),
};

function rollbackScope({ a, b, c }: Numbers): ContentOf<"ROLLBACK_SCOPE"> {
  const kept = {
    ...release(pick(["r1", "r1", "r0"], b), pick([4, 9], a), 1),
    signedBy: pick([[], ["key-1"]], c),
  };
  const patched = {
    ...release("r2", 5, pick([4, 4, 5], a)),
    denied: b % 5 === 0 ? [digestOf("r0")] : [],
    trustedKeys: pick([[], [], ["key-1"], ["key-2"]], b),
  };
  const packages = [{ package: "back", component: "core", release: kept }];
  const trainReleases = [{ component: "core", release: patched }];
  if (c % 3 === 0) {
    packages.push({
      package: "fore",
      component: "edge",
      release: { ...kept, ...release("e1", 3, 1) },
    });
    trainReleases.push({ component: "edge", release: { ...patched, masvn: pick([3, 3, 4], a) } });
  }
  return { kind: "ROLLBACK_SCOPE", packages, trainReleases, minCustodians: 1 + (c % 2) };
}

/** Shifts that touch, overlap, leave gaps or stand aside for NO_SIGNING. */
const CALENDARS: readonly ((generation: number) => ContentOf<"SHIFT_CALENDAR">)[] = [
  (generation) => calendar([...CONTENTS.SHIFT_CALENDAR.shifts], [], generation),
  (generation) =>
    calendar(
      [shift("early", 8n, 15n), shift("late", 13n, 19n), shift("night", 18n, 24n)],
      [],
      generation,
    ),
  (generation) =>
    calendar(
      [shift("early", 8n, 12n), shift("late", 15n, 19n)],
      [{ first: 20n, last: 22n }],
      generation,
    ),
  (generation) => calendar([shift("late", 10n, 17n)], [{ first: 18n, last: 24n }], generation),
  (generation) => calendar([shift("night", 9n, 26n), shift("early", 9n, 26n)], [], generation),
  (generation) =>
    calendar(
      [shift("early", 8n, 12n), shift("night", 16n, 24n)],
      [{ first: 13n, last: 15n }],
      generation,
    ),
  (generation) =>
    calendar(
      [shift("early", 8n, 14n), shift("late", 14n, 20n), shift("night", 20n, 26n)],
      [],
      generation,
    ),
];

/** Another content of this kind, chosen by the numbers; `generation` is that of the clock's mapping. */
export function variant(kind: SourceKind, numbers: Numbers, generation: number): SourceContent {
  return VARIANTS[kind](numbers, generation);
}
