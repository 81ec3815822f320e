import { decideResubmit } from "#gate/decide/packet.ts";
import { PacketResubmit } from "#packet/wish.ts";
import { packetVerb } from "./packetVerb.ts";

/** Answers the owner's rejection and so clears it (rule 3.5). */
export const packetResubmit = packetVerb(
  "packetResubmit",
  PacketResubmit,
  (head, { answer }, asking) => decideResubmit(head, answer, asking),
);
