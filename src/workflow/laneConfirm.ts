import { confirmationDuties, laneDuties } from "#gate/decide/source.ts";
import type { SourceAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Refusal } from "#packet/refusal.ts";
import { LaneConfirm } from "#packet/wish.ts";
import { ask } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** Confirms the lane that another release-security person proposed, naming its digest (rule 2.1). */
export async function laneConfirm(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<SourceAnswer | Refusal> {
  const asked = ask("laneConfirm", LaneConfirm, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { exercise, train, proposal, digest } = wish;
  return desk.ledger.confirm({
    exercise,
    train,
    asker,
    proposal,
    digest,
    decide: ({ preparer }, proposed, { epoch, doubt }) => {
      const asking = { actor, epoch, doubt };
      return (
        confirmationDuties(proposed.proposedBy, asking) ??
        laneDuties(proposed.lane, preparer, asking) ??
        // Whoever proposed it may have opened the packet since.
        laneDuties(proposed.lane, preparer, {
          ...asking,
          actor: { ...actor, actor: proposed.proposedBy },
        })
      );
    },
  });
}
