import { EMERGENCY_SUBJECT } from "#packet/emergency.ts";
import type { EntryOf } from "#packet/entry.ts";
import type { Epoch, Epochs } from "#packet/epoch.ts";
import type { Finding } from "#packet/hold.ts";
import { type Name, compareNames } from "#packet/name.ts";
import { Notes, countingOf, entriesOf, isAccepted, isFresh } from "./evidence.ts";
import type { Facts, Verdict } from "./state.ts";

/**
 * Of whom the lane asks that they use the emergency path: the owner, and every responder of the
 * newest plan, in order of name. Nobody where it asks for nothing.
 */
export function askedToExercise(facts: Facts): Name[] {
  const { emergencyAccess: asked, owner } = facts.sources.APPROVAL_LANE.content;
  if (asked === undefined) return [];
  const plan = countingOf(facts, "EMERGENCY_PLAN", EMERGENCY_SUBJECT);
  const responders = plan?.responders.map((item) => item.person) ?? [];
  return [...new Set([owner, ...responders])].toSorted(compareNames);
}

/** Rule 4.1.13 (ADR 0085): whoever must get in when nothing else lets them in has done so lately. */
export function judgeEmergency(facts: Facts, epoch: Epoch): Verdict {
  const { emergencyAccess: asked } = facts.sources.APPROVAL_LANE.content;
  const notes = new Notes(facts, epoch);
  const holds: Finding[] = [];
  if (asked === undefined) return { holds, advisories: [], due: null };
  const { maxAgeEpochs } = asked;
  for (const person of askedToExercise(facts)) {
    const last = lastExercise(facts, person);
    if (last !== undefined && isFresh(last, maxAgeEpochs, { epoch, ageless: false })) {
      notes.goodNews(last, maxAgeEpochs);
      continue;
    }
    const why = whyUnready(person, last, maxAgeEpochs);
    const code = "EMERGENCY_ACCESS_UNEXERCISED";
    const evidence = last === undefined ? [] : [last.entry];
    const finding = { code, subject: person, why, evidence, byAge: last !== undefined } as const;
    if (asked.holds) holds.push(finding);
    else notes.advise(code, person, why, last === undefined ? [] : [last]);
  }
  return { holds, advisories: notes.advisories, due: notes.due };
}

/** The person's newest use of the path, by their own doing. */
function lastExercise(facts: Facts, person: Name): EntryOf<"EMERGENCY_EXERCISE"> | undefined {
  return entriesOf(facts, "EMERGENCY_EXERCISE", EMERGENCY_SUBJECT).findLast(
    (entry) => entry.person === person && isAccepted(facts, entry),
  );
}

function whyUnready(
  person: Name,
  last: EntryOf<"EMERGENCY_EXERCISE"> | undefined,
  ageMax: Epochs,
): string {
  if (last === undefined) return `${person} has never used the emergency path`;
  return `${person} last used the emergency path at epoch ${last.observedEpoch}, which counted through epoch ${last.observedEpoch + ageMax}`;
}
