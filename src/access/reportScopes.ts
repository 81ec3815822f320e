import type { Actor } from "#packet/actor.ts";
import { type Report, nameOfSubject } from "#packet/entry.ts";
import type { Path } from "#packet/refusal.ts";
import { ReportOutOfScope, type ReportScope } from "#packet/reportScope.ts";

/**
 * Null when the actor's credential covers every one of these reports, else a refusal that names
 * those that it does not cover; `path` is where in the input they stand. Whom the accepted
 * reporters name is decided by the gate, on top (rule 2.2).
 */
export function outOfScope(
  { reports: scopes }: Actor,
  reports: readonly Report[],
  path: Path,
): ReportOutOfScope | null {
  if (scopes === undefined) return null;
  const byKind = new Map(scopes.map((scope) => [scope.kind, scope]));
  const faults = reports.flatMap((report, index) => {
    const message = faultOf(byKind.get(report.kind), report);
    return message === null ? [] : [{ path: [...path, index], message }];
  });
  return faults.length === 0 ? null : new ReportOutOfScope(faults);
}

function faultOf(scope: ReportScope | undefined, report: Report): string | null {
  if (scope === undefined) return `your credential does not cover reports of ${report.kind}`;
  const subject = nameOfSubject(report);
  if (scope.subjects === undefined) return null;
  if (subject !== null && scope.subjects.includes(subject)) return null;
  return `your credential covers reports of ${report.kind}, but not about this subject`;
}
