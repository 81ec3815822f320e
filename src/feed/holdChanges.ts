import type { HoldCode } from "#packet/hold.ts";
import type { HoldName, RevisionBody } from "#ledger/document.ts";

/** What may become of a hold in a revision (rule 4.2.3). */
export type HoldTransition = "OPENED" | "CLEARED" | "OUT_OF_SCOPE";

/** What one revision did to the holds of one code. */
export interface HoldChange {
  readonly transition: HoldTransition;
  readonly code: HoldCode;
  readonly count: number;
  /** In order of subject. */
  readonly subjects: readonly HoldName[];
}

/**
 * Rule 4.2.5: one change for each transition and code, however many subjects it has; what
 * opened comes first, then what was cleared, then what left the scope, each in order of code.
 */
export function holdChangesOf(body: RevisionBody): HoldChange[] {
  return [
    ...changesOf("OPENED", body.opened),
    ...changesOf("CLEARED", body.cleared),
    ...changesOf("OUT_OF_SCOPE", body.outOfScope),
  ];
}

/** A body has its holds in order of code, then subject. */
function changesOf(transition: HoldTransition, holds: readonly HoldName[]): HoldChange[] {
  const byCode = new Map<HoldCode, HoldName[]>();
  for (const { code, subject, ordinal } of holds) {
    const its = byCode.get(code);
    if (its === undefined) byCode.set(code, [{ code, subject, ordinal }]);
    else its.push({ code, subject, ordinal });
  }
  return [...byCode].map(([code, subjects]) => {
    return { transition, code, count: subjects.length, subjects };
  });
}
