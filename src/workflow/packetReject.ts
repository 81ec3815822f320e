import { type SignedRejection, decideReject } from "#gate/decide/approval.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Refusal } from "#packet/refusal.ts";
import type { RejectionSignature } from "#packet/signature.ts";
import { PacketReject } from "#packet/wish.ts";
import { ask } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { inOneForm, signatureFault } from "./signatures.ts";

/** Records the owner's rejection, signed or not, which holds until a preparer answers it (rule 5.3). */
export async function packetReject(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Appended | Refusal> {
  const asked = ask("packetReject", PacketReject, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { packet, expectedRevision, reason, signature } = wish;
  const signed = signature === undefined ? null : await signedOf(desk, packet, signature);
  return desk.ledger.append({
    packet,
    asker,
    expectedRevision,
    decide(head, { epoch, doubt }) {
      const decided = decideReject(head, reason, { actor, epoch, doubt }, signed);
      if (signed === null || decided instanceof Refusal) return decided;
      const { revision, digest } = signed.signature;
      const { exercise } = head.facts;
      const stated = { decision: "REJECT", packet, exercise, revision, digest, reason } as const;
      return signatureFault(desk, actor, stated, signed.signature) ?? decided;
    },
  });
}

async function signedOf(
  { ledger }: Desk,
  packet: string,
  given: RejectionSignature,
): Promise<SignedRejection> {
  const signature = inOneForm(given);
  const recorded = await ledger.revision(packet, signature.revision);
  return {
    signature,
    namedEpoch: recorded?.epoch ?? null,
    recordedDigest: recorded?.digest ?? null,
  };
}
