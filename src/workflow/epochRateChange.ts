import type { StepAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { ClockUnchanged, Refusal } from "#packet/refusal.ts";
import { EpochRateChange } from "#packet/wish.ts";
import { epochChanges } from "#recovery/change.ts";
import { changeRate } from "#recovery/clock.ts";
import { ask } from "./ask.ts";
import { changeSpending } from "./changeSpending.ts";
import type { Desk } from "./desk.ts";

/**
 * Records how long an epoch is from now on, which breaks every time mapping (rule 6.5). It stays so
 * over restarts, whatever is configured, until it is set again.
 */
export async function epochRateChange(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<StepAnswer | Refusal | null> {
  const asked = ask("epochRateChange", EpochRateChange, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { epochMs, reason, token } = wish;
  return desk.ledger.stepClock({
    asker,
    reason,
    spending: await changeSpending(desk, epochChanges.rate(epochMs), token),
    decide: (clock, now) =>
      clock.epochMs === epochMs
        ? new ClockUnchanged(`an epoch lasts ${epochMs} ms already`)
        : changeRate(clock, epochMs, now),
  });
}
