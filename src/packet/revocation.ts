import { z } from "zod";
import { KeyFingerprint } from "./actor.ts";
import { Name } from "./name.ts";

/** What can be revoked: whoever signs in, a key of somebody's, or a node of the service itself. */
const Credential = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("PRINCIPAL"), name: Name }),
  z.strictObject({ kind: z.literal("KEY"), fingerprint: KeyFingerprint }),
  z.strictObject({ kind: z.literal("NODE"), name: Name }),
]);
type Credential = z.output<typeof Credential>;

/** The most credentials that one preview takes. */
const PREVIEWED_CREDENTIALS_MAX = 1000;

/** A credential as it stands in a list: its kind, a colon, and its name or fingerprint. */
export function credentialId(credential: Credential): string {
  if (credential.kind === "KEY") return `key:${credential.fingerprint}`;
  return `${credential.kind === "NODE" ? "node" : "principal"}:${credential.name}`;
}

/** A credential as somebody writes it, read. */
const CredentialText = z.string().transform((id, context) => {
  const read = /^(?:principal|key|node):/.test(id) ? Credential.safeParse(credentialOf(id)) : null;
  if (read?.success === true) return read.data;
  context.addIssue({
    code: "custom",
    message: "must be principal:NAME, node:NAME or key:SHA256: with 43 characters of base64",
  });
  return z.NEVER;
});

/** Which credentials to look at as though they were revoked. */
export const RevocationPreview = z.strictObject({
  revoked: z
    .array(CredentialText)
    .min(1, "must not be empty")
    .max(PREVIEWED_CREDENTIALS_MAX, `must have at most ${PREVIEWED_CREDENTIALS_MAX} elements`),
});
export type RevocationPreview = z.output<typeof RevocationPreview>;

/** The credential of an id that was found well formed. */
export function credentialOf(id: string): Credential {
  const colon = id.indexOf(":");
  const [kind, rest] = [id.slice(0, colon), id.slice(colon + 1)];
  if (kind === "key") return { kind: "KEY", fingerprint: rest };
  return { kind: kind === "node" ? "NODE" : "PRINCIPAL", name: rest };
}

/** Which credentials no longer count, as this node knows it: from its own copy, without asking anybody. */
export interface Revocations {
  /** Grows whenever a credential may have ceased to count. */
  readonly generation: number;
  revokesPrincipal(name: Name): boolean;
  revokesKey(fingerprint: KeyFingerprint): boolean;
  /** The same without what counts as revoked only because a list was lost: whoever mends that must be heard. */
  namesKey(fingerprint: KeyFingerprint): boolean;
  revokesNode(name: Name): boolean;
}

/** A node's own copy of the lists; a shard is told by two hexadecimal digits. */
export interface RevocationHoldings {
  /** The list that is held of each shard of which there is one, by its version. */
  readonly versions: ReadonlyMap<string, bigint>;
  /** How many credentials are in them. */
  readonly size: number;
  /** The shards whose lists were lost: all their credentials are held to be revoked. */
  readonly lost: readonly string[];
  /** The shards of which a signed list was refused, and why. */
  readonly refused: ReadonlyMap<string, readonly string[]>;
}

/** What a node knows of credentials, to say what revoking them would do here. */
export interface RevocationGround extends Revocations {
  /** The node's own name; null where it has no credential. */
  readonly node: Name | null;
  /** Whose key this is, by the allowed signers; null for nobody's. */
  holderOf(fingerprint: KeyFingerprint): Name | null;
  /** What it has to decide from. */
  holdings(): RevocationHoldings;
}
