import {
  type ActualState,
  countingWords,
  deviations,
  isConfirming,
  standpointOf,
} from "#recovery/deviations.ts";
import { UNRECORDED, union } from "#recovery/rollback.ts";
import type { Deviation } from "#packet/component.ts";
import type { Entry, EntryOf } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import type { ComponentState } from "#packet/rollback.ts";

type ComponentReport = EntryOf<"COMPONENT_STATE">;
type ComponentDeclaration = EntryOf<"COMPONENT_DECLARATION">;

/** Reading 6: the greatest floor and every denied digest of the reporters' newest reports, the newest keys. */
export function componentState(entries: readonly Entry[]): ComponentState {
  const reports = entries.filter((entry) => entry.kind === "COMPONENT_STATE");
  return reports.reduce<ComponentState>(
    (state, report) => ({
      floor: Math.max(state.floor, report.floor),
      denied: union(state.denied, report.denied),
      trustedKeys: report.trustedKeys,
    }),
    UNRECORDED,
  );
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
  /** Null where nobody has reported. */
  readonly refuses: ComponentState | null;
  readonly keySlotsUsed: number | null;
  /** Whatever its age, as how long a report counts is said by each train's own policy. */
  readonly deviations: readonly Deviation[];
}

/** A component as the entries on it show it, given in ledger order. */
export function viewComponent(component: Name, entries: readonly Entry[]): ComponentView {
  const declaration = entries.findLast((entry) => entry.kind === "COMPONENT_DECLARATION") ?? null;
  const reports = newestOfEach(entries.filter((entry) => entry.kind === "COMPONENT_STATE"));
  const refuses = reports.length === 0 ? null : componentState(reports);
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
