import type { StepAnswer } from "#ledger/ledger.ts";
import type { Refusal } from "#packet/refusal.ts";
import { tick } from "#recovery/clock.ts";
import type { Desk } from "./desk.ts";

/** The ticker's step: advances the epoch when its time has come, and writes what lapses; null while none is due (rule 6.2). */
export async function epochTick(desk: Desk): Promise<StepAnswer | Refusal | null> {
  return desk.ledger.stepClock({
    asker: null,
    decide: (clock, now) => tick(clock, desk.rate, now),
  });
}
