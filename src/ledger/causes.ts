import type { ClockBreak, FactKind } from "#packet/fact.ts";

/** Every kind of fact, as the database lists them; a new one does not compile until it is here. */
export const FACT_KINDS = {
  PACKET_OPENED: "PACKET_OPENED",
  SOURCE_ACCEPTED: "SOURCE_ACCEPTED",
  PACKET_BOUND: "PACKET_BOUND",
  ENTRIES_RECORDED: "ENTRIES_RECORDED",
  OPERATOR_HOLD_PLACED: "OPERATOR_HOLD_PLACED",
  OPERATOR_HOLD_RELEASED: "OPERATOR_HOLD_RELEASED",
  ESCALATION_ACKNOWLEDGED: "ESCALATION_ACKNOWLEDGED",
  PACKET_APPROVED: "PACKET_APPROVED",
  PACKET_REJECTED: "PACKET_REJECTED",
  PACKET_RESUBMITTED: "PACKET_RESUBMITTED",
  PACKET_WITHDRAWN: "PACKET_WITHDRAWN",
  CLOCK_CHANGED: "CLOCK_CHANGED",
  EPOCH_REACHED: "EPOCH_REACHED",
} as const satisfies { readonly [K in FactKind]: K };

/** Every break of the clock's mapping (rule 6.5). */
export const CLOCK_BREAKS = {
  FROZEN: "FROZEN",
  THAWED: "THAWED",
  ADVANCED_BY_HAND: "ADVANCED_BY_HAND",
  TICKER_GAP: "TICKER_GAP",
  RATE_CHANGED: "RATE_CHANGED",
} as const satisfies { readonly [K in ClockBreak]: K };
