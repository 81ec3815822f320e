import type { SharedSubject } from "#gate/dependencies.ts";
import type { Ledger } from "#ledger/ledger.ts";
import { EMERGENCY_SUBJECT } from "#packet/emergency.ts";
import type { EntryOf, SharedEntry } from "#packet/entry.ts";
import { compareNames } from "#packet/name.ts";
import { type EmergencyGap, auditPlan } from "#recovery/emergency.ts";
import { type Readiness, readinessOf } from "#recovery/readiness.ts";

/** How the deployment is reached when nothing else answers, and how far that holds. */
export interface EmergencyAccess {
  /** Null where none was recorded. */
  readonly plan: EntryOf<"EMERGENCY_PLAN"> | null;
  readonly gaps: readonly EmergencyGap[];
  /** Everybody whom the plan names or who has used the path, in order of name. */
  readonly people: readonly Readiness[];
}

/** The newest plan of real access or of exercises, what its audit finds now, and who is ready (ADR 0085). */
export async function emergencyAccess(
  ledger: Pick<Ledger, "moment" | "shared">,
  exercise: boolean,
): Promise<EmergencyAccess> {
  const { epoch } = await ledger.moment();
  const { entries } = await ledger.shared(exercise, [
    { kind: "EMERGENCY_PLAN", name: EMERGENCY_SUBJECT },
    { kind: "EMERGENCY_EXERCISE", name: EMERGENCY_SUBJECT },
  ]);
  const plan = entries.findLast((entry) => entry.kind === "EMERGENCY_PLAN") ?? null;
  const exercises = entries.filter((entry) => entry.kind === "EMERGENCY_EXERCISE");
  const named = plan?.responders.map((item) => item.person) ?? [];
  const people = [...new Set([...named, ...exercises.map((item) => item.person)])].toSorted(
    compareNames,
  );
  const revoked = await revokedOf(ledger, exercise, people);
  return {
    plan,
    gaps: plan === null ? [] : auditPlan(plan, epoch),
    people: people.map((person) => {
      const responder = plan?.responders.find((item) => item.person === person) ?? null;
      const lastExercise = exercises.findLast((item) => item.person === person) ?? null;
      const isRevoked = revoked.has(person);
      return readinessOf({ person, responder, lastExercise, isRevoked, epoch });
    }),
  };
}

async function revokedOf(
  ledger: Pick<Ledger, "shared">,
  exercise: boolean,
  people: readonly string[],
): Promise<ReadonlySet<string>> {
  const subjects = people.map((name): SharedSubject => ({ kind: "CREDENTIAL_REVOCATION", name }));
  const { entries } = await ledger.shared(exercise, subjects);
  const isRevocation = (entry: SharedEntry): entry is EntryOf<"CREDENTIAL_REVOCATION"> =>
    entry.kind === "CREDENTIAL_REVOCATION";
  return new Set(entries.filter(isRevocation).map((entry) => entry.person));
}
