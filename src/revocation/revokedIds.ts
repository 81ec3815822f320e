import { credentialId, credentialOf } from "#packet/revocation.ts";
import type { KeyFingerprint } from "#packet/actor.ts";
import type { Name } from "#packet/name.ts";
import { shardOf } from "#proof/revocationList.ts";

/**
 * What is revoked, of all shards together and apart by kind: one look into one Set. Revoked is for
 * good, so that a newer list only adds. Of a shard that was lost everything counts as revoked: it
 * may have been on the list.
 */
export class RevokedIds {
  readonly #names = { principal: new Set<Name>(), node: new Set<Name>() };
  readonly #keys = new Set<KeyFingerprint>();
  readonly #lost = new Set<number>();

  /** How many credentials are listed. */
  get size(): number {
    return this.#names.principal.size + this.#names.node.size + this.#keys.size;
  }

  /** The shards that were lost. */
  get lost(): ReadonlySet<number> {
    return this.#lost;
  }

  add(shard: number, ids: readonly string[]): void {
    for (const id of ids) {
      const credential = credentialOf(id);
      if (credential.kind === "KEY") this.#keys.add(credential.fingerprint);
      else if (credential.kind === "NODE") this.#names.node.add(credential.name);
      else this.#names.principal.add(credential.name);
    }
    this.#lost.delete(shard);
  }

  lose(shard: number): void {
    this.#lost.add(shard);
  }

  revokesPrincipal(name: Name): boolean {
    if (this.#names.principal.has(name)) return true;
    return this.#lost.size > 0 && this.#isLost(credentialId({ kind: "PRINCIPAL", name }));
  }

  revokesKey(fingerprint: KeyFingerprint): boolean {
    if (this.#keys.has(fingerprint)) return true;
    return this.#lost.size > 0 && this.#isLost(credentialId({ kind: "KEY", fingerprint }));
  }

  /** Whether a list that is held names the key. */
  namesKey(fingerprint: KeyFingerprint): boolean {
    return this.#keys.has(fingerprint);
  }

  /** Whether a list that is held names the principal. */
  namesPrincipal(name: Name): boolean {
    return this.#names.principal.has(name);
  }

  revokesNode(name: Name): boolean {
    if (this.#names.node.has(name)) return true;
    return this.#lost.size > 0 && this.#isLost(credentialId({ kind: "NODE", name }));
  }

  #isLost(id: string): boolean {
    return this.#lost.has(shardOf(id));
  }
}
