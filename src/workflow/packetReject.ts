import { decideReject } from "#gate/decide/approval.ts";
import { PacketReject } from "#packet/wish.ts";
import { packetVerb } from "./packetVerb.ts";

/** Records the owner's rejection, which holds until a preparer answers it (rule 5.3). */
export const packetReject = packetVerb("packetReject", PacketReject, (head, { reason }, asking) =>
  decideReject(head, reason, asking),
);
