import { recordedOf, refusesAfter } from "./rollback.ts";
import type { EntryOf } from "./shapes.ts";
import { wordsOf } from "./words.ts";
import type { View } from "./words.ts";

type Report = EntryOf<"COMPONENT_STATE">;
type Declaration = EntryOf<"COMPONENT_DECLARATION">;

function reportsOn(view: View, component: string): readonly Report[] {
  return wordsOf(view, "COMPONENT_STATE").filter((report) => report.component === component);
}

function declarationOf(view: View, component: string): Declaration | undefined {
  return wordsOf(view, "COMPONENT_DECLARATION").find((one) => one.component === component);
}

// Reading 28: nobody but another can look at a component from outside.
function isFromOutside(report: Report): boolean {
  return report.standpoint === "OUTSIDE" && report.reporter !== report.component;
}

/** Reading 28: whose word on what the component runs counts, going back from the newest. */
function saying(view: View, component: string): Report[] {
  const counted: Report[] = [];
  for (const report of [...reportsOn(view, component)].reverse()) {
    if (isFromOutside(report)) return [report, ...counted];
    if (counted.length === 0) counted.push(report);
  }
  return counted;
}

/** Reading 28: the words that tell that a declared component runs what it is meant to, whatever their age. */
export function confirmationsOf(view: View, component: string): Report[] {
  const declaration = declarationOf(view, component);
  if (declaration === undefined) return [];
  return saying(view, component).filter((report) => {
    const mayTell = declaration.componentKind === "APPLICATION" || isFromOutside(report);
    return mayTell && report.running === declaration.intended.digest;
  });
}

function areAlike(some: readonly string[], others: readonly string[]): boolean {
  return some.every((one) => others.includes(one)) && others.every((one) => some.includes(one));
}

/** Rule 4.1.4, reading 28: whether a component has been declared and is not as it was declared, or nobody knows. */
export function isAstray(view: View, component: string): boolean {
  const declaration = declarationOf(view, component);
  if (declaration === undefined) return false;
  const reports = reportsOn(view, component);
  if (reports.length === 0) return true;
  const { intended, keySlots } = declaration;

  const runsAnother = saying(view, component).some(
    (report) => report.running !== undefined && report.running !== intended.digest,
  );
  const limit = view.known.sources.FRESHNESS_POLICY.content.attestationMaxAge;
  const isConfirmed = confirmationsOf(view, component).some(
    (report) => view.ageless || view.epoch - report.observedEpoch <= limit,
  );

  // Reading 6 and decision record 0081.
  const { floor, denied, trusted } = refusesAfter(recordedOf(view, component), null);
  const refusesAsMeant =
    floor === intended.floor &&
    areAlike(denied, intended.denied) &&
    areAlike(trusted, intended.trustedKeys);

  const slotsUsed = Math.max(0, ...reports.map((report) => report.keySlotsUsed ?? 0));
  const hasSlots = keySlots === undefined || slotsUsed <= keySlots;
  return runsAnother || !isConfirmed || !refusesAsMeant || !hasSlots;
}
