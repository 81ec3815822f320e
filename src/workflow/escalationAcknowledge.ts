import { decideAcknowledge } from "#gate/decide/packet.ts";
import { EscalationAcknowledge } from "#packet/wish.ts";
import { packetVerb } from "./packetVerb.ts";

/** Records that somebody has seen the escalation; clears nothing (rule 3.8). */
export const escalationAcknowledge = packetVerb(
  "escalationAcknowledge",
  EscalationAcknowledge,
  (head, { note }) => decideAcknowledge(head, note),
);
