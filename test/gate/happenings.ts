import type { Actor } from "#packet/actor.ts";
import type { Report } from "#packet/entry.ts";
import type { Fact } from "#packet/fact.ts";
import type { Hold } from "#packet/hold.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Release } from "#packet/rollback.ts";
import { SourceKind } from "#packet/source.ts";
import { decideApprove, decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import {
  decideAcknowledge,
  decideBind,
  decidePlace,
  decideRelease,
  decideResubmit,
} from "#gate/decide/packet.ts";
import { openHolds } from "#gate/view.ts";
import { UNRECORDED } from "#recovery/rollback.ts";
import { type Desk, signed } from "./desk.ts";
import { digestOfRevision } from "./named.ts";
import { KEYS, bindToNewest, preparer, repair, retire, security } from "./remedies.ts";
import { emergencyPlan, exercise } from "./reports.ts";
import { type Numbers, pick, variant } from "./sourceVariants.ts";
import {
  ARTIFACTS,
  CONTENTS,
  ENCLAVES,
  LOCATIONS,
  OWNER,
  PEOPLE,
  REPORTERS,
  SHIFTS,
  digestOf,
  enclaveReport,
  goodNews,
  person,
  release as releaseOf,
} from "./train.ts";

/** Everything that can happen to a packet, each at random as the numbers have it. */

export type Happening = (desk: Desk, numbers: Numbers) => void;

const owner = person(OWNER);

/** A reporter who mostly is accepted, now and then is a stranger or the owner. */
function reporter(index: number): string {
  return pick([...REPORTERS, ...REPORTERS, "probe", "stranger", OWNER], index);
}

/** Mostly of now, now and then late, and sometimes of the future, which is refused; signed every third time. */
function tell(desk: Desk, report: Report, by: string, index: number): void {
  const age = pick([0n, 0n, 0n, 1n, 0n, 2n, 4n, 9n, -1n], index);
  const told = { ...report, observedEpoch: desk.epoch - age };
  desk.report([desk.epoch % 3n === 0n ? signed(told, desk.epoch) : told], by);
}

function check(kind: "DIGEST_CONFIRMATION" | "REPRODUCIBILITY_CHECK"): Happening {
  return (desk, { a, b, c }) => {
    const name = pick(ARTIFACTS, a);
    const spoken = desk.state.facts.manifest.byName.get(name)?.digest ?? digestOf(name);
    const digest = c % 7 === 0 ? digestOf("older") : spoken;
    const observed = c % 5 === 0 ? digestOf("other") : digest;
    tell(desk, { kind, artifact: name, digest, observed }, reporter(b), a + c);
  };
}

export const confirm = check("DIGEST_CONFIRMATION");
export const rebuild = check("REPRODUCIBILITY_CHECK");

export const availability: Happening = (desk, { a, b, c }) => {
  const named = desk.state.facts.sources.APPROVAL_LANE.content.owner;
  const who = PEOPLE.find((name) => name === named && a % 2 === 0) ?? pick(PEOPLE, a);
  const status = c % 3 === 0 ? "WITHDRAWN" : "COMMITTED";
  const by = c % (who === named ? 2 : 4) === 0 ? who : reporter(c);
  tell(desk, { kind: "AVAILABILITY", person: who, shift: pick(SHIFTS, b), status }, by, b);
};

export const custody: Happening = (desk, { a, b, c }) => {
  const { packages } = desk.state.facts.sources.ROLLBACK_SCOPE.content;
  const { package: name, release } = pick(packages, a + b);
  const { digest } = release;
  const report: Report = {
    kind: "CUSTODY",
    package: name,
    custodian: pick(PEOPLE, a),
    status: b % 3 === 0 ? "RELEASED" : "HELD",
    digest: c % 7 === 0 ? digestOf("older") : digest,
    observed: pick([digest, digest, digest, digestOf("other"), null], c),
    seal: pick(["bag-1", "bag-1", "bag-2", null], b),
  };
  tell(desk, report, reporter(c), a);
};

export const enclave: Happening = (desk, { a, b, c }) => {
  const unsealed = b % 4 === 0;
  const wrong = openHolds(desk.state).find((hold) => hold.code.startsWith("ENCLAVE_"));
  const one = a % 2 === 0 ? (wrong?.subject ?? pick(ENCLAVES, a)) : pick(ENCLAVES, a);
  const about = a % 6 === 0 ? ENCLAVES : [one];
  const report = {
    kind: "ENCLAVE_REPORT" as const,
    availability: c % 4 === 0 ? ("UNAVAILABLE" as const) : ("AVAILABLE" as const),
    sealing: unsealed ? ("UNSEALED" as const) : ("SEALED" as const),
    seal: unsealed ? null : pick(["seal-1", "seal-1", "seal-2"], b),
    measurement: pick([digestOf("good"), digestOf("good"), digestOf("evil")], c),
  };
  for (const name of about) tell(desk, { ...report, enclave: name }, reporter(b), a);
};

/** An enclave comes unsealed, and whoever seals it again leaves something else wrong with it. */
export const reseal: Happening = (desk, { a, b, c }) => {
  const report = enclaveReport(pick(ENCLAVES, a));
  if (report.kind !== "ENCLAVE_REPORT") return;
  const by = pick(REPORTERS, b);
  tell(desk, { ...report, sealing: "UNSEALED", seal: null }, by, 0);
  const other =
    c % 2 === 0 ? { availability: "UNAVAILABLE" as const } : { measurement: digestOf("evil") };
  tell(desk, { ...report, ...other }, by, 0);
};

/** Good news that somebody else tells again, of long ago. */
export const lateNews: Happening = (desk, { a, b, c }) => {
  const kind = pick(["SAFEGUARD", "CUSTODY", "AVAILABILITY", "ENCLAVE_REPORT"], a);
  const news = goodNews().filter((report) => report.kind === kind);
  const report = pick(news, c);
  const longAgo = desk.epoch > 15n ? desk.epoch - 15n : 0n;
  desk.report([{ ...report, observedEpoch: longAgo }], pick(["scout", "probe"], b));
};

export const safeguard: Happening = (desk, { a, b, c }) => {
  const name = pick(["REGISTRY_RELEASE", "ADVISORY_TIMING", "MIRROR_PROMOTION"], a);
  const status = b % 3 === 0 ? "DISENGAGED" : "ENGAGED";
  const target = pick(["registry", "registry", "mirror"], c);
  tell(desk, { kind: "SAFEGUARD", target, safeguard: name, status }, reporter(c), b);
};

export const observe: Happening = (desk, { a, b, c }) => {
  const name = pick(ARTIFACTS, a);
  const digest = pick([digestOf(name), digestOf("rogue"), digestOf(`${name}2`)], b);
  const status = c % 3 === 0 ? "GONE" : "SEEN";
  const location = pick(LOCATIONS, c);
  tell(desk, { kind: "OBSERVATION", artifact: name, digest, location, status }, reporter(b), a);
};

export const quarantine: Happening = (desk, { a, b, c }) => {
  const digests = [digestOf("rogue"), digestOf("app"), digestOf("lib2"), digestOf("lib")];
  const selector = pick(
    [
      { by: "DIGEST", digest: pick(digests, b) },
      { by: "LOCATION", location: pick(LOCATIONS, b) },
      { by: "MANIFEST", version: 1 + (b % 3) },
    ] as const,
    a,
  );
  const status = c % 3 === 0 ? "LIFTED" : "IN_FORCE";
  tell(desk, { kind: "QUARANTINE", selector, status }, reporter(c), b);
};

export const revoke: Happening = (desk, { a }) => {
  desk.report([{ kind: "CREDENTIAL_REVOCATION", person: pick([OWNER, ...PEOPLE, OWNER], a) }]);
};

/** Says mostly no less than before; what says less is refused. */
export const component: Happening = (desk, { a, b, c }) => {
  const denied = c % 4 === 0 ? [digestOf("r1")] : [];
  const trustedKeys = pick([[], [], [], [], ["key-1"], ["key-2"]], c);
  const name = pick(["core", "core", "edge"], b);
  const running = pick([null, digestOf("r2"), digestOf("r2"), digestOf("r1")], a + b);
  const standpoint = pick([null, "OUTSIDE", "OWN", "OUTSIDE"] as const, a + c);
  const report: Report = {
    kind: "COMPONENT_STATE",
    component: name,
    floor: a % 6,
    denied,
    trustedKeys,
    ...(running === null ? {} : { running }),
    ...(standpoint === null ? {} : { standpoint }),
    ...(b % 4 === 0 ? { keySlotsUsed: a % 5 } : {}),
  };
  tell(desk, report, c % 5 === 0 ? name : reporter(b), c);
};

/** A component is declared to be as it is known to be, or otherwise. */
export const declare: Happening = (desk, { a, b, c }) => {
  const name = pick(["core", "core", "core", "edge"], a);
  const known = desk.state.facts.components.get(name) ?? UNRECORDED;
  const meant = pick(
    [
      known,
      known,
      UNRECORDED,
      { ...known, floor: c % 6 },
      { ...known, denied: [digestOf("r1")] },
      { ...known, trustedKeys: ["key-1"] },
    ],
    b,
  );
  const report: Report = {
    kind: "COMPONENT_DECLARATION",
    component: name,
    componentKind: pick(["APPLICATION", "SYSTEM", "FIRMWARE"], c),
    intended: {
      release: "r2",
      digest: digestOf("r2"),
      floor: meant.floor,
      denied: [...meant.denied],
      trustedKeys: [...meant.trustedKeys],
    },
    ...(c % 3 === 2 ? { keySlots: 1 + (b % 4) } : {}),
    ...(c % 3 === 2 && a % 2 === 0 ? { spareParts: [{ release: "r0", svn: 3 }] } : {}),
  };
  tell(desk, report, pick(["rex", "ruth"], a), c);
};

/** A release runs on a component, as was asked for or not; what the component would refuse is refused. */
export const initialised: Happening = (desk, { a, b, c }) => {
  const component = pick(["core", "core", "edge"], a);
  const { trainReleases } = desk.state.facts.sources.ROLLBACK_SCOPE.content;
  const own = trainReleases.find((item) => item.component === component)?.release;
  const other: Release = {
    ...releaseOf("r3", 4 + (a % 4), b % 6),
    denied: c % 4 === 0 ? [digestOf("r0")] : [],
    trustedKeys: pick([[], [], ["key-1"], ["key-3", "key-4"]], b),
    signedBy: [...KEYS],
  };
  const ran = b % 2 === 0 && own !== undefined ? own : other;
  tell(desk, { kind: "RELEASE_INITIALISATION", component, release: ran }, reporter(b), c);
};

/** A key is rotated, begun or ended; what is no rotation is refused. */
export const rotated: Happening = (desk, { a, b, c }) => {
  const outgoing = pick(KEYS.slice(0, -1), a);
  const others = KEYS.filter((key) => key !== outgoing);
  const report: Report = {
    kind: "KEY_ROTATION",
    component: pick(["core", "core", "edge"], b),
    mode: pick(["OVERLAP", "OVERLAP", "OVERLAP_END", "SUDDEN"], c),
    outgoing,
    incoming: pick(others, b),
  };
  tell(desk, report, pick(["rex", "ruth"], a), c);
};

/** Release security says anew who responds, most often few. */
export const planEmergency: Happening = (desk, { a, b }) => {
  const people = pick([["ana"], ["ben", "ana"], ["cleo"], [OWNER, "dan"]], a);
  tell(desk, emergencyPlan(people), pick(["rex", "ruth"], b), 0);
};

/** Somebody uses the emergency path; now and then somebody else says so, which counts for nothing. */
export const exerciseEmergency: Happening = (desk, { a, b, c }) => {
  const who = pick([OWNER, desk.state.facts.sources.APPROVAL_LANE.content.owner, ...PEOPLE], a);
  const report = exercise(who, pick(["OFFLINE_SIGN_IN", "APPROVAL_SIGNATURE"], c));
  tell(desk, report, b % 7 === 0 ? "probe" : who, b);
};

/** The next version of a source: another one, or what the train began with. */
export function accept(kind: SourceKind): Happening {
  return (desk, numbers) => {
    const generation = numbers.c % 3 === 0 ? 0 : desk.clock.generation;
    const isBack = numbers.c % 3 === 0 && !("mapping" in CONTENTS[kind]);
    desk.accept(isBack ? CONTENTS[kind] : variant(kind, numbers, generation));
  };
}

export const acceptAny: Happening = (desk, numbers) =>
  accept(pick(SourceKind.options, numbers.b))(desk, numbers);

/** Binds to the newest, to the first, or to what does not exist, which is refused. */
export const bind: Happening = (desk, { a, b }) => {
  const { sources } = desk.state.facts;
  type Bound = "TRUSTED_BRANCH" | "MANIFEST" | "REPRODUCIBILITY_POLICY" | "ROLLBACK_SCOPE";
  const version = (kind: Bound): number =>
    a % 5 === 0 ? 1 : sources[kind].version + (b % 5 === 0 ? 1 : 0);
  const bindings = {
    TRUSTED_BRANCH: version("TRUSTED_BRANCH"),
    MANIFEST: version("MANIFEST"),
    REPRODUCIBILITY_POLICY: version("REPRODUCIBILITY_POLICY"),
    ROLLBACK_SCOPE: version("ROLLBACK_SCOPE"),
  };
  said(desk, decideBind(desk.state, bindings), preparer);
};

/** Brings everything in order that fresh evidence can bring in order. */
export const refresh: Happening = (desk) => {
  bindToNewest(desk);
  const all = goodNews().map((report) => aboutNewest(desk, report));
  const shared: Report[] = all.filter((report) => report.kind === "ENCLAVE_REPORT");
  const own = all.filter((report) => !shared.includes(report) && desk.canSpeakOf(report));
  desk.reportAsAsked(own);
  desk.reportAsAsked(
    own.filter((report) => report.kind === "REPRODUCIBILITY_CHECK"),
    "scout",
  );
  desk.reportAsAsked([...shared, enclaveReport("west")]);
};

function aboutNewest(desk: Desk, report: Report): Report {
  if (report.kind !== "DIGEST_CONFIRMATION" && report.kind !== "REPRODUCIBILITY_CHECK")
    return report;
  const digest = desk.state.facts.manifest.byName.get(report.artifact)?.digest ?? report.digest;
  return { ...report, digest, observed: digest };
}

/** One open hold, rare codes as likely as common ones. */
function anyOpen(desk: Desk, { a, b }: Numbers): Hold | null {
  const open = openHolds(desk.state);
  if (open.length === 0) return null;
  const code = pick([...new Set(open.map((hold) => hold.code))], a);
  return pick(
    open.filter((hold) => hold.code === code),
    b,
  );
}

/** Somebody clears one open hold. */
export const repairOne: Happening = (desk, numbers) => {
  const hold = anyOpen(desk, numbers);
  if (hold !== null) repair(desk, hold);
};

/** Everything is refreshed, and then each hold that is still open repaired. */
export const settle: Happening = (desk, numbers) => {
  refresh(desk, numbers);
  for (const hold of openHolds(desk.state)) {
    if (desk.state.register.get(`${hold.code} ${hold.subject}`)?.status === "OPEN")
      repair(desk, hold);
  }
  bindToNewest(desk);
};

/** Upstream takes the subject of one open hold out of the scope. */
export const retireOne: Happening = (desk, numbers) => {
  const hold = anyOpen(desk, numbers);
  if (hold !== null) retire(desk, hold);
};

function said(desk: Desk, decided: Fact | Refusal, actor: Actor): void {
  if (!(decided instanceof Refusal)) desk.append(decided, actor);
}

/** Approves the head, or now and then an older revision; the answer is kept for the other judge to compare. */
export const approve: Happening = (desk, { a, b, c }) => {
  const revision = Math.max(1, desk.state.revision - (a % 5 === 0 ? b % 3 : 0));
  // A closed packet hears nothing more of the clock.
  const doubt = desk.state.facts.clock.frozen ? "EPOCH_FROZEN" : null;
  const named = person(desk.state.facts.sources.APPROVAL_LANE.content.owner);
  const machine = { ...owner, kind: "SYSTEM" as const };
  const actor = pick([named, named, named, named, owner, owner, person("ana"), machine], c);
  const digest = digestOfRevision(revision);
  const decided = decideApprove(
    desk.state,
    { revision, digest, recordedDigest: digest },
    { actor, epoch: desk.epoch, doubt },
  );
  desk.attempts.push({ at: desk.history.length, epoch: desk.epoch, revision, actor, decided });
  said(desk, decided, actor);
};

/** Mostly whoever may, now and then somebody who may not. */
function decider(entitled: Actor, index: number): Actor {
  const machine = { ...entitled, kind: "SYSTEM" as const };
  return pick(
    [entitled, entitled, entitled, preparer, owner, owner, person("ben"), machine],
    index,
  );
}

export const reject: Happening = (desk, { b }) => {
  const actor = decider(owner, b);
  said(desk, decideReject(desk.state, "not yet", { actor, epoch: desk.epoch, doubt: null }), actor);
};

export const resubmit: Happening = (desk, { b }) => {
  const actor = decider(preparer, b);
  said(
    desk,
    decideResubmit(desk.state, "mended", { actor, epoch: desk.epoch, doubt: null }),
    actor,
  );
};

export const withdraw: Happening = (desk, { a, b }) => {
  const actor = decider(a % 2 === 0 ? security : owner, b);
  said(desk, decideWithdraw(desk.state, "over", { actor, epoch: desk.epoch, doubt: null }), actor);
};

export const place: Happening = (desk) => said(desk, decidePlace(desk.state, "worried"), preparer);

export const release: Happening = (desk, { a }) =>
  said(desk, decideRelease(desk.state, 1 + (a % 3), "settled"), security);

export const acknowledge: Happening = (desk) =>
  said(desk, decideAcknowledge(desk.state, "seen"), preparer);

export const breakClock: Happening = (desk, { a }) => {
  if (a % 5 === 4) desk.breakClock("RATE_CHANGED");
  else if (desk.clock.frozen) desk.breakClock("THAWED");
  else desk.breakClock(a % 2 === 0 ? "FROZEN" : "ADVANCED_BY_HAND");
};

/** Time stands still while the epoch is frozen. */
export const pass: Happening = (desk, { a }) => {
  if (!desk.clock.frozen) desk.pass(BigInt(1 + (a % 3)));
};
