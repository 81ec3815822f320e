import { decideWithdraw } from "#gate/decide/approval.ts";
import { PacketWithdraw } from "#packet/wish.ts";
import { packetVerb } from "./packetVerb.ts";

/** Closes the packet for good (rule 5.3). */
export const packetWithdraw = packetVerb(
  "packetWithdraw",
  PacketWithdraw,
  (head, { reason }, asking) => decideWithdraw(head, reason, asking),
);
