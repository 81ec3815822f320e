import { entitle } from "#access/permissions.ts";
import { type GateAnswer, gateAnswer } from "#gate/answer.ts";
import type { Actor } from "#packet/actor.ts";
import { type PacketId, Id } from "#packet/name.ts";
import { Refusal, UnknownPacket } from "#packet/refusal.ts";
import { read } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** The gate of a packet with what it rests on. */
export interface Gate extends GateAnswer {
  readonly packet: PacketId;
  readonly exercise: boolean;
  readonly revision: number;
  readonly digest: string;
  readonly materialDigest: string;
}

/** OPEN or CLOSED at the epoch current in this reading, with every reason; what cannot be read throws and is never OPEN (rule 6.6). */
export async function gateRead(desk: Desk, actor: Actor, input: unknown): Promise<Gate | Refusal> {
  const refused = entitle(actor, "gateRead");
  if (refused !== null) return refused;
  const packet = read(Id, input);
  if (packet instanceof Refusal) return packet;
  const seen = await desk.ledger.view(packet);
  if (seen === null) return new UnknownPacket();
  const { state, digest, moment } = seen;
  const answer = gateAnswer(state, moment.epoch, moment.doubt);
  const { exercise } = state.facts;
  return {
    ...answer,
    packet,
    exercise,
    revision: state.revision,
    digest,
    materialDigest: state.materialDigest,
  };
}
