import type { EntryOf, Receipt } from "#packet/entry.ts";
import type { Cause } from "#packet/fact.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Hold } from "#packet/hold.ts";
import type { RollbackForecast } from "#packet/wish.ts";
import { packageSubject } from "./custody.ts";
import { reachEpoch } from "./lapse.ts";
import { revise } from "./revise.ts";
import { type InadmissiblePackage, inadmissiblePackages } from "./scope.ts";
import type { PacketState } from "./state.ts";

/** What a change of a component's rollback control would do to one packet, were it recorded. */
export interface RollbackImpact {
  /** The packages that could not be gone back to any more, and could before. */
  readonly packages: readonly InadmissiblePackage[];
  readonly opened: readonly Hold[];
  readonly cleared: readonly Hold[];
  /** Whether the packet would be held then, and is not now. */
  readonly isNewlyHeld: boolean;
}

/** A change as it would be recorded. */
export type RollbackEntry = EntryOf<"RELEASE_INITIALISATION" | "KEY_ROTATION">;

/** A digest that no release has: only what the release asks for is looked at. */
const PLANNED = `sha256:${"0".repeat(64)}`;

/** A planned change as an entry: a floor or deny entry comes with a release that asks for it and for nothing else. */
export function plannedEntry(
  { component, change }: Pick<RollbackForecast, "component" | "change">,
  receipt: Receipt,
): RollbackEntry {
  if (change.kind === "ROTATION") {
    const { mode, outgoing, incoming } = change;
    return { kind: "KEY_ROTATION", component, mode, outgoing, incoming, ...receipt };
  }
  const masvn = change.kind === "FLOOR" ? change.floor : 0;
  const denied = change.kind === "DENY" ? change.denied : [];
  const release = { release: "planned", digest: PLANNED, svn: masvn, masvn, denied };
  return {
    kind: "RELEASE_INITIALISATION",
    component,
    release: { ...release, trustedKeys: [], signedBy: [] },
    ...receipt,
  };
}

/**
 * The same judgement as when it happens, of a change that nobody recorded; null for a packet that is
 * closed by then, or that is not about the component.
 */
export function rollbackImpact(
  state: PacketState,
  entry: RollbackEntry,
  { actor, epoch }: { readonly actor: Cause; readonly epoch: Epoch },
): RollbackImpact | null {
  const { head } = reachEpoch(state, epoch);
  const { packages } = head.facts.sources.ROLLBACK_SCOPE.content;
  const isConcerned = packages.some(({ component }) => component === entry.component);
  if (head.closing !== null || !isConcerned) return null;
  const before = new Set(inadmissiblePackages(head.facts).map(({ item }) => packageSubject(item)));
  const fact = { kind: "ENTRIES_RECORDED", entries: [entry] } as const;
  const revised = revise(head, { fact, actor, epoch });
  return {
    packages: inadmissiblePackages(revised.state.facts).filter(
      ({ item }) => !before.has(packageSubject(item)),
    ),
    opened: revised.opened,
    cleared: revised.cleared,
    isNewlyHeld: head.openHolds === 0 && revised.state.openHolds > 0,
  };
}
