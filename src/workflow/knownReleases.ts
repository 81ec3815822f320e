import { ofComponent } from "#gate/dependencies.ts";
import type { Name } from "#packet/name.ts";
import type { Release } from "#packet/rollback.ts";
import type { Desk } from "./desk.ts";
import { openPackets } from "./openPackets.ts";

/**
 * Every release of a component that is known: that ever initialised there, or that the rollback scope
 * of an open packet names. Each once, by name and digest, in the order of digests.
 */
export async function knownReleases(
  { ledger }: Desk,
  exercise: boolean,
  component: Name,
): Promise<Release[]> {
  const found = new Map<string, Release>();
  const keep = (release: Release): void => {
    found.set(`${release.digest} ${release.release} ${release.svn}`, release);
  };
  const { entries } = await ledger.shared(exercise, ofComponent(component));
  for (const entry of entries) if (entry.kind === "RELEASE_INITIALISATION") keep(entry.release);
  for await (const { seen } of openPackets(ledger, exercise)) {
    const scope = seen?.state.facts.sources.ROLLBACK_SCOPE.content;
    for (const item of [...(scope?.packages ?? []), ...(scope?.trainReleases ?? [])]) {
      if (item.component === component) keep(item.release);
    }
  }
  return [...found].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one);
}
