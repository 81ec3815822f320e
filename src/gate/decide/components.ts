import { type Entry, type SharedReport, nameOfSubject } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import { type Fault, InvalidInput, type Path, type Refusal } from "#packet/refusal.ts";
import type { ComponentState, Rotation } from "#packet/rollback.ts";
import { KeySlotsExhausted, ReleaseInadmissible } from "#packet/rollbackRefusal.ts";
import { type ChangeWish, ratchetChanges } from "#recovery/change.ts";
import { UNRECORDED, admits, slotBudget } from "#recovery/rollback.ts";
import { isRecording, stateAfter, viewComponent } from "../components.ts";
import { entriesOf } from "../evidence.ts";
import type { Facts } from "../state.ts";

/** What is recorded of one component. */
export interface KnownComponent {
  readonly state: ComponentState;
  /** How many slots it is declared to have; null for what has none, or was never declared. */
  readonly keySlots: number | null;
  /** The most key slots that any report says are used. */
  readonly keySlotsUsed: number;
}

/** What entries in the order of the ledger say of a component. */
export function knownOf(component: Name, entries: readonly Entry[]): KnownComponent {
  const its = entries.filter((entry) => nameOfSubject(entry) === component);
  const { declaration, refuses, keySlotsUsed } = viewComponent(component, its);
  return {
    state: refuses ?? UNRECORDED,
    keySlots: declaration?.keySlots ?? null,
    keySlotsUsed: keySlotsUsed ?? 0,
  };
}

/** What a packet has been told of a component. */
export function knownComponent(facts: Facts, component: Name): KnownComponent {
  const reports = entriesOf(facts, "COMPONENT_STATE", component);
  return {
    state: facts.components.get(component) ?? UNRECORDED,
    keySlots: entriesOf(facts, "COMPONENT_DECLARATION", component).at(-1)?.keySlots ?? null,
    keySlotsUsed: Math.max(0, ...reports.map((report) => report.keySlotsUsed ?? 0)),
  };
}

/**
 * Why what is reported cannot be of components as they are recorded: one that refuses a release did
 * not run it, and a key that is out is out for good. Each report is judged after the ones before it.
 */
export function componentRefusal(
  known: (component: Name) => KnownComponent,
  reports: readonly SharedReport[],
): Refusal | null {
  const states = new Map<Name, KnownComponent>();
  for (const [index, report] of reports.entries()) {
    if (!("component" in report)) continue;
    const before = states.get(report.component) ?? known(report.component);
    const refused = recordingRefusal(before, report, ["entries", index]);
    if (refused !== null) return refused;
    states.set(report.component, knownAfter(before, report));
  }
  return null;
}

/**
 * What reports that are accepted do to components that somebody apart lets happen only so fast: each
 * floor that they raise, each deny list that they lengthen, each change of trusted keys. What a
 * component is reported to refuse is news of it and changes nothing there.
 */
export function componentChanges(
  known: (component: Name) => KnownComponent,
  reports: readonly SharedReport[],
  exercise: boolean,
): ChangeWish[] {
  const states = new Map<Name, KnownComponent>();
  const changes: ChangeWish[] = [];
  for (const report of reports) {
    if (!("component" in report)) continue;
    const { component } = report;
    const before = states.get(component) ?? known(component);
    const after = knownAfter(before, report);
    states.set(component, after);
    const changed = { exercise, component };
    if (report.kind === "KEY_ROTATION") changes.push(ratchetChanges.rotation(changed, report));
    if (report.kind !== "RELEASE_INITIALISATION") continue;
    const [was, is] = [before.state, after.state];
    const { floor, denied, keys } = ratchetChanges;
    if (is.floor > was.floor) changes.push(floor(changed, report.release));
    if (is.denied.length > was.denied.length) changes.push(denied(changed, report.release));
    if (is.trustedKeys.length > was.trustedKeys.length) changes.push(keys(changed, report.release));
  }
  return changes;
}

function knownAfter(before: KnownComponent, report: SharedReport): KnownComponent {
  if (report.kind === "COMPONENT_DECLARATION") {
    return { ...before, keySlots: report.keySlots ?? null };
  }
  if (!isRecording(report)) return before;
  const told = report.kind === "COMPONENT_STATE" ? (report.keySlotsUsed ?? 0) : 0;
  const keySlotsUsed = Math.max(before.keySlotsUsed, told);
  return { ...before, state: stateAfter(before.state, report), keySlotsUsed };
}

function recordingRefusal(
  before: KnownComponent,
  report: SharedReport,
  path: Path,
): Refusal | null {
  if (report.kind === "RELEASE_INITIALISATION") return initialisationRefusal(before, report, path);
  return report.kind === "KEY_ROTATION" ? rotationRefusal(before, report, path) : null;
}

function initialisationRefusal(
  { state }: KnownComponent,
  { component, release }: Extract<SharedReport, { kind: "RELEASE_INITIALISATION" }>,
  path: Path,
): Refusal | null {
  const reasons = admits(state, release);
  return reasons.length === 0
    ? null
    : new ReleaseInadmissible([...path, "release"], component, reasons);
}

/** Why a component of which this is recorded cannot rotate its key so; `path` is where the rotation stands. */
export function rotationRefusal(
  { state, keySlots, keySlotsUsed }: KnownComponent,
  rotation: Rotation,
  path: Path,
): Refusal | null {
  const faults = rotationFaults(state, rotation).map((fault) => ({
    ...fault,
    path: [...path, ...fault.path],
  }));
  if (faults.length > 0) return new InvalidInput(faults);
  if (keySlots === null) return null;
  const { used, isEnough } = slotBudget(state, keySlots, keySlotsUsed, rotation);
  return isEnough ? null : new KeySlotsExhausted([...path, "incoming"], keySlots, used);
}

function rotationFaults(state: ComponentState, { mode, outgoing, incoming }: Rotation): Fault[] {
  const faults: Fault[] = [];
  const isOut = (key: string): boolean => state.retiredKeys.includes(key);
  const fault = (field: string, message: string): void => {
    faults.push({ path: [field], message });
  };
  if (incoming === outgoing) fault("incoming", "must be another key than the outgoing one");
  if (isOut(incoming)) fault("incoming", "is out: a key that was rotated out never comes back");
  if (isOut(outgoing)) fault("outgoing", "is out already");
  else if (state.trustedKeys.length > 0 && !state.trustedKeys.includes(outgoing)) {
    fault("outgoing", "is not among the keys that the component trusts");
  }
  const isUnderWay = state.overlaps.some(
    (overlap) => overlap.outgoing === outgoing && overlap.incoming === incoming,
  );
  if (mode === "OVERLAP_END" && !isUnderWay) {
    fault("mode", "ends no overlap: a rotation without one must name itself SUDDEN");
  }
  return faults;
}
