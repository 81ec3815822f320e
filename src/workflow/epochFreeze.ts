import type { StepAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { ClockUnchanged, Refusal } from "#packet/refusal.ts";
import { EpochFreeze } from "#packet/wish.ts";
import { epochChanges } from "#recovery/change.ts";
import { freeze } from "#recovery/clock.ts";
import { ask } from "./ask.ts";
import { changeSpending } from "./changeSpending.ts";
import type { Desk } from "./desk.ts";

/** Freezes the epoch: nothing lapses, nothing is approved, every gate is CLOSED (rule 6.5). */
export async function epochFreeze(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<StepAnswer | Refusal | null> {
  const asked = ask("epochFreeze", EpochFreeze, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  return desk.ledger.stepClock({
    asker,
    reason: wish.reason,
    spending: await changeSpending(desk, epochChanges.freeze, wish.token),
    decide: (clock, now) =>
      clock.frozen ? new ClockUnchanged("the epoch is frozen already") : freeze(clock, now),
  });
}
