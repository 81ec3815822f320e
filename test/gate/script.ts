import fc from "fast-check";
import type { Report } from "#packet/entry.ts";
import { Refusal } from "#packet/refusal.ts";
import { askApproval, asking, bind, owner, place, preparer, reject, security } from "./acts.ts";
import { decideRelease, decideResubmit } from "#gate/decide/packet.ts";
import { Desk } from "./desk.ts";
import {
  byDigest,
  commitment,
  component,
  confirmation,
  declaration,
  enclave,
  held,
  manifest,
  quarantine,
  rebuild,
  revocation,
  safeguard,
  seen,
  sighting,
  unsealed,
  withdrawal,
} from "./reports.ts";
import { ARTIFACTS, CONTENTS, calendar, digestOf, shift, window } from "./train.ts";

/** How time passes at a desk: at once unless told otherwise. */
type Pass = (desk: Desk, epochs: bigint) => void;

/** One line of a script: what happens next at a desk. */
export type Line = (desk: Desk, pass: Pass) => void;

const other = digestOf("other");

const REPORTS: readonly Report[] = [
  ...ARTIFACTS.flatMap((name) => [confirmation(name), rebuild(name)]),
  confirmation("app", { observed: other }),
  rebuild("lib", { observed: other }),
  withdrawal("ana", "late"),
  commitment("ana", "late"),
  withdrawal("ben", "night"),
  commitment("ben", "night"),
  held("ben", { status: "RELEASED" }),
  held("ben"),
  held("dan", { observed: other }),
  held("dan"),
  safeguard("REGISTRY_RELEASE", "DISENGAGED"),
  safeguard("REGISTRY_RELEASE", "ENGAGED"),
  sighting("app", "rogue", "mirror"),
  sighting("app", "rogue", "mirror", "GONE"),
  quarantine(byDigest("rogue")),
  quarantine(byDigest("app")),
  quarantine(byDigest("app"), "LIFTED"),
  unsealed("north"),
  enclave("north"),
  enclave("south", { availability: "UNAVAILABLE" }),
  enclave("south"),
  component(3),
  declaration(),
  declaration({}, { floor: 3 }),
  seen(),
  seen({ floor: 3 }),
  component(3, { running: digestOf("r1") }),
  revocation("eve"),
];

const SOURCES = [
  manifest(ARTIFACTS),
  manifest(["app", "lib"]),
  manifest(ARTIFACTS, { lib: "lib-2" }),
  CONTENTS.ROLLBACK_SCOPE,
  CONTENTS.FRESHNESS_POLICY,
  { ...CONTENTS.FRESHNESS_POLICY, digestMaxAge: 4n, availabilityMaxAge: 6n },
  { ...CONTENTS.QUORUM_POLICY, minCustodyGroups: 1 },
  calendar([shift("early", 8n, 15n), shift("late", 13n, 24n)]),
  CONTENTS.SHIFT_CALENDAR,
  window(10n, 22n),
  { ...CONTENTS.OUTAGE_DECLARATION, declaration: "outage-2" },
];

const DECISIONS: readonly Line[] = [
  (desk) => {
    const decided = askApproval(desk);
    if (!(decided instanceof Refusal)) desk.append(decided, owner);
  },
  (desk) => {
    const decided = decideResubmit(desk.state, "mended", asking(desk, preparer));
    if (!(decided instanceof Refusal)) desk.append(decided, preparer);
  },
  (desk) => {
    const decided = decideRelease(desk.state, 1, "settled");
    if (!(decided instanceof Refusal)) desk.append(decided, security);
  },
  (desk) => void bind(desk),
  (desk) => void place(desk),
  (desk) => void reject(desk),
];

function whileOpen(line: Line): Line {
  return (desk, pass) => {
    if (desk.state.closing === null) line(desk, pass);
  };
}

const report: fc.Arbitrary<Line> = fc
  .constantFrom(...REPORTS)
  .map((item) => whileOpen((desk) => void desk.report([item])));
const source: fc.Arbitrary<Line> = fc
  .constantFrom(...SOURCES)
  .map((content) => whileOpen((desk) => void desk.accept(content)));
const decision: fc.Arbitrary<Line> = fc.constantFrom(...DECISIONS).map(whileOpen);

const passing: fc.Arbitrary<Line> = fc
  .bigInt({ min: 1n, max: 3n })
  .map((epochs) => (desk, pass) => pass(desk, epochs));

/** The lines of a random script. */
export const scripts: fc.Arbitrary<Line[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: report },
    { weight: 4, arbitrary: decision },
    { weight: 3, arbitrary: passing },
    { weight: 2, arbitrary: source },
  ),
  { minLength: 1, maxLength: 25 },
);

/** Plays a script at a new desk; `between` is called after each line. */
export function played(
  lines: readonly Line[],
  { pass = (desk, epochs) => void desk.pass(epochs), between }: Playing = {},
): Desk {
  const desk = new Desk();
  for (const line of lines) {
    line(desk, pass);
    between?.(desk);
  }
  return desk;
}

interface Playing {
  readonly pass?: Pass;
  readonly between?: (desk: Desk) => void;
}
