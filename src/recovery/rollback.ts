import type { ComponentState, Release } from "#packet/rollback.ts";

/** A component of which nothing has been recorded: it admits every release. */
export const UNRECORDED: ComponentState = { floor: 0, denied: [], trustedKeys: [] };

/** Why a component refuses a release. */
export type Inadmissibility = "BELOW_FLOOR" | "DENIED" | "UNTRUSTED_KEY";

/** The component's state once the release has initialised there: it only ever refuses more. */
export function initialise(state: ComponentState, release: Release): ComponentState {
  return {
    floor: Math.max(state.floor, release.masvn),
    denied: union(state.denied, release.denied),
    trustedKeys: union(state.trustedKeys, release.trustedKeys),
  };
}

/** Every reason why the component would refuse the release; none when it admits it. */
export function inadmissibility(state: ComponentState, release: Release): Inadmissibility[] {
  const reasons: Inadmissibility[] = [];
  if (release.svn < state.floor) reasons.push("BELOW_FLOOR");
  if (state.denied.includes(release.digest)) reasons.push("DENIED");
  const trusted =
    state.trustedKeys.length === 0 ||
    release.signedBy.some((key) => state.trustedKeys.includes(key));
  if (!trusted) reasons.push("UNTRUSTED_KEY");
  return reasons;
}

/** True when `next` admits nothing that `previous` refuses by floor or deny list. */
export function refusesNoLess(previous: ComponentState, next: ComponentState): boolean {
  const denied = new Set(next.denied);
  return next.floor >= previous.floor && previous.denied.every((digest) => denied.has(digest));
}

/** Elements of both, each once, in order of name. */
export function union(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])].toSorted();
}
