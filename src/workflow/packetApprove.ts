import { decideApprove } from "#gate/decide/approval.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Refusal } from "#packet/refusal.ts";
import { PacketApprove } from "#packet/wish.ts";
import { ask } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** Records the owner's approval of one exact revision, and stops there (rules 5.1 and 5.2). */
export async function packetApprove(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Appended | Refusal> {
  const asked = ask("packetApprove", PacketApprove, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { packet, revision, digest } = wish;
  // A revision never changes, so what is found before the head is taken still holds after.
  const recorded = await desk.ledger.revision(packet, revision);
  const named = { revision, digest, recordedDigest: recorded?.digest ?? null };
  return desk.ledger.append({
    packet,
    asker,
    decide: (head, { epoch, doubt }) => decideApprove(head, named, { actor, epoch, doubt }),
  });
}
