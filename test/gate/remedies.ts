import type { Report } from "#packet/entry.ts";
import type { HoldCode } from "#packet/hold.ts";
import { Refusal } from "#packet/refusal.ts";
import type { ContentOf } from "#packet/source.ts";
import { UNRECORDED } from "#recovery/rollback.ts";
import { decideBind, decideRelease, decideResubmit } from "#gate/decide/packet.ts";
import { openHolds } from "#gate/view.ts";
import type { Desk } from "./desk.ts";
import { emergencyPlan, exercise } from "./reports.ts";
import {
  ARTIFACTS,
  CONTENTS,
  artifact,
  calendar,
  digestOf,
  enclaveReport,
  person,
  window,
} from "./train.ts";

/** What people do about one open hold: what clears it, or what takes its subject out of the scope. */

export const preparer = person("pia", "PREPARER");
export const security = person("rex", "RELEASE_SECURITY");

interface OpenHold {
  readonly code: HoldCode;
  readonly subject: string;
}
type Deed = (desk: Desk, names: readonly [string, string, string]) => void;

/** Somebody whose word about this counts now, if anybody's does. */
function speaker(desk: Desk, kind: Report["kind"]): string {
  const { sources } = desk.state.facts;
  const { owner } = sources.APPROVAL_LANE.content;
  const listed = sources.ACCEPTED_REPORTERS.content.accepted.find((item) => item.kind === kind);
  return listed?.reporters.find((name) => name !== owner) ?? "probe";
}

function tell(desk: Desk, report: Report, ...others: readonly Report[]): void {
  desk.reportAsAsked([report, ...others], speaker(desk, report.kind));
}

/** Binds to the newest version of everything. */
export function bindToNewest(desk: Desk): void {
  const { TRUSTED_BRANCH, MANIFEST, REPRODUCIBILITY_POLICY, ROLLBACK_SCOPE } =
    desk.state.facts.sources;
  const bindings = {
    TRUSTED_BRANCH: TRUSTED_BRANCH.version,
    MANIFEST: MANIFEST.version,
    REPRODUCIBILITY_POLICY: REPRODUCIBILITY_POLICY.version,
    ROLLBACK_SCOPE: ROLLBACK_SCOPE.version,
  };
  const said = decideBind(desk.state, bindings);
  if (!(said instanceof Refusal)) desk.append(said, preparer);
}

function isOpenFor(
  desk: Desk,
  kind: "DIGEST_CONFIRMATION" | "REPRODUCIBILITY_CHECK",
  name: string,
) {
  const start = kind === "DIGEST_CONFIRMATION" ? "DIGEST_" : "REPRODUCIBILITY_";
  return openHolds(desk.state).some(
    (hold) => hold.code.startsWith(start) && hold.subject.startsWith(`${name} `),
  );
}

/** Everybody who ever checked says that the artifact is the manifest's. */
function checkAgain(kind: "DIGEST_CONFIRMATION" | "REPRODUCIBILITY_CHECK"): Deed {
  return (desk, [name]) => {
    const digest = desk.state.facts.manifest.byName.get(name)?.digest ?? digestOf(name);
    const report = { kind, artifact: name, digest, observed: digest };
    for (const reporter of ["scout", "probe", "stranger"]) {
      if (isOpenFor(desk, kind, name)) desk.reportAsAsked([report], reporter);
    }
  };
}

const reportFit: Deed = (desk, [enclave]) => {
  const accepted = desk.state.facts.sources.REQUIRED_ENCLAVES.content.enclaves;
  const measurement = accepted.find((item) => item.enclave === enclave)?.measurement;
  const report = enclaveReport(enclave);
  if (report.kind === "ENCLAVE_REPORT" && measurement !== undefined)
    tell(desk, { ...report, measurement });
};

const commitEverybody: Deed = (desk, [shift]) => {
  const committed = (name: string): Report => ({
    kind: "AVAILABILITY",
    person: name,
    shift,
    status: "COMMITTED",
  });
  const { people } = desk.state.facts.sources.ROSTER.content;
  const [first, ...others] = people.map((item) => committed(item.person));
  if (first !== undefined) tell(desk, first, ...others);
};

const takeCustody: Deed = (desk, [name]) => {
  const { packages } = desk.state.facts.sources.ROLLBACK_SCOPE.content;
  const digest = packages.find((item) => item.package === name)?.release.digest;
  if (digest === undefined) return;
  const bag = { status: "HELD" as const, digest, observed: digest };
  const heldBy = (custodian: string): Report => ({
    kind: "CUSTODY",
    package: name,
    custodian,
    seal: `bag-${custodian}`,
    ...bag,
  });
  const onRoster = desk.state.facts.sources.ROSTER.content.people.map((item) => item.person);
  const [first, ...others] = ["ben", "cleo", "dan"].filter((who) => onRoster.includes(who));
  if (first !== undefined) tell(desk, heldBy(first), ...others.map(heldBy));
};

const takeTurns: Deed = (desk, [name, digest, shift]) => {
  takeCustody(desk, [name, digest, ""]);
  commitEverybody(desk, [shift, "", ""]);
};

const liftQuarantines: Deed = (desk, [, digest]) => {
  const selectors = [
    { by: "DIGEST", digest } as const,
    ...["mirror", "cache"].map((location) => ({ by: "LOCATION", location }) as const),
  ];
  for (const selector of selectors) {
    const key = `QUARANTINE ${selector.by === "DIGEST" ? `DIGEST ${digest}` : `LOCATION ${selector.location}`}`;
    if (desk.state.facts.evidence.has(key))
      tell(desk, { kind: "QUARANTINE", selector, status: "LIFTED" });
  }
};

const mapTimeAgain: Deed = (desk) => {
  if (desk.clock.frozen) desk.breakClock("THAWED");
  const { SHIPMENT_WINDOW, SHIFT_CALENDAR } = desk.state.facts.sources;
  const { shifts, noSigning } = SHIFT_CALENDAR.content;
  const { first, last } = SHIPMENT_WINDOW.content;
  const { generation } = desk.clock;
  const again = [window(first, last, generation), calendar(shifts, [...noSigning], generation)];
  for (const content of desk.state.revision % 2 === 0 ? again : again.reverse())
    desk.accept(content);
};

const coverGap: Deed = (desk, [last]) => {
  const { shifts, noSigning } = desk.state.facts.sources.SHIFT_CALENDAR.content;
  const [first = CONTENTS.SHIFT_CALENDAR.shifts[0], ...others] = shifts;
  if (first === undefined) return;
  const longer = { ...first, last: BigInt(last) > first.last ? BigInt(last) : first.last };
  const rest = noSigning.filter((span) => span.first > longer.last);
  desk.accept(calendar([longer, ...others], rest, desk.clock.generation));
};

/** Somebody looks at the component from outside, and what they see is declared to be meant. */
const bringToIntention: Deed = (desk, [name]) => {
  const { facts } = desk.state;
  const kept = facts.sources.ROLLBACK_SCOPE.content.packages.find((item) => item.package === name);
  if (kept === undefined) return;
  const { component } = kept;
  const { floor, denied, trustedKeys } = facts.components.get(component) ?? UNRECORDED;
  const refuses = { floor, denied: [...denied], trustedKeys: [...trustedKeys] };
  const running = digestOf("r2");
  const state = { kind: "COMPONENT_STATE", component, ...refuses, running } as const;
  const keySlotsUsed = 2;
  tell(desk, { ...state, standpoint: "OUTSIDE", keySlotsUsed });
  tell(desk, {
    kind: "COMPONENT_DECLARATION",
    component,
    componentKind: "FIRMWARE",
    intended: { release: "r2", digest: running, ...refuses },
    keySlots: 4,
  });
};

/** Every key that anything is ever signed with; the last one is never rotated out. */
export const KEYS = ["key-1", "key-2", "key-3", "key-4"] as const;

/** What clears a hold of each code; `names` are those of its subject. */
const REPAIRS: Readonly<Record<HoldCode, Deed>> = {
  OUTAGE_NOT_STANDING: (desk, [declaration]) =>
    desk.accept({ ...CONTENTS.OUTAGE_DECLARATION, declaration }),
  MANIFEST_BINDING_STALE: bindToNewest,
  BRANCH_BINDING_STALE: bindToNewest,
  REPRODUCIBILITY_POLICY_STALE: bindToNewest,
  ROLLBACK_SCOPE_STALE: bindToNewest,
  REPRODUCIBILITY_REFERENCE_MISSING: checkAgain("REPRODUCIBILITY_CHECK"),
  REPRODUCIBILITY_REFERENCE_STALE: checkAgain("REPRODUCIBILITY_CHECK"),
  REPRODUCIBILITY_MISMATCH: checkAgain("REPRODUCIBILITY_CHECK"),
  ROLLBACK_INADMISSIBLE: (desk) => {
    const { packages, trainReleases, ...scope } = desk.state.facts.sources.ROLLBACK_SCOPE.content;
    const sound = packages.map((item) => ({
      ...item,
      release: { ...item.release, svn: 9, signedBy: [...KEYS] },
    }));
    const milder = trainReleases.map((item) => ({
      ...item,
      release: { ...item.release, denied: [], trustedKeys: ["key-4"], signedBy: [...KEYS] },
    }));
    desk.accept({ ...scope, packages: sound, trainReleases: milder });
  },
  ROLLBACK_COMPONENT_DEVIATION: bringToIntention,
  ENCLAVE_UNREPORTED: reportFit,
  ENCLAVE_UNAVAILABLE: reportFit,
  ENCLAVE_UNSEALED: reportFit,
  ENCLAVE_MEASUREMENT_MISMATCH: reportFit,
  ENCLAVE_ATTESTATION_STALE: reportFit,
  SIGNER_QUORUM_MISSING: commitEverybody,
  CUSTODY_GROUPS_MISSING: commitEverybody,
  SHIFT_COVERAGE_GAP: coverGap,
  ROLLBACK_CUSTODY_GAP: takeCustody,
  ROLLBACK_DIGEST_MISMATCH: (desk, names) => {
    takeCustody(desk, names);
    const [name, digest] = names;
    const handedOver = { status: "RELEASED" as const, digest, observed: null, seal: null };
    for (const custodian of ["ana", "eve"])
      if (desk.state.facts.evidence.has(`CUSTODY ${name} ${custodian}`))
        tell(desk, { kind: "CUSTODY", package: name, custodian, ...handedOver });
  },
  CUSTODY_COVERAGE_GAP: takeTurns,
  DIGEST_CONFIRMATION_MISSING: checkAgain("DIGEST_CONFIRMATION"),
  DIGEST_CONFIRMATION_STALE: checkAgain("DIGEST_CONFIRMATION"),
  DIGEST_MISMATCH: checkAgain("DIGEST_CONFIRMATION"),
  PUBLICATION_SCOPE_AMBIGUOUS: (desk) => {
    const registry = { target: "registry", safeguards: ["REGISTRY_RELEASE" as const] };
    const mirror = { target: "mirror", safeguards: ["MIRROR_PROMOTION" as const] };
    const { artifacts } = desk.state.facts.sources.MANIFEST.content;
    if (artifacts.some((item) => item.targets.length === 0)) {
      const aimed = artifacts.map((item) => ({ ...item, targets: ["registry"] }));
      desk.accept({ kind: "MANIFEST", artifacts: aimed });
    } else desk.accept({ kind: "PUBLICATION_SCOPE", targets: [registry, mirror] });
  },
  PUBLICATION_SAFEGUARD_MISSING: (desk, [target, safeguard]) =>
    tell(desk, { kind: "SAFEGUARD", target, safeguard, status: "ENGAGED" }),
  ARTIFACT_NOT_QUARANTINED: (desk, [, digest]) =>
    tell(desk, { kind: "QUARANTINE", selector: { by: "DIGEST", digest }, status: "IN_FORCE" }),
  MANIFEST_ARTIFACT_QUARANTINED: liftQuarantines,
  TIME_MAPPING_STALE: mapTimeAgain,
  EMERGENCY_ACCESS_UNEXERCISED: (desk, [name]) => desk.report([exercise(name)], name),
  OPERATOR_HOLD: (desk, [placement]) => {
    const said = decideRelease(desk.state, Number(placement), "settled");
    if (!(said instanceof Refusal)) desk.append(said, security);
  },
  APPROVAL_REJECTED: (desk) => {
    const asking = { actor: preparer, epoch: desk.epoch, doubt: null };
    const said = decideResubmit(desk.state, "mended", asking);
    if (!(said instanceof Refusal)) desk.append(said, preparer);
  },
};

const dropArtifact: Deed = (desk, [name]) => {
  const { artifacts } = desk.state.facts.sources.MANIFEST.content;
  const rest = artifacts.filter((item) => item.name !== name);
  const kept =
    rest.length > 0
      ? rest
      : ARTIFACTS.filter((other) => other !== name).map((other) => artifact(other));
  desk.accept({ kind: "MANIFEST", artifacts: kept });
};

const swapPackage: Deed = (desk, [name]) => {
  const scope: ContentOf<"ROLLBACK_SCOPE"> = desk.state.facts.sources.ROLLBACK_SCOPE.content;
  const packages = scope.packages.map((item) => {
    if (item.package !== name) return item;
    const swapped = item.release.release === "r1" ? "r0" : "r1";
    return { ...item, release: { ...item.release, release: swapped, digest: digestOf(swapped) } };
  });
  desk.accept({ ...scope, packages });
};

const dropEnclave: Deed = (desk, [name]) => {
  const { enclaves } = desk.state.facts.sources.REQUIRED_ENCLAVES.content;
  const rest = enclaves.filter((item) => item.enclave !== name);
  if (rest.length > 0)
    desk.accept({ kind: "REQUIRED_ENCLAVES", enclaves: rest, requiredEnclaves: 1 });
};

const dropShift: Deed = (desk, [name]) => {
  const { shifts, noSigning } = desk.state.facts.sources.SHIFT_CALENDAR.content;
  const rest = shifts.filter((item) => item.shift !== name);
  if (rest.length > 0) desk.accept(calendar(rest, [...noSigning], desk.clock.generation));
};

const closeWindowSooner: Deed = (desk, [last]) => {
  const sooner = BigInt(last) - 1n;
  if (sooner > desk.epoch) desk.accept(window(10n, sooner, desk.clock.generation));
};

/** How the subject of a hold of each code leaves the scope, where it can. */
const RETIREMENTS: Partial<Readonly<Record<HoldCode, Deed>>> = {
  OUTAGE_NOT_STANDING: (desk, [declaration]) =>
    desk.accept({ ...CONTENTS.OUTAGE_DECLARATION, declaration: `${declaration}a` }),
  REPRODUCIBILITY_REFERENCE_MISSING: dropArtifact,
  REPRODUCIBILITY_REFERENCE_STALE: dropArtifact,
  REPRODUCIBILITY_MISMATCH: dropArtifact,
  DIGEST_CONFIRMATION_MISSING: dropArtifact,
  DIGEST_CONFIRMATION_STALE: dropArtifact,
  DIGEST_MISMATCH: dropArtifact,
  PUBLICATION_SCOPE_AMBIGUOUS: dropArtifact,
  MANIFEST_ARTIFACT_QUARANTINED: dropArtifact,
  ARTIFACT_NOT_QUARANTINED: (desk, [name, digest]) => {
    const { artifacts } = desk.state.facts.sources.MANIFEST.content;
    const others = artifacts.filter((item) => item.name !== name);
    desk.accept({ kind: "MANIFEST", artifacts: [...others, { ...artifact(name), digest }] });
  },
  ROLLBACK_INADMISSIBLE: swapPackage,
  ROLLBACK_CUSTODY_GAP: swapPackage,
  ROLLBACK_DIGEST_MISMATCH: swapPackage,
  CUSTODY_COVERAGE_GAP: (desk, names) => {
    const [, digest, shift] = names;
    if (digest === digestOf("r1")) dropShift(desk, [shift, "", ""]);
    else swapPackage(desk, names);
  },
  ENCLAVE_UNREPORTED: dropEnclave,
  ENCLAVE_UNAVAILABLE: dropEnclave,
  ENCLAVE_UNSEALED: dropEnclave,
  ENCLAVE_MEASUREMENT_MISMATCH: dropEnclave,
  ENCLAVE_ATTESTATION_STALE: dropEnclave,
  SIGNER_QUORUM_MISSING: dropShift,
  CUSTODY_GROUPS_MISSING: dropShift,
  SHIFT_COVERAGE_GAP: (desk, names) => {
    const { shifts } = desk.state.facts.sources.SHIFT_CALENDAR.content;
    const next = shifts.find((shift) => shift.first === BigInt(names[0]) + 1n);
    if (next === undefined) closeWindowSooner(desk, names);
    else dropShift(desk, [next.shift, "", ""]);
  },
  EMERGENCY_ACCESS_UNEXERCISED: (desk, [name]) =>
    desk.report([emergencyPlan(name === "eve" ? ["dan"] : ["eve"])], "rex"),
  PUBLICATION_SAFEGUARD_MISSING: (desk, [target, safeguard]) => {
    const other = safeguard === "REGISTRY_RELEASE" ? "ADVISORY_TIMING" : "REGISTRY_RELEASE";
    desk.accept({ kind: "PUBLICATION_SCOPE", targets: [{ target, safeguards: [other] }] });
  },
};

function namesOf({ subject }: OpenHold): [string, string, string] {
  const [first = "", second = "", third = ""] = subject.split(" ");
  return [first, second, third];
}

/** Does what clears the hold, as far as anything at hand clears it. */
export function repair(desk: Desk, hold: OpenHold): void {
  REPAIRS[hold.code](desk, namesOf(hold));
}

/** Takes the hold's subject out of the scope, where it has a way out. */
export function retire(desk: Desk, hold: OpenHold): void {
  RETIREMENTS[hold.code]?.(desk, namesOf(hold));
}
