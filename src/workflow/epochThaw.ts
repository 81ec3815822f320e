import type { StepAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { ClockUnchanged, Refusal } from "#packet/refusal.ts";
import { EpochThaw } from "#packet/wish.ts";
import { epochChanges } from "#recovery/change.ts";
import { thaw } from "#recovery/clock.ts";
import { ask } from "./ask.ts";
import { changeSpending } from "./changeSpending.ts";
import type { Desk } from "./desk.ts";

/** Lets a frozen epoch move again; window and calendar must then be accepted anew (rule 6.5). */
export async function epochThaw(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<StepAnswer | Refusal | null> {
  const asked = ask("epochThaw", EpochThaw, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  return desk.ledger.stepClock({
    asker,
    reason: wish.reason,
    spending: await changeSpending(desk, epochChanges.thaw, wish.token),
    decide: (clock, now) =>
      clock.frozen ? thaw(clock, now) : new ClockUnchanged("the epoch is not frozen"),
  });
}
