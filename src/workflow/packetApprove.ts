import { decideApprove } from "#gate/decide/approval.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { type LineageDoubt, LineageInDoubt } from "#packet/lineage.ts";
import { ApprovalRefused, Refusal } from "#packet/refusal.ts";
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
    decide(head, { epoch, doubt }) {
      const decided = decideApprove(head, named, { actor, epoch, doubt });
      return unlessDoubted(desk.lineageDoubt(), decided);
    },
  });
}

/** Nothing is approved on a lineage that may not be whole; every other reason is told as well. */
function unlessDoubted<Decided>(
  doubt: LineageDoubt | null,
  decided: Decided | Refusal,
): Decided | Refusal {
  if (doubt === null) return decided;
  const others = decided instanceof ApprovalRefused ? decided.reasons : [];
  return new ApprovalRefused([...others, new LineageInDoubt(doubt)]);
}
