import type { RollbackPackage } from "./shapes.ts";
import { isGood, isRevoked, wordsOf } from "./words.ts";
import type { View } from "./words.ts";

/** The subject of a package: its name and its release's digest. */
export function packageText(item: RollbackPackage): string {
  return `${item.package} ${item.release.digest}`;
}

/** Rule 4.1.4, reading 6: whether the component will admit the package once the train's release is there. */
export function isAdmissible(view: View, item: RollbackPackage): boolean {
  const { trainReleases } = view.known.sources.ROLLBACK_SCOPE.content;
  const reports = wordsOf(view, "COMPONENT_STATE").filter(
    (report) => report.component === item.component,
  );
  const releases = trainReleases
    .filter((train) => train.component === item.component)
    .map((train) => train.release);
  const floors = [
    ...reports.map((report) => report.floor),
    ...releases.map((release) => release.masvn),
  ];
  const denied = [...reports, ...releases].flatMap((one) => one.denied);
  const keys = [...reports.slice(-1), ...releases].flatMap((one) => one.trustedKeys);
  const { release } = item;
  const isTrusted = keys.length === 0 || release.signedBy.some((key) => keys.includes(key));
  const isHighEnough = floors.every((floor) => release.svn >= floor);
  return isHighEnough && isTrusted && !denied.includes(release.digest);
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
