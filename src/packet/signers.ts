import { z } from "zod";
import type { KeyFingerprint } from "./actor.ts";
import type { Name } from "./name.ts";
import type { SignatureInvalid } from "./signatureRefusal.ts";

/** What a signature was made for; one made for this can never be taken for that (PROTOCOL.sshsig). */
export const SshNamespace = z.enum([
  "sign-in@holdfast",
  "approval@holdfast",
  "exercise@holdfast",
  "entry@holdfast",
  "revocation@holdfast",
]);
export type SshNamespace = z.infer<typeof SshNamespace>;

/** An OpenSSH public key, in RFC 4253's form and by its fingerprint. */
interface PublicKey {
  readonly wire: Uint8Array;
  readonly fingerprint: KeyFingerprint;
}

/** Whose OpenSSH keys count for what: the allowed signers, less the keys that are revoked. */
export interface Signers {
  /**
   * The key with which this person signed exactly this message, if it is listed for them in this
   * namespace and not revoked. `armored` is of any form; nothing of it is repeated in the refusal.
   */
  keyFor(
    person: Name,
    armored: string,
    message: Uint8Array,
    namespace: SshNamespace,
  ): KeyFingerprint | SignatureInvalid;
  /**
   * Whether this person decides by signature only, really or in exercises: a key is listed for their
   * approvals of that kind, even one that is revoked since, or who has a key is not known at present.
   */
  mustSign(person: Name, exercise: boolean): boolean;
  /** Why this key counts for nothing, whoever's it is: revoked, or which keys are is not known; else null. */
  whyRevoked(key: PublicKey): string | null;
}
