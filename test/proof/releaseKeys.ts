import type { Release } from "#packet/rollback.ts";
import { RELEASE_NAMESPACE, releaseStatementBytes } from "#proof/releaseStatement.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { type MadeSigner, armor, blobOf, makeSigner, partsOf } from "./sshMaker.ts";

/** A key that signs releases. */
export interface ReleaseKey {
  readonly signer: MadeSigner;
  /** As `signedBy` and `trustedKeys` name it. */
  readonly fingerprint: string;
}

export function makeReleaseKey(type = "ssh-ed25519"): ReleaseKey {
  const signer = makeSigner({ type });
  return { signer, fingerprint: fingerprintOf(signer.wire) };
}

/** One key's signature of a release for a component, as `ssh-keygen -Y sign` would write it. */
export function signatureOf(
  component: string,
  release: Release,
  { signer }: ReleaseKey,
  namespace: string = RELEASE_NAMESPACE,
): string {
  const message = releaseStatementBytes({ ...release, component });
  return armor(blobOf(partsOf(signer, message, namespace)));
}

/** Packages and train releases of a rollback scope, changed one by one. */
function scopeWith<S extends object>(
  scope: S,
  change: (item: { readonly component: string; readonly release: Release }) => object,
): S {
  const parts = Object.entries(scope).map(([name, part]: [string, unknown]) => [
    name,
    Array.isArray(part) ? part.map(change) : part,
  ]);
  return Object.fromEntries(parts) as S;
}

/** A rollback scope whose releases name no signer, and no key but one that is a mere name. */
export function unsignedScope<S extends object>(scope: S): S {
  return scopeWith(scope, (item) => {
    const { signatures: _signatures, ...release } = item.release;
    const trustedKeys = release.trustedKeys.length === 0 ? [] : ["key-1"];
    return { ...item, release: { ...release, trustedKeys, signedBy: [] } };
  });
}

/** The same with each release signed by this key alone. */
export function signedScope<S extends object>(scope: S, key: ReleaseKey): S {
  return scopeWith(scope, ({ release, ...item }) => ({
    ...item,
    release: signedRelease(item.component, release, key),
  }));
}

/** The release as these keys have signed it for a component. */
export function signedRelease(
  component: string,
  release: Omit<Release, "signedBy" | "signatures">,
  ...keys: readonly ReleaseKey[]
): Release {
  const signedBy = keys.map(({ fingerprint }) => fingerprint);
  const whole = { ...release, signedBy };
  return { ...whole, signatures: keys.map((key) => signatureOf(component, whole, key)) };
}
