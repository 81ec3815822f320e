import { laneDuties } from "#gate/decide/source.ts";
import type { ProposalAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Refusal } from "#packet/refusal.ts";
import { LanePropose } from "#packet/wish.ts";
import { ask } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** Proposes an approval lane, which changes nothing until another person confirms it (rule 2.1). */
export async function lanePropose(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<ProposalAnswer | Refusal> {
  const asked = ask("lanePropose", LanePropose, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { exercise, train, lane } = wish;
  return desk.ledger.propose({
    exercise,
    train,
    asker,
    decide: ({ preparer }, { epoch, doubt }) =>
      laneDuties(lane, preparer, { actor, epoch, doubt }) ?? lane,
  });
}
