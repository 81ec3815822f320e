import { isGood, wordsOf } from "./words.ts";
import type { View } from "./words.ts";

/** Decision record 0085: of whom the lane asks to have used the emergency path: the owner and the newest plan's responders. */
export function peopleAsked(view: View): string[] {
  const lane = view.known.sources.APPROVAL_LANE.content;
  if (lane.emergencyAccess === undefined) return [];
  const responders = wordsOf(view, "EMERGENCY_PLAN").flatMap((plan) => plan.responders);
  return [...new Set([lane.owner, ...responders.map((item) => item.person)])];
}

/** Those of them of whom no exercise counts now. */
export function peopleUnexercised(view: View): string[] {
  const lately = wordsOf(view, "EMERGENCY_EXERCISE").filter((word) => isGood(view, word));
  return peopleAsked(view).filter((person) => lately.every((word) => word.person !== person));
}
