import { z } from "zod";
import { ASKED_MAX, DENIED_MAX, KEYS_MAX, PACKAGES_MAX, RELEASE_SIGNATURES_MAX } from "./limits.ts";
import { Digest, Name, distinctList } from "./name.ts";
import { observed } from "./observed.ts";
import { ArmoredSignature } from "./signature.ts";

const SIGNING_KEY =
  /^(?:SHA256:[A-Za-z0-9+/]{43}|[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,126}[A-Za-z0-9])?)$/;

/**
 * A key that signs releases: the fingerprint of an OpenSSH key, as `ssh-keygen -l` prints it. A mere
 * name can be trusted, but no signature proves it.
 */
export const SigningKey = z
  .string()
  .regex(SIGNING_KEY, "must be SHA256: and 43 characters of base64, or a name");
export type SigningKey = z.infer<typeof SigningKey>;

/** A security version number: it rises when a vulnerability is fixed. */
export const SecurityVersion = z.int().min(0);

const ReleaseSignature = ArmoredSignature.startsWith(
  "-----BEGIN SSH SIGNATURE-----",
  "must be an armored SSH signature",
);

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
  trustedKeys: z.array(SigningKey).max(KEYS_MAX),
  /** The keys this release is signed with: each is proven by one of the signatures. */
  signedBy: z.array(SigningKey).max(KEYS_MAX),
  /** Over the release's statement, in the namespace `release@holdfast`, one by each of `signedBy`. */
  signatures: z.array(ReleaseSignature).min(1).max(RELEASE_SIGNATURES_MAX).optional(),
});
export type Release = z.infer<typeof Release>;

/** A rotation under way: both keys are trusted until it ends. */
export interface Overlap {
  readonly outgoing: SigningKey;
  readonly incoming: SigningKey;
}

/** A component's recorded state. Floor, deny list and retired keys only grow, whatever is recorded. */
export interface ComponentState {
  readonly floor: number;
  readonly denied: readonly Digest[];
  /** While no key was ever retired, an empty list trusts every key; afterwards none. */
  readonly trustedKeys: readonly SigningKey[];
  /** Trusted no longer and never again, whatever a release or a report says. */
  readonly retiredKeys: readonly SigningKey[];
  /** Every key that was ever trusted: each takes one of a FIRMWARE component's slots for good. */
  readonly everTrusted: readonly SigningKey[];
  readonly overlaps: readonly Overlap[];
}

/** Why a component refuses a release, or a release does not do for all that it is for. */
export const Inadmissibility = z.enum([
  "BELOW_FLOOR",
  "DENIED",
  "UNTRUSTED_KEY",
  "SPARE_PARTS",
  "PATCH_IN_ROTATION",
]);
export type Inadmissibility = z.infer<typeof Inadmissibility>;

/** How the keys of a component are rotated. A sudden rotation must name itself so. */
export const KeyRotationMode = z.enum(["OVERLAP", "OVERLAP_END", "SUDDEN"]);
export type KeyRotationMode = z.infer<typeof KeyRotationMode>;

/** What was recorded of one rotation: from `outgoing` to `incoming`. */
export interface Rotation extends Overlap {
  readonly mode: KeyRotationMode;
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

/** A release has initialised on a component, which from now on refuses what the release asks it to. */
export const ReleaseInitialisation = z.strictObject({
  kind: z.literal("RELEASE_INITIALISATION"),
  component: Name,
  release: Release,
  ...observed,
});

/** A component's key is rotated, in an overlap or suddenly. A key that is out never comes back. */
export const KeyRotation = z
  .strictObject({
    kind: z.literal("KEY_ROTATION"),
    component: Name,
    mode: KeyRotationMode,
    outgoing: SigningKey,
    incoming: SigningKey,
    ...observed,
  })
  .refine(({ outgoing, incoming }) => outgoing !== incoming, {
    path: ["incoming"],
    message: "must be another key than the outgoing one",
  });
