import { z } from "zod";
import { EntryKind } from "./entry.ts";
import { ArtifactName, Name } from "./name.ts";
import { type Fault, Refusal } from "./refusal.ts";

const SUBJECTS_MAX = 1_000;

/** A kind of entry that a service may report, and about which subjects; absent for all of that kind. */
export const ReportScope = z.strictObject({
  kind: EntryKind,
  subjects: z
    .array(z.union([Name, ArtifactName], "must be the name of a subject"))
    .min(1, "must not be empty: leave it out for all subjects")
    .max(SUBJECTS_MAX, `must not have more than ${SUBJECTS_MAX} subjects`)
    .readonly()
    .optional(),
});
export type ReportScope = z.output<typeof ReportScope>;

/** Everything that a service may report: each kind at most once. */
export const ReportScopes = z
  .array(ReportScope)
  .min(1, "must not be empty: a service that reports nothing needs no role for it")
  .refine(
    (scopes) => new Set(scopes.map(({ kind }) => kind)).size === scopes.length,
    "must not repeat a kind",
  )
  .readonly();

/** Entries that the caller's credential may not report; every one is named by its path. */
export class ReportOutOfScope extends Refusal {
  readonly code = "REPORT_OUT_OF_SCOPE";
  readonly message = "your credential does not cover every entry: nothing was recorded";
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super();
    this.faults = faults;
  }
}
