import type { ReadinessState, Responder } from "#packet/emergency.ts";
import type { EntryOf } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Name } from "#packet/name.ts";

/** What is known of one person's way in. */
interface Known {
  readonly person: Name;
  /** What the plan says of them; null where it does not name them. */
  readonly responder: Responder | null;
  readonly lastExercise: EntryOf<"EMERGENCY_EXERCISE"> | null;
  readonly isRevoked: boolean;
  readonly epoch: Epoch;
}

/** How ready one person is, and what that rests on. */
export interface Readiness {
  readonly person: Name;
  readonly state: ReadinessState;
  readonly lastExercise: EntryOf<"EMERGENCY_EXERCISE"> | null;
  /** Epochs since then; null for never. */
  readonly ageEpochs: bigint | null;
}

/** Readiness is what real use shows, and never what somebody says of themselves. */
export function readinessOf(known: Known): Readiness {
  const { person, lastExercise, epoch } = known;
  const ageEpochs = lastExercise === null ? null : epoch - lastExercise.observedEpoch;
  return { person, state: stateOf(known), lastExercise, ageEpochs };
}

function stateOf({ responder, lastExercise, isRevoked, epoch }: Known): ReadinessState {
  if (isRevoked) return "CREDENTIAL_REVOKED";
  if (responder === null) return "NOT_IN_PLAN";
  const { provisionedEpoch, lifetimeEpochs } = responder;
  if (epoch > provisionedEpoch + lifetimeEpochs) return "CREDENTIAL_ENDED";
  if (lastExercise === null) return "NEVER_EXERCISED";
  return lastExercise.observedEpoch < provisionedEpoch ? "NOT_SINCE_PROVISIONED" : "READY";
}
