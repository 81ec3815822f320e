import { entitle } from "#access/permissions.ts";
import { type GateAnswer, gateAnswer } from "#gate/answer.ts";
import { reachEpoch } from "#gate/lapse.ts";
import type { Seen } from "#ledger/ledger.ts";
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

/** The epoch moves at most once a second, so writing what lapsed outruns it; this often at the most. */
const SETTLINGS_MAX = 5;

/**
 * OPEN or CLOSED at the epoch current in this reading, with every reason (rule 6.6). What
 * has lapsed by then is written first. What cannot be read throws, and is never OPEN.
 */
export async function gateRead(desk: Desk, actor: Actor, input: unknown): Promise<Gate | Refusal> {
  const refused = entitle(actor, "gateRead");
  if (refused !== null) return refused;
  const packet = read(Id, input);
  if (packet instanceof Refusal) return packet;
  const seen = await settled(desk, packet);
  if (seen === null) return new UnknownPacket();
  const { state, digest, moment } = seen;
  const answer = gateAnswer(state, moment.epoch, moment.doubt);
  const { facts, revision, materialDigest } = state;
  return { ...answer, packet, exercise: facts.exercise, revision, digest, materialDigest };
}

/** The packet at a head to which nothing is due any more. */
async function settled({ ledger }: Desk, packet: PacketId): Promise<Seen | null> {
  for (let settling = 0; settling < SETTLINGS_MAX; settling += 1) {
    const seen = await ledger.state(packet);
    if (seen === null || reachEpoch(seen.state, seen.moment.epoch).lapses.length === 0) return seen;
    await ledger.settle(packet);
  }
  throw new Error("the epoch moved on faster than lapses could be written");
}
