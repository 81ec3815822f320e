import { z } from "zod";
import { Refusal } from "./refusal.ts";

/**
 * Why the database is not believed to hold the whole lineage: it disagrees with what is kept
 * outside it, or could not be compared. Approvals are refused and gates are CLOSED meanwhile.
 */
export const LineageDoubt = z.enum([
  /** Nobody has compared it yet since the start. */
  "NOT_COMPARED",
  /** The log is shorter than the last checkpoint: restored from a backup, or cut. */
  "HEAD_WENT_BACK",
  /** The log at the size of the last checkpoint has another root. */
  "HISTORY_REWRITTEN",
  /** What is kept as the last checkpoint cannot be read, or is not signed by this deployment. */
  "CHECKPOINT_UNREADABLE",
  /** The witness has seen a longer log, or another one. */
  "WITNESS_DISAGREES",
  /** The witness has not answered since the start. */
  "WITNESS_SILENT",
]);
export type LineageDoubt = z.infer<typeof LineageDoubt>;

const TOLD: Readonly<Record<LineageDoubt, string>> = {
  NOT_COMPARED: "the log has not been compared with the last checkpoint yet: ask again in a moment",
  HEAD_WENT_BACK:
    "the log is shorter than the last checkpoint, so the database was restored or cut: verify it against the checkpoint",
  HISTORY_REWRITTEN:
    "the log differs from the last checkpoint, so what it held was changed: verify the database against the checkpoint",
  CHECKPOINT_UNREADABLE:
    "the last checkpoint cannot be read or is signed by another key: find out who changed it",
  WITNESS_DISAGREES:
    "the witness has cosigned another log or a longer one: verify the database against the witness's checkpoint",
  WITNESS_SILENT: "the witness has not answered since the start: bring it back",
};

/** Nothing is decided on a lineage that may not be whole. */
export class LineageInDoubt extends Refusal {
  readonly code = "LINEAGE_IN_DOUBT";
  readonly message: string;
  readonly doubt: LineageDoubt;
  constructor(doubt: LineageDoubt) {
    super();
    this.doubt = doubt;
    this.message = TOLD[doubt];
  }
}
