import {
  type ActualState,
  countingWords,
  deviations,
  isConfirming,
  standpointOf,
} from "#recovery/deviations.ts";
import { type Purpose, UNRECORDED, initialise, reported, rotate } from "#recovery/rollback.ts";
import type { Deviation } from "#packet/component.ts";
import type { Entry, EntryOf, Report } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import type { ComponentState } from "#packet/rollback.ts";

type ComponentReport = EntryOf<"COMPONENT_STATE">;
type ComponentDeclaration = EntryOf<"COMPONENT_DECLARATION">;

/** What is recorded of each component (reading 6 and decision record 0081). */
type Components = ReadonlyMap<Name, ComponentState>;

/** Folds in what an entry says of a component; any other leaves them as they are. */
export function foldComponent(components: Components, entry: Entry): Components {
  if (!isRecording(entry)) return components;
  const state = components.get(entry.component) ?? UNRECORDED;
  return new Map(components).set(entry.component, stateAfter(state, entry));
}

/** What changes what is recorded of a component. */
type Recording = Extract<
  Report,
  { kind: "COMPONENT_STATE" | "RELEASE_INITIALISATION" | "KEY_ROTATION" }
>;

/** Whether a report or entry changes what is recorded of a component. */
export function isRecording<R extends Report>(report: R): report is R & Recording {
  return (
    report.kind === "COMPONENT_STATE" ||
    report.kind === "RELEASE_INITIALISATION" ||
    report.kind === "KEY_ROTATION"
  );
}

/** A component's state once this is recorded of it. */
export function stateAfter(state: ComponentState, entry: Recording): ComponentState {
  if (entry.kind === "COMPONENT_STATE") return reported(state, entry);
  return entry.kind === "KEY_ROTATION" ? rotate(state, entry) : initialise(state, entry.release);
}

/** What a component's releases are for, beside the component itself: its declaration names the spare parts. */
export function purposeOf(declaration: ComponentDeclaration | undefined): Purpose {
  return { hasSpareParts: declaration?.spareParts !== undefined };
}

/**
 * What is known of a component from its reporters' newest reports, in ledger order, and from what
 * is recorded of it (null where nothing is). `isFresh` says whether a report's good news still counts.
 */
export function actualState(
  refuses: ComponentState | null,
  reports: readonly ComponentReport[],
  isFresh: (report: ComponentReport) => boolean,
): ActualState {
  const used = reports.flatMap(({ keySlotsUsed }) => keySlotsUsed ?? []);
  return {
    refuses,
    keySlotsUsed: used.length === 0 ? null : Math.max(...used),
    words: countingWords(reports).map((report) => ({
      standpoint: standpointOf(report),
      running: report.running ?? null,
      isFresh: isFresh(report),
    })),
  };
}

/** Reading 28: the counting reports that say, from where it can be told, that the component runs what is meant. */
export function confirmingReports(
  declaration: ComponentDeclaration,
  reports: readonly ComponentReport[],
): ComponentReport[] {
  return countingWords(reports).filter((report) =>
    isConfirming(declaration, {
      standpoint: standpointOf(report),
      running: report.running ?? null,
    }),
  );
}

/** A component as it is recorded, apart from any packet. */
export interface ComponentView {
  readonly component: Name;
  /** The newest; null where nobody has said what is meant, and nothing is compared. */
  readonly declaration: ComponentDeclaration | null;
  /** Each reporter's newest, in ledger order. */
  readonly reports: readonly ComponentReport[];
  /** Null where nothing is recorded. */
  readonly refuses: ComponentState | null;
  readonly keySlotsUsed: number | null;
  /** Whatever its age, as how long a report counts is said by each train's own policy. */
  readonly deviations: readonly Deviation[];
}

/** A component as the entries on it show it, given in ledger order. */
export function viewComponent(component: Name, entries: readonly Entry[]): ComponentView {
  const declaration = entries.findLast((entry) => entry.kind === "COMPONENT_DECLARATION") ?? null;
  const reports = newestOfEach(entries.filter((entry) => entry.kind === "COMPONENT_STATE"));
  const recorded = entries.filter(isRecording);
  const refuses = recorded.length === 0 ? null : recorded.reduce(stateAfter, UNRECORDED);
  const actual = actualState(refuses, reports, () => true);
  return {
    component,
    declaration,
    reports,
    refuses,
    keySlotsUsed: actual.keySlotsUsed,
    deviations: declaration === null ? [] : deviations(declaration, actual),
  };
}

function newestOfEach(reports: readonly ComponentReport[]): ComponentReport[] {
  return reports.filter(
    ({ reporter }, at) => at === reports.findLastIndex((other) => other.reporter === reporter),
  );
}
