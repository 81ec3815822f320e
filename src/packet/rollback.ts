import { z } from "zod";
import { ASKED_MAX, DENIED_MAX, KEYS_MAX, PACKAGES_MAX } from "./limits.ts";
import { Digest, Name, distinctList } from "./name.ts";

/** A security version number: it rises when a vulnerability is fixed. */
export const SecurityVersion = z.int().min(0);

/** What a component needs to know of a release to admit or refuse it. */
export const Release = z.strictObject({
  release: Name,
  digest: Digest,
  svn: SecurityVersion,
  /** The minimum acceptable SVN that the component keeps once this release has initialised there. */
  masvn: SecurityVersion,
  /** Digests that the component denies once this release has initialised there. */
  denied: z.array(Digest).max(DENIED_MAX),
  /** Keys that the component trusts once this release has initialised there. */
  trustedKeys: z.array(Name).max(KEYS_MAX),
  /** The keys this release is signed with. */
  signedBy: z.array(Name).max(KEYS_MAX),
});
export type Release = z.infer<typeof Release>;

/** A component's recorded state: it starts empty and only ever refuses more. An empty key list trusts every key. */
export interface ComponentState {
  readonly floor: number;
  readonly denied: readonly Digest[];
  readonly trustedKeys: readonly Name[];
}

const ComponentRelease = z.strictObject({ component: Name, release: Release });

/** A release to go back to, kept on sealed media by custodians. Its digest is that of its release. */
const RollbackPackage = z.strictObject({ package: Name, component: Name, release: Release });
export type RollbackPackage = z.infer<typeof RollbackPackage>;

/** What may be rolled back to, and the train's own release on each component concerned (rule 4.1.4). */
export const RollbackScope = z
  .strictObject({
    kind: z.literal("ROLLBACK_SCOPE"),
    packages: distinctList(RollbackPackage, PACKAGES_MAX, (item) => item.package),
    trainReleases: distinctList(ComponentRelease, PACKAGES_MAX, (item) => item.component),
    minCustodians: z.int().min(1).max(ASKED_MAX),
  })
  .superRefine((scope, context) => {
    const patched = new Set(scope.trainReleases.map((item) => item.component));
    for (const [index, item] of scope.packages.entries()) {
      if (patched.has(item.component)) continue;
      const message = "names a component for which trainReleases has no release";
      context.addIssue({ code: "custom", path: ["packages", index, "component"], message });
    }
  });
export type RollbackScope = z.output<typeof RollbackScope>;
