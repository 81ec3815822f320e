import type { StepAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { ClockInDoubt, EpochTooSoon, Refusal } from "#packet/refusal.ts";
import { EpochAdvance } from "#packet/wish.ts";
import { epochChanges } from "#recovery/change.ts";
import { advanceByHand } from "#recovery/clock.ts";
import { ask } from "./ask.ts";
import { changeSpending } from "./changeSpending.ts";
import type { Desk } from "./desk.ts";

/** Advances the epoch by one step by hand, which breaks every time mapping (rules 6.1 and 6.5). */
export async function epochAdvance(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<StepAnswer | Refusal | null> {
  const asked = ask("epochAdvance", EpochAdvance, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  return desk.ledger.stepClock({
    asker,
    reason: wish.reason,
    spending: await changeSpending(desk, epochChanges.advance, wish.token),
    decide: (clock, now) => {
      if (clock.frozen) return new ClockInDoubt("EPOCH_FROZEN");
      return advanceByHand(clock, now) ?? new EpochTooSoon(clock.epoch);
    },
  });
}
