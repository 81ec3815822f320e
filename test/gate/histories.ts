import type { Report } from "#packet/entry.ts";
import { Refusal } from "#packet/refusal.ts";
import { type ContentOf, type SourceContent, SourceKind } from "#packet/source.ts";
import { decideApprove, decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import {
  decideAcknowledge,
  decidePlace,
  decideRelease,
  decideResubmit,
} from "#gate/decide/packet.ts";
import { digestOfRevision } from "./named.ts";
import { Desk } from "./desk.ts";
import {
  ARTIFACTS,
  CONTENTS,
  ENCLAVES,
  LOCATIONS,
  OWNER,
  PEOPLE,
  REPORTERS,
  REPORTER_KINDS,
  SHIFTS,
  artifact,
  calendar,
  digestOf,
  enclaveReport,
  goodNews,
  person,
  release,
  rosterPerson,
  shift,
  window,
} from "./train.ts";

/** One random step: which act, and three numbers that the act reads as it likes. */
export interface Step {
  readonly act: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

type Act = (desk: Desk, step: Step) => void;

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** A reporter who mostly is accepted, now and then is a stranger or the owner. */
function reporter(index: number): string {
  return pick([...REPORTERS, ...REPORTERS, "probe", "stranger", OWNER], index);
}

const owner = person(OWNER);
const preparer = person("pia", "PREPARER");
const security = person("rex", "RELEASE_SECURITY");

function confirm(kind: "DIGEST_CONFIRMATION" | "REPRODUCIBILITY_CHECK"): Act {
  return (desk, { a, b, c }) => {
    const name = pick(ARTIFACTS, a);
    const spoken = desk.state.facts.manifest.byName.get(name)?.digest ?? digestOf(name);
    const digest = c % 7 === 0 ? digestOf("older") : spoken;
    const observed = c % 5 === 0 ? digestOf("other") : digest;
    const age = desk.epoch - BigInt(c % 3);
    desk.report([{ kind, artifact: name, digest, observed, observedEpoch: age }], reporter(b));
  };
}

function availability(desk: Desk, { a, b, c }: Step): void {
  const who = pick(PEOPLE, a);
  const status = c % 3 === 0 ? "WITHDRAWN" : "COMMITTED";
  const by = c % 4 === 0 ? who : reporter(c);
  desk.report([{ kind: "AVAILABILITY", person: who, shift: pick(SHIFTS, b), status }], by);
}

function custody(desk: Desk, { a, b, c }: Step): void {
  const digest =
    desk.state.facts.sources.ROLLBACK_SCOPE.content.packages[0]?.release.digest ?? digestOf("r1");
  const report: Report = {
    kind: "CUSTODY",
    package: "back",
    custodian: pick(PEOPLE, a),
    status: b % 4 === 0 ? "RELEASED" : "HELD",
    digest: c % 7 === 0 ? digestOf("older") : digest,
    observed: pick([digest, digest, digest, digestOf("other"), null], c),
    seal: pick(["bag-1", "bag-1", "bag-2", null], b),
  };
  desk.report([report], reporter(c));
}

function enclave(desk: Desk, { a, b, c }: Step): void {
  const unsealed = b % 4 === 0;
  const report: Report = {
    kind: "ENCLAVE_REPORT",
    enclave: pick(ENCLAVES, a),
    availability: c % 4 === 0 ? "UNAVAILABLE" : "AVAILABLE",
    sealing: unsealed ? "UNSEALED" : "SEALED",
    seal: unsealed ? null : pick(["seal-1", "seal-1", "seal-2"], b),
    measurement: pick([digestOf("good"), digestOf("good"), digestOf("evil")], c),
  };
  desk.report([report], reporter(b));
}

function safeguard(desk: Desk, { a, b, c }: Step): void {
  const name = pick(["REGISTRY_RELEASE", "ADVISORY_TIMING", "MIRROR_PROMOTION"], a);
  const status = b % 3 === 0 ? "DISENGAGED" : "ENGAGED";
  desk.report(
    [{ kind: "SAFEGUARD", target: pick(["registry", "mirror"], c), safeguard: name, status }],
    reporter(c),
  );
}

function observe(desk: Desk, { a, b, c }: Step): void {
  const name = pick(ARTIFACTS, a);
  const digest = pick([digestOf(name), digestOf("rogue"), digestOf(`${name}2`)], b);
  const status = c % 3 === 0 ? "GONE" : "SEEN";
  desk.report(
    [{ kind: "OBSERVATION", artifact: name, digest, location: pick(LOCATIONS, c), status }],
    reporter(b),
  );
}

function quarantine(desk: Desk, { a, b, c }: Step): void {
  const digests = [digestOf("rogue"), digestOf("app"), digestOf("lib2"), digestOf("lib")];
  const selector = pick(
    [
      { by: "DIGEST", digest: pick(digests, b) },
      { by: "LOCATION", location: pick(LOCATIONS, b) },
      { by: "MANIFEST", version: 1 + (b % 2) },
    ] as const,
    a,
  );
  desk.report(
    [{ kind: "QUARANTINE", selector, status: c % 3 === 0 ? "LIFTED" : "IN_FORCE" }],
    reporter(c),
  );
}

function revoke(desk: Desk, { a }: Step): void {
  desk.report([{ kind: "CREDENTIAL_REVOCATION", person: pick([...PEOPLE, OWNER], a) }]);
}

function component(desk: Desk, { a, b, c }: Step): void {
  const denied = c % 4 === 0 ? [digestOf("r1")] : [];
  const trustedKeys = c % 5 === 0 ? ["key-1"] : [];
  desk.report(
    [{ kind: "COMPONENT_STATE", component: "core", floor: a % 6, denied, trustedKeys }],
    reporter(b),
  );
}

/** Another version of a source: some numbers differ, some names are gone or new. */
function variant(kind: SourceKind, { a, b, c }: Step, desk: Desk): SourceContent {
  const now = CONTENTS;
  const generation = c % 3 === 0 ? 0 : desk.clock.generation;
  switch (kind) {
    case "APPROVAL_LANE":
      return { ...now.APPROVAL_LANE, owner: pick([OWNER, OWNER, "ana", "probe"], a) };
    case "OUTAGE_DECLARATION": {
      const declaration = pick(["outage-1", "outage-2"], a);
      const fallbackTrains = [pick(["train-1", "train-1", "train-2"], b)];
      return {
        ...now[kind],
        declaration,
        fallbackTrains,
        status: c % 4 === 0 ? "ENDED" : "DECLARED",
      };
    }
    case "TRUSTED_BRANCH":
      return { ...now[kind], branch: pick(["main", "fix"], a) };
    case "MANIFEST": {
      const names = ARTIFACTS.filter((_, index) => index === 0 || (a >> index) % 2 === 0);
      const targets = pick([["registry"], ["registry"], ["registry", "mirror"], []], c);
      return {
        kind,
        artifacts: names.map((name) => artifact(name, b % 3 === 0 ? `${name}2` : name, targets)),
      };
    }
    case "REPRODUCIBILITY_POLICY":
      return {
        kind,
        rebuilders: pick([["probe", "scout"], ["scout"]], a),
        minRebuilders: 1 + (a % 2 === 0 ? b % 2 : 0),
      };
    case "ROLLBACK_SCOPE": {
      const patched = { component: "core", release: release("r2", 5, pick([4, 4, 5], a)) };
      const kept = {
        package: "back",
        component: "core",
        release: release(pick(["r1", "r1", "r0"], b), 4, 1),
      };
      return { kind, packages: [kept], trainReleases: [patched], minCustodians: 1 + (c % 2) };
    }
    case "REQUIRED_ENCLAVES": {
      const enclaves = ENCLAVES.slice(a % 2, 2 + (b % 2)).map((name) => ({
        enclave: name,
        measurement: digestOf("good"),
      }));
      return { kind, enclaves, requiredEnclaves: 1 + (c % enclaves.length) };
    }
    case "ROSTER": {
      const people = now.ROSTER.people.filter((_, index) => index !== a % 7);
      return {
        kind,
        people: people.map((item) =>
          c % 4 === 0 ? rosterPerson(item.person, item.roles, "red") : item,
        ),
      };
    }
    case "SHIFT_CALENDAR":
      return pick(CALENDARS, a)(generation);
    case "QUORUM_POLICY": {
      const signers = 1 + (a % 3);
      const seats = [
        { role: "SIGNER" as const, count: signers },
        { role: "CUSTODIAN" as const, count: 1 + (c % 2) },
      ];
      return { kind, seats, minCustodyGroups: 1 + (b % signers), handoverEpochs: BigInt(b % 3) };
    }
    case "FRESHNESS_POLICY": {
      const ages = Object.entries(now[kind]).map(([field, age]) =>
        typeof age === "bigint" ? [field, age + BigInt((a + field.length) % 5) - 2n] : [field, age],
      );
      return Object.fromEntries(ages) as ContentOf<"FRESHNESS_POLICY">;
    }
    case "PUBLICATION_SCOPE": {
      const registry = {
        target: "registry",
        safeguards: a % 2 === 0 ? (["REGISTRY_RELEASE"] as const) : (["ADVISORY_TIMING"] as const),
      };
      const mirror = { target: "mirror", safeguards: ["MIRROR_PROMOTION"] as const };
      const targets = b % 2 === 0 ? [registry] : [registry, mirror];
      return {
        kind,
        targets: targets.map((item) => ({ ...item, safeguards: [...item.safeguards] })),
      };
    }
    case "ACCEPTED_REPORTERS": {
      const reporters = pick([["probe", "scout"], ["scout"], ["probe", "stranger"]], a);
      const kinds = REPORTER_KINDS.filter((_, index) => index !== b % 12);
      return { kind, accepted: kinds.map((item) => ({ kind: item, reporters: [...reporters] })) };
    }
    case "SHIPMENT_WINDOW":
      return window(pick([10n, 10n, 12n], a), pick([24n, 24n, 22n, 26n], b), generation);
  }
}

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
];

function accept(kind: SourceKind): Act {
  return (desk, step) => {
    desk.accept(
      step.c % 3 === 0 && !("mapping" in CONTENTS[kind])
        ? CONTENTS[kind]
        : variant(kind, step, desk),
    );
  };
}

function bind(desk: Desk, { a }: Step): void {
  const { sources } = desk.state.facts;
  const version = (
    kind: "TRUSTED_BRANCH" | "MANIFEST" | "REPRODUCIBILITY_POLICY" | "ROLLBACK_SCOPE",
  ): number => (a % 5 === 0 ? 1 : sources[kind].version);
  const bindings = {
    TRUSTED_BRANCH: version("TRUSTED_BRANCH"),
    MANIFEST: version("MANIFEST"),
    REPRODUCIBILITY_POLICY: version("REPRODUCIBILITY_POLICY"),
    ROLLBACK_SCOPE: version("ROLLBACK_SCOPE"),
  };
  desk.append({ kind: "PACKET_BOUND", bindings }, preparer);
}

/** Brings everything in order that fresh evidence can bring in order. */
function mend(desk: Desk): void {
  bind(desk, { act: 0, a: 1, b: 0, c: 0 });
  const all = goodNews().map((report) => aboutNewest(desk, report));
  const shared: Report[] = all.filter((report) => report.kind === "ENCLAVE_REPORT");
  const own = all.filter((report) => !shared.includes(report) && desk.canSpeakOf(report));
  desk.report(own);
  desk.report(
    own.filter((report) => report.kind === "REPRODUCIBILITY_CHECK"),
    "scout",
  );
  desk.report([...shared, enclaveReport("west")]);
}

function aboutNewest(desk: Desk, report: Report): Report {
  if (report.kind !== "DIGEST_CONFIRMATION" && report.kind !== "REPRODUCIBILITY_CHECK")
    return report;
  const digest = desk.state.facts.manifest.byName.get(report.artifact)?.digest ?? report.digest;
  return { ...report, digest, observed: digest };
}

/** Approves the head, or now and then an older revision; the answer is kept for the other judge to compare. */
function approve(desk: Desk, { a, b, c }: Step): void {
  const revision = Math.max(1, desk.state.revision - (a % 5 === 0 ? b % 3 : 0));
  const doubt = desk.clock.frozen ? "EPOCH_FROZEN" : null;
  const actor = pick(
    [owner, owner, owner, owner, owner, person("ana"), { ...owner, kind: "SYSTEM" as const }],
    c,
  );
  const digest = digestOfRevision(revision);
  const decided = decideApprove(
    desk.state,
    { revision, digest, recordedDigest: digest },
    { actor, epoch: desk.epoch, doubt },
  );
  desk.attempts.push({ at: desk.history.length, epoch: desk.epoch, revision, actor, decided });
  if (!(decided instanceof Refusal)) desk.append(decided, actor);
}

function decide(desk: Desk, { a, b }: Step): void {
  const asking = { epoch: desk.epoch, doubt: null };
  const said = pick(
    [
      () => decideReject(desk.state, "not yet", { ...asking, actor: owner }),
      () => decideResubmit(desk.state, "mended", { ...asking, actor: preparer }),
      () => decideResubmit(desk.state, "mended", { ...asking, actor: preparer }),
      () => decidePlace(desk.state, "worried"),
      () => decideRelease(desk.state, 1 + (b % 3), "settled"),
      () => decideRelease(desk.state, 1 + (b % 3), "settled"),
      () => decideAcknowledge(desk.state, "seen"),
      () =>
        b % 6 === 0
          ? decideWithdraw(desk.state, "over", { ...asking, actor: security })
          : decidePlace(desk.state, "no"),
    ],
    a,
  )();
  const actor = pick(
    [owner, preparer, preparer, security, security, security, preparer, security],
    a,
  );
  if (!(said instanceof Refusal)) desk.append(said, actor);
}

function clock(desk: Desk, { a }: Step): void {
  if (a % 3 !== 0) return;
  if (desk.clock.frozen) desk.breakClock("THAWED");
  else desk.breakClock(a % 2 === 0 ? "FROZEN" : "ADVANCED_BY_HAND");
}

/** Time stands still while the epoch is frozen. */
function pass(desk: Desk, { a }: Step): void {
  if (!desk.clock.frozen) desk.pass(BigInt(1 + (a % 3)));
}

/** What drifts by itself, and what people do about it. */
const CALM: readonly Act[] = [
  ...Array.from({ length: 9 }, () => pass),
  confirm("DIGEST_CONFIRMATION"),
  confirm("REPRODUCIBILITY_CHECK"),
  availability,
  custody,
  enclave,
  safeguard,
  observe,
  quarantine,
  mend,
  mend,
  mend,
  mend,
  approve,
  approve,
  approve,
  approve,
  decide,
];

/** The same with everything else that can happen. */
const STORM: readonly Act[] = [
  ...CALM,
  ...CALM.filter((act) => act !== mend),
  revoke,
  component,
  bind,
  clock,
  ...SourceKind.options.map(accept),
];

/** Steps are drawn from this many acts; the numbers above a list's length begin it again. */
export const ACT_COUNT = STORM.length;

/** Plays a random history: half of them calm, where approvals live long enough to be suspended. */
export function play(steps: readonly Step[], start: Step): Desk {
  const desk = new Desk([], start.a % 4 === 0 ? [] : goodNews());
  if (start.b % 3 === 0) accept(pick(SourceKind.options, start.c))(desk, start);
  const acts = start.act % 2 === 0 ? CALM : STORM;
  for (const step of steps) pick(acts, step.act)(desk, step);
  return desk;
}
