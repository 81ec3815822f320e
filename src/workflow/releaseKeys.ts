import { viewComponent } from "#gate/components.ts";
import { ofComponent } from "#gate/dependencies.ts";
import type { KeyFingerprint } from "#packet/actor.ts";
import { type Name, compareNames } from "#packet/name.ts";
import type { Release } from "#packet/rollback.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import type { SshPublicKey } from "#proof/sshPublicKey.ts";
import { SshFault } from "#proof/sshWire.ts";
import type { Desk } from "./desk.ts";
import { openPackets } from "./openPackets.ts";

/** A component that still goes by a key, of which somebody asks because it is revoked or may be. */
export interface Reliance {
  readonly component: Name;
  readonly key: KeyFingerprint;
  /** Whether it is recorded, or declared, to trust the key. */
  readonly isTrusted: boolean;
  /** The releases in rollback scopes of open packets that the key signed for it, in order of name. */
  readonly releases: readonly Name[];
}

/** Whether somebody asks of this key; its public key is known only where a signature of it is at hand. */
export type KeyQuestion = (fingerprint: KeyFingerprint, key: SshPublicKey | null) => boolean;

/** Which keys count no more, by the lists and, where a signature is at hand, by the file of revoked keys. */
export function countsNoMore({ revocations, signers }: Desk): KeyQuestion {
  return (fingerprint, key) =>
    key === null ? revocations.revokesKey(fingerprint) : signers.whyRevoked(key) !== null;
}

/** Where real components, or those of exercises, go by the keys asked about, in order of component and key. */
export async function reliances(
  { ledger }: Desk,
  exercise: boolean,
  isAsked: KeyQuestion,
): Promise<Reliance[]> {
  const signed = new Map<string, Set<Name>>();
  for await (const { seen } of openPackets(ledger, exercise)) {
    const scope = seen?.state.facts.sources.ROLLBACK_SCOPE.content;
    for (const { component, release } of [
      ...(scope?.packages ?? []),
      ...(scope?.trainReleases ?? []),
    ]) {
      for (const key of signersOf(release)) {
        if (!isAsked(key.fingerprint, key)) continue;
        const place = placeOf(component, key.fingerprint);
        signed.set(place, (signed.get(place) ?? new Set()).add(release.release));
      }
    }
  }
  const trusted = new Set<string>();
  for (const component of await ledger.components(exercise)) {
    const { entries } = await ledger.shared(exercise, ofComponent(component));
    const { refuses, declaration } = viewComponent(component, entries);
    const keys = [...(refuses?.trustedKeys ?? []), ...(declaration?.intended.trustedKeys ?? [])];
    for (const key of keys) {
      if (key.startsWith("SHA256:") && isAsked(key, null)) trusted.add(placeOf(component, key));
    }
  }
  return [...new Set([...signed.keys(), ...trusted])].toSorted(compareNames).map((place) => {
    const [component = "", key = ""] = place.split(" ");
    const releases = [...(signed.get(place) ?? [])].toSorted(compareNames);
    return { component, key, isTrusted: trusted.has(place), releases };
  });
}

/** The keys that signed a release whose signatures were verified when it was brought. */
export function signersOf({ signatures = [] }: Release): SshPublicKey[] {
  return signatures.flatMap((armored) => {
    const read = readSshSignature(armored);
    return read instanceof SshFault ? [] : [read.publicKey];
  });
}

/** Neither a component's name nor a fingerprint has a space in it. */
function placeOf(component: Name, key: KeyFingerprint): string {
  return `${component} ${key}`;
}
