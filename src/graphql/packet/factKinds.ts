import { FACT_KINDS } from "#ledger/causes.ts";
import type { FactKind } from "#packet/fact.ts";
import { enumOf } from "../enums.ts";

const MEANINGS: Readonly<Record<FactKind, string>> = {
  PACKET_OPENED: "The packet was opened with scope, bindings and first entries.",
  SOURCE_ACCEPTED: "A new version of a source was accepted.",
  PACKET_BOUND: "The packet was bound to accepted versions.",
  ENTRIES_RECORDED: "Readiness entries were recorded.",
  OPERATOR_HOLD_PLACED: "A person placed a hold.",
  OPERATOR_HOLD_RELEASED: "Release security released an operator hold.",
  ESCALATION_ACKNOWLEDGED: "A person acknowledged an escalation, which clears nothing.",
  PACKET_APPROVED: "The owner approved one exact revision.",
  PACKET_REJECTED: "The owner rejected.",
  PACKET_RESUBMITTED: "A preparer answered the rejection.",
  PACKET_WITHDRAWN: "The packet was withdrawn.",
  CLOCK_CHANGED: "The clock broke the mapping of times, or froze or thawed.",
  EPOCH_REACHED: "An epoch was reached at which something lapsed by itself.",
};

export const FactKindRef = enumOf(
  "FactKind",
  { options: Object.values(FACT_KINDS) },
  "What makes a revision.",
  MEANINGS,
);
