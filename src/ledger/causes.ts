import type { ClockBreak, FactKind } from "#packet/fact.ts";

/** Every kind of fact, as the database lists them. */
export const FACT_KINDS = [
  "PACKET_OPENED",
  "SOURCE_ACCEPTED",
  "PACKET_BOUND",
  "ENTRIES_RECORDED",
  "OPERATOR_HOLD_PLACED",
  "OPERATOR_HOLD_RELEASED",
  "ESCALATION_ACKNOWLEDGED",
  "PACKET_APPROVED",
  "PACKET_REJECTED",
  "PACKET_RESUBMITTED",
  "PACKET_WITHDRAWN",
  "CLOCK_CHANGED",
  "EPOCH_REACHED",
] as const satisfies readonly FactKind[];

/** Every break of the clock's mapping (rule 6.5). */
export const CLOCK_BREAKS = [
  "FROZEN",
  "THAWED",
  "ADVANCED_BY_HAND",
  "TICKER_GAP",
] as const satisfies readonly ClockBreak[];
