import { deviations } from "#recovery/deviations.ts";
import type { EntryOf } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Finding } from "#packet/hold.ts";
import type { Name } from "#packet/name.ts";
import { actualState, confirmingReports } from "./components.ts";
import { packageSubject } from "./custody.ts";
import { type Moment, Notes, acceptedOfEach, entriesOf, isFresh } from "./evidence.ts";
import type { Facts, Verdict } from "./state.ts";

/** What was said of a component that has been declared. */
interface Known {
  readonly declaration: EntryOf<"COMPONENT_DECLARATION">;
  /** Each reporter's newest, in ledger order. */
  readonly reports: readonly EntryOf<"COMPONENT_STATE">[];
}

/** Reading 28: the newest declaration counts; without one nothing is compared. */
function known(facts: Facts, component: Name): Known | null {
  const declaration = entriesOf(facts, "COMPONENT_DECLARATION", component).at(-1);
  if (declaration === undefined) return null;
  const reports = acceptedOfEach(facts, entriesOf(facts, "COMPONENT_STATE", component));
  return { declaration, reports };
}

/** Rule 4.1.4 and reading 28: every component with a package to go back to is as it was declared. */
export function judgeDeviations(facts: Facts, epoch: Epoch): Verdict {
  const notes = new Notes(facts, epoch);
  const holds = facts.sources.ROLLBACK_SCOPE.content.packages.flatMap((item): Finding[] => {
    const { component } = item;
    const said = known(facts, component);
    if (said === null) return [];
    noteConfirmations(facts, said, notes);
    const why = whyOf(facts, component, said, { epoch, ageless: false });
    if (why === null) return [];
    const subject = packageSubject(item);
    const evidence = [said.declaration, ...said.reports].map(({ entry }) => entry);
    const byAge = whyOf(facts, component, said, { epoch, ageless: true }) === null;
    return [{ code: "ROLLBACK_COMPONENT_DEVIATION", subject, why, evidence, byAge }];
  });
  return { holds, advisories: notes.advisories, due: notes.due };
}

function noteConfirmations(facts: Facts, { declaration, reports }: Known, notes: Notes): void {
  const { attestationMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  for (const report of confirmingReports(declaration, reports)) {
    notes.goodNews(report, attestationMaxAge);
  }
}

/** Null where the component is as it was declared. */
function whyOf(facts: Facts, component: Name, said: Known, at: Moment): string | null {
  const { attestationMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  const refuses = facts.components.get(component) ?? null;
  const actual = actualState(refuses, said.reports, (report) =>
    isFresh(report, attestationMaxAge, at),
  );
  const found = deviations(said.declaration, actual);
  if (found.length === 0) return null;
  const each = found.map((one) => `${one.code} (expected ${one.expected}; found ${one.found})`);
  return `component ${component} is not as it was declared: ${each.join(", ")}`;
}

/** Whether a report is good news about a component: that it runs what it is meant to run. */
export function isConfirmation(facts: Facts, report: EntryOf<"COMPONENT_STATE">): boolean {
  const said = known(facts, report.component);
  if (said === null) return false;
  return confirmingReports(said.declaration, said.reports).includes(report);
}
