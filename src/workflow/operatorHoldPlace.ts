import { decidePlace } from "#gate/decide/packet.ts";
import { OperatorHoldPlace } from "#packet/wish.ts";
import { packetVerb } from "./packetVerb.ts";

/** Places an operator hold at once, with a reason (rule 3.5). */
export const operatorHoldPlace = packetVerb(
  "operatorHoldPlace",
  OperatorHoldPlace,
  (head, { reason }) => decidePlace(head, reason),
);
