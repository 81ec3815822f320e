import { entitle } from "#access/permissions.ts";
import { type GateAnswer, gateAnswer } from "#gate/answer.ts";
import { LineageBroken } from "#ledger/fault.ts";
import type { Actor } from "#packet/actor.ts";
import type { Approval, GateReason } from "#packet/approval.ts";
import { Id, type PacketId, type RevisionDigest } from "#packet/name.ts";
import { Refusal, UnknownPacket } from "#packet/refusal.ts";
import { read } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { settled } from "./settled.ts";

/** The gate of a packet with what it rests on. */
export interface Gate extends GateAnswer {
  readonly packet: PacketId;
  /** Null where the lineage cannot be read, or is not believed, which is CLOSED. */
  readonly rests: GateGround | null;
}

/** What an answer rests on. */
export interface GateGround {
  readonly exercise: boolean;
  readonly revision: number;
  readonly digest: RevisionDigest;
  readonly materialDigest: RevisionDigest;
  readonly approval: Approval | null;
}

/**
 * OPEN or CLOSED at the epoch current in this reading, with every reason (rule 6.6). What
 * has lapsed by then is written first. A lineage that cannot be read, or is not believed, is
 * CLOSED; a database that does not answer throws.
 */
export async function gateRead(desk: Desk, actor: Actor, input: unknown): Promise<Gate | Refusal> {
  const refused = entitle(actor, "gateRead");
  if (refused !== null) return refused;
  const packet = read(Id, input);
  if (packet instanceof Refusal) return packet;
  const seen = await settled(desk.ledger, packet).catch((fault: unknown) => {
    if (fault instanceof LineageBroken) return "UNREADABLE" as const;
    throw fault;
  });
  if (seen === null) return new UnknownPacket();
  const reasons = untrusted(desk, seen === "UNREADABLE");
  if (seen === "UNREADABLE" || reasons.length > 0) return closed(desk, packet, reasons);
  const { head: state, digest, moment } = seen;
  const { facts, revision, materialDigest, approval } = state;
  const rests = { exercise: facts.exercise, revision, digest, materialDigest, approval };
  const answer = gateAnswer(state, moment.epoch, moment.doubt);
  // Of what is OPEN a statement may be signed, which is carried to where nobody can ask again.
  if (answer.status === "OPEN" && (await desk.headDoubt({ packet, revision, digest })) !== null) {
    return closed(desk, packet, ["LINEAGE_IN_DOUBT"]);
  }
  return { ...answer, packet, rests };
}

async function closed(
  { ledger }: Desk,
  packet: PacketId,
  reasons: readonly GateReason[],
): Promise<Gate> {
  const { epoch } = await ledger.moment();
  return { status: "CLOSED", reasons, packet, epoch, validThroughEpoch: null, rests: null };
}

/** Why nothing can rest on what the database says. */
function untrusted({ lineageDoubt }: Desk, isUnreadable: boolean): GateReason[] {
  const reasons: GateReason[] = isUnreadable ? ["UNREADABLE"] : [];
  return lineageDoubt() === null ? reasons : [...reasons, "LINEAGE_IN_DOUBT"];
}
