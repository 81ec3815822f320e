import { decideRelease } from "#gate/decide/packet.ts";
import { OperatorHoldRelease } from "#packet/wish.ts";
import { packetVerb } from "./packetVerb.ts";

/** Releases one operator hold, with a reason; only release security does (rule 3.5). */
export const operatorHoldRelease = packetVerb(
  "operatorHoldRelease",
  OperatorHoldRelease,
  (head, { placement, reason }) => decideRelease(head, placement, reason),
);
