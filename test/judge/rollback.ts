import type { EntryOf, Release, RollbackPackage } from "./shapes.ts";
import { isGood, isRevoked, wordsOf } from "./words.ts";
import type { View } from "./words.ts";

/** The subject of a package: its name and its release's digest. */
export function packageText(item: RollbackPackage): string {
  return `${item.package} ${item.release.digest}`;
}

/** What is recorded of a component, in ledger order. */
export type Recorded = EntryOf<
  "COMPONENT_STATE" | "COMPONENT_DECLARATION" | "RELEASE_INITIALISATION" | "KEY_ROTATION"
>;

/** Everything that is recorded of a component. */
export function recordedOf(view: View, component: string): readonly Recorded[] {
  return view.known.entries.filter(
    (entry): entry is Recorded => "component" in entry && entry.component === component,
  );
}

/** Rule 4.1.4, reading 6: whether the component will admit the package once the train's release is there. */
export function isAdmissible(view: View, item: RollbackPackage): boolean {
  const { trainReleases } = view.known.sources.ROLLBACK_SCOPE.content;
  const patch = trainReleases.find((train) => train.component === item.component)?.release;
  const recorded = recordedOf(view, item.component);
  return reasonsAgainst(recorded, patch ?? null, item.release).length === 0;
}

/** What a component refuses, by everything that is recorded of it and the patch. */
export interface Refuses {
  readonly floor: number;
  readonly denied: readonly string[];
  readonly trusted: readonly string[];
  readonly trustsAnybody: boolean;
  /** Keys that are out, and pairs that are being exchanged. */
  readonly gone: readonly string[];
  readonly rotating: readonly (readonly [outgoing: string, incoming: string])[];
}

/** Decision record 0081: a floor is the greatest, a deny list the union; of keys see below. */
export function refusesAfter(recorded: readonly Recorded[], patch: Release | null): Refuses {
  const reports = recorded.filter((entry) => entry.kind === "COMPONENT_STATE");
  const initialised = recorded
    .filter((entry) => entry.kind === "RELEASE_INITIALISATION")
    .map((one) => one.release);
  if (patch !== null) initialised.push(patch);
  const floors = [...reports.map((one) => one.floor), ...initialised.map((one) => one.masvn)];
  const denied = [...reports, ...initialised].flatMap((one) => one.denied);
  return { floor: Math.max(0, ...floors), denied, ...keysAfter(recorded, patch) };
}

/** Decision record 0081: every reason against a release on a component of which this is recorded, after the patch. */
export function reasonsAgainst(
  recorded: readonly Recorded[],
  patch: Release | null,
  release: Release,
): string[] {
  const after = refusesAfter(recorded, patch);
  const bears = (key: string): boolean => release.signedBy.includes(key);
  const spare = recorded.findLast((entry) => entry.kind === "COMPONENT_DECLARATION")?.spareParts;
  const old = [...after.gone, ...after.rotating.map(([from]) => from)];
  const current = after.trusted.filter((key) => !old.includes(key));
  const isForShelf = old.length === 0 || (old.some(bears) && current.some(bears));
  const reasons = {
    BELOW_FLOOR: release.svn < after.floor,
    DENIED: after.denied.includes(release.digest),
    UNTRUSTED_KEY: !after.trustsAnybody && !after.trusted.some(bears),
    SPARE_PARTS:
      spare !== undefined && !(isForShelf && (patch === null || suitsShelf(recorded, patch))),
    PATCH_IN_ROTATION:
      patch !== null && after.rotating.flat().some((key) => !patch.signedBy.includes(key)),
  };
  return Object.entries(reasons).flatMap(([reason, applies]) => (applies ? [reason] : []));
}

/** Whether a part from the shelf could take the patch, and so could the component as it is. */
function suitsShelf(recorded: readonly Recorded[], patch: Release): boolean {
  const { gone, rotating, trusted } = refusesAfter(recorded, null);
  const old = [...gone, ...rotating.map(([from]) => from)];
  if (old.length === 0) return true;
  const isBorne = (key: string): boolean => patch.signedBy.includes(key);
  return old.some(isBorne) && trusted.some((key) => !old.includes(key) && isBorne(key));
}

/** A key is trusted by the newest report, or brought after it, unless it was ever rotated out. */
function keysAfter(recorded: readonly Recorded[], patch: Release | null) {
  const rotations = recorded.filter((entry) => entry.kind === "KEY_ROTATION");
  const gone = rotations.filter((one) => one.mode !== "OVERLAP").map((one) => one.outgoing);
  const newest = recorded.findLastIndex((entry) => entry.kind === "COMPONENT_STATE");
  const named = recorded.slice(Math.max(newest, 0)).flatMap((entry) => {
    if (entry.kind === "COMPONENT_STATE") return entry.trustedKeys;
    if (entry.kind === "KEY_ROTATION") return [entry.outgoing, entry.incoming];
    return entry.kind === "RELEASE_INITIALISATION" ? entry.release.trustedKeys : [];
  });
  const trusted = [...named, ...(patch?.trustedKeys ?? [])].filter((key) => !gone.includes(key));
  const rotating = rotations
    .filter((one) => one.mode === "OVERLAP")
    .filter((one) => !gone.includes(one.outgoing) && !gone.includes(one.incoming))
    .map((one): [string, string] => [one.outgoing, one.incoming]);
  return { gone, trusted, rotating, trustsAnybody: trusted.length === 0 && gone.length === 0 };
}

/** Reading 12: who holds the package, with the seal. */
export function holdersOf(
  view: View,
  item: RollbackPackage,
): { custodian: string; seal: string }[] {
  const custodians = view.known.sources.ROSTER.content.people
    .filter((one) => one.roles.includes("CUSTODIAN"))
    .map((one) => one.person)
    .filter((person) => !isRevoked(view, person));
  return wordsOf(view, "CUSTODY")
    .filter((word) => word.package === item.package && custodians.includes(word.custodian))
    .filter((word) => isGood(view, word))
    .map((word) => ({ custodian: word.custodian, seal: word.seal ?? "" }));
}

/** Rule 4.3.4: bad news stands whatever its age, and whoever, on or off the roster, holds the package. */
export function isDisputed(view: View, item: RollbackPackage): boolean {
  return wordsOf(view, "CUSTODY")
    .filter((word) => word.package === item.package && word.digest === item.release.digest)
    .filter((word) => word.status === "HELD")
    .some((word) => word.observed !== null && word.observed !== word.digest);
}
