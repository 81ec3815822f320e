import type { PacketReport } from "#packet/entry.ts";
import type { AdvisoryCode, HoldCode } from "#packet/hold.ts";
import { bind, place, reject, release, resubmit, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  ages,
  askingLane,
  byDigest,
  commitment,
  component,
  confirmation,
  declaration,
  emergencyPlan,
  enclave,
  enclaves,
  exercise,
  held,
  manifest,
  quarantine,
  rebuild,
  rollbackScope,
  safeguard,
  seen,
  sighting,
  unsealed,
  withdrawal,
} from "./reports.ts";
import {
  ARTIFACTS,
  CONTENTS,
  OWNER,
  artifact,
  calendar,
  digestOf,
  shift,
  window,
} from "./train.ts";

/** How one hold comes about, and each way in which it ends. */
export interface HoldScenario {
  readonly start?: () => Desk;
  readonly happens: (desk: Desk) => void;
  /** Every hold that opens then, the one in question first, without the first's code. */
  readonly opens: readonly [string, ...string[]];
  readonly clears: (desk: Desk) => void;
  /** How its subject leaves the scope; null where reading 16 knows no way. */
  readonly leaves: ((desk: Desk) => void) | null;
}

/** How one advisory comes to be shown, and ceases to be. */
export interface AdvisoryScenario {
  readonly start?: () => Desk;
  readonly happens: (desk: Desk) => void;
  readonly subject: string;
  readonly ends: (desk: Desk) => void;
}

const other = digestOf("other");
const app = `app ${digestOf("app")}`;
const back = `back ${digestOf("r1")}`;
const everyArtifact = ARTIFACTS.map((name) => `${name} ${digestOf(name)}`);

/** A desk whose lane asks for exercises: the owner and ana have had theirs, and nobody else responds. */
function exercised(holds: boolean): Desk {
  const desk = new Desk([ages(), askingLane(30n, holds)]);
  for (const name of [OWNER, "ana"]) desk.report([exercise(name)], name);
  tell(desk, [emergencyPlan(["ana"])], "rex");
  return desk;
}

const withoutAging = (): Desk => new Desk([ages()]);
const toldAll = (make: (name: string) => PacketReport) => (desk: Desk) =>
  tell(
    desk,
    ARTIFACTS.map((name) => make(name)),
  );
const dropApp = (desk: Desk) => desk.accept(manifest(["lib", "tool"]));
const swapPackage = (desk: Desk) =>
  desk.accept(rollbackScope({ release: "r0", digest: digestOf("r0"), svn: 9 }));
const dropNorth = (desk: Desk) => desk.accept(enclaves(["south"]));
const endLate = (desk: Desk) => desk.pass(12n);
const acceptAgain = (kind: keyof typeof CONTENTS) => (desk: Desk) => desk.accept(CONTENTS[kind]);
const outage = (declaration: string, status: "DECLARED" | "ENDED") => (desk: Desk) =>
  desk.accept({ ...CONTENTS.OUTAGE_DECLARATION, declaration, status });
const withdrawFromLate =
  (...names: string[]) =>
  (desk: Desk) =>
    tell(
      desk,
      names.map((name) => withdrawal(name, "late")),
    );

function staleBinding(kind: keyof typeof CONTENTS): HoldScenario {
  return { happens: acceptAgain(kind), opens: [kind], clears: bind, leaves: null };
}

/** Every hold code of the specification; a new one does not compile without its scenario. */
export const HOLD_SCENARIOS: Readonly<Record<HoldCode, HoldScenario>> = {
  OUTAGE_NOT_STANDING: {
    happens: outage("outage-1", "ENDED"),
    opens: ["outage-1"],
    clears: outage("outage-1", "DECLARED"),
    leaves: outage("outage-2", "DECLARED"),
  },
  MANIFEST_BINDING_STALE: staleBinding("MANIFEST"),
  BRANCH_BINDING_STALE: staleBinding("TRUSTED_BRANCH"),
  REPRODUCIBILITY_POLICY_STALE: staleBinding("REPRODUCIBILITY_POLICY"),
  REPRODUCIBILITY_REFERENCE_MISSING: {
    happens: (desk) => tell(desk, [rebuild("app", { digest: other, observed: other })]),
    opens: [app],
    clears: (desk) => tell(desk, [rebuild("app")]),
    leaves: dropApp,
  },
  REPRODUCIBILITY_REFERENCE_STALE: {
    start: () => new Desk([ages({ reproducibilityMaxAge: 1n })]),
    happens: (desk) => desk.pass(2n),
    opens: [
      app,
      ...everyArtifact.slice(1).map((subject) => `REPRODUCIBILITY_REFERENCE_STALE ${subject}`),
    ],
    clears: toldAll(rebuild),
    leaves: dropApp,
  },
  REPRODUCIBILITY_MISMATCH: {
    happens: (desk) => tell(desk, [rebuild("app", { observed: other })]),
    opens: [app, `REPRODUCIBILITY_REFERENCE_MISSING ${app}`],
    clears: (desk) => tell(desk, [rebuild("app")]),
    leaves: dropApp,
  },
  ROLLBACK_SCOPE_STALE: staleBinding("ROLLBACK_SCOPE"),
  ROLLBACK_INADMISSIBLE: {
    happens: (desk) => tell(desk, [component(5)]),
    opens: [back],
    clears: (desk) => desk.accept(rollbackScope({ svn: 5 })),
    leaves: swapPackage,
  },
  ROLLBACK_COMPONENT_DEVIATION: {
    happens: (desk) => tell(desk, [declaration()]),
    opens: [back],
    clears: (desk) => tell(desk, [seen()]),
    leaves: swapPackage,
  },
  ENCLAVE_UNREPORTED: {
    happens: (desk) => desk.accept(enclaves(["west"])),
    opens: ["west"],
    clears: (desk) => tell(desk, [enclave("west")]),
    leaves: dropNorth,
  },
  ENCLAVE_UNAVAILABLE: {
    start: () => new Desk([enclaves(["north"])]),
    happens: (desk) => tell(desk, [enclave("north", { availability: "UNAVAILABLE" })]),
    opens: ["north"],
    clears: (desk) => tell(desk, [enclave("north")]),
    leaves: dropNorth,
  },
  ENCLAVE_UNSEALED: {
    happens: (desk) => tell(desk, [unsealed("north")]),
    opens: ["north"],
    clears: (desk) => tell(desk, [enclave("north")]),
    leaves: dropNorth,
  },
  ENCLAVE_MEASUREMENT_MISMATCH: {
    happens: (desk) => tell(desk, [enclave("north", { measurement: other })]),
    opens: ["north"],
    clears: (desk) => tell(desk, [enclave("north")]),
    leaves: dropNorth,
  },
  ENCLAVE_ATTESTATION_STALE: {
    start: () => new Desk([ages({ attestationMaxAge: 1n })]),
    happens: (desk) => desk.pass(2n),
    opens: ["north", "ENCLAVE_ATTESTATION_STALE south"],
    clears: (desk) => tell(desk, [enclave("north")]),
    leaves: dropNorth,
  },
  SIGNER_QUORUM_MISSING: {
    start: withoutAging,
    happens: withdrawFromLate("ana", "cleo", "eve"),
    opens: ["late"],
    clears: (desk) => tell(desk, [commitment("eve", "late")]),
    leaves: endLate,
  },
  CUSTODY_GROUPS_MISSING: {
    start: withoutAging,
    happens: withdrawFromLate("ben", "eve"),
    opens: ["late"],
    clears: (desk) => tell(desk, [commitment("eve", "late")]),
    leaves: endLate,
  },
  SHIFT_COVERAGE_GAP: {
    start: withoutAging,
    happens: (desk) => desk.accept(calendar([shift("early", 8n, 13n), shift("night", 20n, 24n)])),
    opens: ["19"],
    clears: acceptAgain("SHIFT_CALENDAR"),
    leaves: endLate,
  },
  ROLLBACK_CUSTODY_GAP: {
    happens: (desk) =>
      tell(desk, [held("ben", { status: "RELEASED" }), held("dan", { status: "RELEASED" })]),
    opens: [
      back,
      ...["early", "late", "night"].map((name) => `CUSTODY_COVERAGE_GAP ${back} ${name}`),
    ],
    clears: (desk) => tell(desk, [held("dan")]),
    leaves: swapPackage,
  },
  ROLLBACK_DIGEST_MISMATCH: {
    happens: (desk) => tell(desk, [held("ben", { observed: other })]),
    opens: [back],
    clears: (desk) => tell(desk, [held("ben")]),
    leaves: swapPackage,
  },
  CUSTODY_COVERAGE_GAP: {
    start: withoutAging,
    happens: withdrawFromLate("ben", "dan"),
    opens: [`${back} late`],
    clears: (desk) => tell(desk, [commitment("dan", "late")]),
    leaves: endLate,
  },
  DIGEST_CONFIRMATION_MISSING: {
    happens: (desk) => tell(desk, [confirmation("app", { digest: other, observed: other })]),
    opens: [app],
    clears: (desk) => tell(desk, [confirmation("app")]),
    leaves: dropApp,
  },
  DIGEST_CONFIRMATION_STALE: {
    start: () => new Desk([ages({ digestMaxAge: 1n })]),
    happens: (desk) => desk.pass(2n),
    opens: [
      app,
      ...everyArtifact.slice(1).map((subject) => `DIGEST_CONFIRMATION_STALE ${subject}`),
    ],
    clears: toldAll(confirmation),
    leaves: dropApp,
  },
  DIGEST_MISMATCH: {
    happens: (desk) => tell(desk, [confirmation("app", { observed: other })], "scout"),
    opens: [app],
    clears: (desk) => tell(desk, [confirmation("app")], "scout"),
    leaves: dropApp,
  },
  PUBLICATION_SCOPE_AMBIGUOUS: {
    happens: (desk) => {
      const rest = manifest(["lib", "tool"]).artifacts;
      desk.accept({ kind: "MANIFEST", artifacts: [artifact("app", "app", []), ...rest] });
    },
    opens: [app, "MANIFEST_BINDING_STALE MANIFEST"],
    clears: acceptAgain("MANIFEST"),
    leaves: dropApp,
  },
  PUBLICATION_SAFEGUARD_MISSING: {
    happens: (desk) => tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")]),
    opens: ["registry REGISTRY_RELEASE"],
    clears: (desk) => tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED")]),
    leaves: (desk) => {
      const targets = [{ target: "registry", safeguards: ["ADVISORY_TIMING" as const] }];
      desk.accept({ kind: "PUBLICATION_SCOPE", targets });
    },
  },
  ARTIFACT_NOT_QUARANTINED: {
    happens: (desk) => tell(desk, [sighting("app", "rogue", "mirror")]),
    opens: [`app ${digestOf("rogue")}`],
    clears: (desk) => tell(desk, [quarantine(byDigest("rogue"))]),
    leaves: (desk) => desk.accept(manifest(ARTIFACTS, { app: "rogue" })),
  },
  MANIFEST_ARTIFACT_QUARANTINED: {
    happens: (desk) => tell(desk, [quarantine(byDigest("app"))]),
    opens: [app],
    clears: (desk) => tell(desk, [quarantine(byDigest("app"), "LIFTED")]),
    leaves: dropApp,
  },
  TIME_MAPPING_STALE: {
    happens: (desk) => desk.breakClock("ADVANCED_BY_HAND"),
    opens: ["TIME"],
    clears: (desk) => {
      desk.accept(window(10n, 24n, 1));
      desk.accept(calendar([...CONTENTS.SHIFT_CALENDAR.shifts], [], 1));
    },
    leaves: null,
  },
  EMERGENCY_ACCESS_UNEXERCISED: {
    start: () => exercised(true),
    happens: (desk) => desk.report([emergencyPlan(["ana", "ben"])], "rex"),
    opens: ["ben"],
    clears: (desk) => desk.report([exercise("ben", "APPROVAL_SIGNATURE")], "ben"),
    leaves: (desk) => desk.report([emergencyPlan(["ana"])], "rex"),
  },
  OPERATOR_HOLD: { happens: place, opens: ["1"], clears: (desk) => release(desk, 1), leaves: null },
  APPROVAL_REJECTED: { happens: reject, opens: ["PACKET"], clears: resubmit, leaves: null },
};

/** Every advisory code. */
export const ADVISORY_SCENARIOS: Readonly<Record<AdvisoryCode, AdvisoryScenario>> = {
  UNACCEPTED_REPORT: {
    happens: (desk) => tell(desk, [confirmation("app")], "stranger"),
    subject: "DIGEST_CONFIRMATION app stranger",
    ends: dropApp,
  },
  REFRESH_DUE: {
    start: () => new Desk([ages({ digestMaxAge: 5n })]),
    happens: (desk) => desk.pass(4n),
    subject: "DIGEST_CONFIRMATION app probe",
    ends: toldAll(confirmation),
  },
  ENCLAVE_UNREPORTED: {
    happens: (desk) => desk.accept(enclaves(["north", "west"])),
    subject: "west",
    ends: (desk) => tell(desk, [enclave("west")]),
  },
  ENCLAVE_UNAVAILABLE: {
    happens: (desk) => tell(desk, [enclave("south", { availability: "UNAVAILABLE" })]),
    subject: "south",
    ends: (desk) => tell(desk, [enclave("south")]),
  },
  ENCLAVE_ATTESTATION_STALE: {
    start: () => new Desk([ages({ attestationMaxAge: 3n })]),
    happens: (desk) => {
      desk.pass(2n);
      tell(desk, [enclave("north")]);
      desk.pass(2n);
    },
    subject: "south",
    ends: (desk) => tell(desk, [enclave("south")]),
  },
  QUARANTINE_IN_FORCE: {
    happens: (desk) => tell(desk, [quarantine(byDigest("rogue"))]),
    subject: `DIGEST ${digestOf("rogue")}`,
    ends: (desk) => tell(desk, [quarantine(byDigest("rogue"), "LIFTED")]),
  },
  EMERGENCY_ACCESS_UNEXERCISED: {
    start: () => exercised(false),
    happens: (desk) => tell(desk, [emergencyPlan(["ana", "ben"])], "rex"),
    subject: "ben",
    ends: (desk) => tell(desk, [exercise("ben")], "ben"),
  },
  POLICY_LOOSENED: {
    happens: (desk) => desk.accept({ ...CONTENTS.QUORUM_POLICY, minCustodyGroups: 1 }),
    subject: "QUORUM_POLICY minCustodyGroups",
    ends: reject,
  },
};
