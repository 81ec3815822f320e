import type { Release } from "#packet/rollback.ts";
import { RELEASE_NAMESPACE, releaseStatementBytes } from "#proof/releaseStatement.ts";
import { makeOwnKey } from "./ownKey.ts";

/** Whoever made the rehearsal's releases, with a key of their own that lives as long as it. */
export interface ReleaseSigner {
  readonly fingerprint: string;
  /** The release's metadata as they have signed them for a component (PROTOCOL.sshsig). */
  readonly signed: (component: string, release: Omit<Release, "signedBy">) => Release;
}

/** Makes a key and whoever holds it. */
export function releaseSigner(): ReleaseSigner {
  const { fingerprint, signature } = makeOwnKey();
  return {
    fingerprint,
    signed: (component, release) => ({
      ...release,
      signedBy: [fingerprint],
      signatures: [signature(RELEASE_NAMESPACE, releaseStatementBytes({ ...release, component }))],
    }),
  };
}
