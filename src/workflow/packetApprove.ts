import { decideApprove } from "#gate/decide/approval.ts";
import type { PacketState } from "#gate/state.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { LineageInDoubt } from "#packet/lineage.ts";
import { ApprovalRefused, Refusal } from "#packet/refusal.ts";
import { PacketApprove } from "#packet/wish.ts";
import { ask } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { emergencyExercise } from "./emergencyExercise.ts";
import { inOneForm, signatureFault, unsignedFault } from "./signatures.ts";

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
  const signature = wish.signature === undefined ? null : inOneForm(wish.signature);
  // A revision never changes, so what is found before the head is taken still holds after.
  const recorded = await desk.ledger.revision(packet, revision);
  const named = { revision, digest, recordedDigest: recorded?.digest ?? null };
  const signed = signature === null ? null : { signature, namedEpoch: recorded?.epoch ?? null };
  const signing = ({ facts: { exercise } }: PacketState): Refusal | null => {
    if (signature === null) return unsignedFault(desk, actor, exercise);
    const decided = { decision: "APPROVE", packet, exercise, revision, digest } as const;
    return signatureFault(desk, actor, decided, signature);
  };
  let isExercise = false;
  const appended = await desk.ledger.append({
    packet,
    asker,
    decide(head, { epoch, doubt }) {
      isExercise = head.facts.exercise;
      const decided = decideApprove(head, named, { actor, epoch, doubt }, signed);
      return unless([signing(head), lineageFault(desk)], decided);
    },
  });
  // The approval stands whether or not it can be noted what it was an exercise of.
  if (isExercise && signature !== null && !(appended instanceof Refusal)) {
    await emergencyExercise(desk, actor, "APPROVAL_SIGNATURE").catch(() => undefined);
  }
  return appended;
}

/** Nothing is approved on a lineage that may not be whole. */
function lineageFault({ lineageDoubt }: Desk): Refusal | null {
  const doubt = lineageDoubt();
  return doubt === null ? null : new LineageInDoubt(doubt);
}

/** What was decided, unless something else speaks against it; every reason is told then. */
function unless<Decided>(
  faults: readonly (Refusal | null)[],
  decided: Decided | Refusal,
): Decided | Refusal {
  const more = faults.filter((fault) => fault !== null);
  if (more.length === 0) return decided;
  const others = decided instanceof ApprovalRefused ? decided.reasons : [];
  return new ApprovalRefused([...others, ...more]);
}
