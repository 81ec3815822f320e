import { EMERGENCY_SUBJECT, type ExerciseHow, EXERCISE_EVERY_EPOCHS } from "#packet/emergency.ts";
import { knownOf } from "#gate/decide/components.ts";
import { decideShared } from "#gate/decide/entries.ts";
import type { SharedSubject } from "#gate/dependencies.ts";
import type { Actor } from "#packet/actor.ts";
import type { Entry } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Name } from "#packet/name.ts";
import { InvalidInput } from "#packet/refusal.ts";
import { sha256Hex } from "#proof/digest.ts";
import type { Desk } from "./desk.ts";

const EXERCISES: SharedSubject = { kind: "EMERGENCY_EXERCISE", name: EMERGENCY_SUBJECT };

/**
 * Records that somebody really used the emergency path, at most once in so many epochs. It is
 * evidence about a person's path and not about a packet, so real packets and exercises learn of it
 * alike (ADR 0085). No input asks for it: it is called from the use itself.
 */
export async function emergencyExercise(desk: Desk, actor: Actor, how: ExerciseHow): Promise<void> {
  if (actor.kind !== "PERSON") return;
  for (const exercise of [false, true]) await recordOnce(desk, actor, how, exercise);
}

async function recordOnce(
  { ledger, newId }: Desk,
  actor: Actor,
  how: ExerciseHow,
  exercise: boolean,
): Promise<void> {
  const isLate = (entries: readonly Entry[], epoch: Epoch): boolean => {
    const last = entries.findLast((entry) => entry.reporter === actor.actor);
    return last === undefined || epoch - last.observedEpoch >= EXERCISE_EVERY_EPOCHS;
  };
  const [{ entries: known }, { epoch: now }] = await Promise.all([
    ledger.shared(exercise, [EXERCISES]),
    ledger.moment(),
  ]);
  // Most uses follow another: they take no lock.
  if (!isLate(known, now)) return;
  await ledger.report({
    exercise,
    asker: { actor, verb: "emergencyExercise", idempotencyKey: newId(), input: sha256Hex(how) },
    subjects: [EXERCISES],
    decide: ({ entries }, { epoch, doubt }) => {
      if (!isLate(entries, epoch)) return new InvalidInput([]);
      const report = { kind: "EMERGENCY_EXERCISE", person: actor.actor, how } as const;
      const receiving = { actor, epoch, doubt, newId, reportNumber: null };
      const known = { newest: () => undefined, component: (name: Name) => knownOf(name, []) };
      return decideShared(known, [report], receiving);
    },
  });
}
