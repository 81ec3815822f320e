import type { ClockDoubt } from "#packet/approval.ts";
import type { Actor } from "#packet/actor.ts";
import type { Epoch } from "#packet/epoch.ts";

/** Who asks, and at which moment of the deployment's own time. */
export interface Asking {
  readonly actor: Actor;
  readonly epoch: Epoch;
  /** A doubt about the epoch, while which no approval is accepted (rule 6.5). */
  readonly doubt: ClockDoubt | null;
}
