import { createHash, generateKeyPairSync, sign } from "node:crypto";
import {
  SIGN_IN_NAMESPACE,
  type SignInStatement,
  signInStatementBytes,
} from "#proof/signInStatement.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { SSHSIG_MAGIC } from "#proof/sshSignature.ts";
import { sshString } from "#proof/sshWire.ts";

const TYPE = "ssh-ed25519";
const HASH = "sha512";

/** How many bytes of a public key's DER form stand before the point itself (RFC 8410). */
const DER_PREFIX_BYTES = 12;

/** An OpenSSH key of somebody's own, which lives as long as the rehearsal and never leaves it. */
export interface OwnKey {
  readonly fingerprint: string;
  /** As a file of allowed signers has the public key. */
  readonly line: string;
  /** An armored signature in a namespace (PROTOCOL.sshsig). */
  readonly signature: (namespace: string, message: Uint8Array) => string;
}

/** Makes an Ed25519 key that signs as `ssh-keygen -Y sign` does. */
export function makeOwnKey(): OwnKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = publicKey.export({ type: "spki", format: "der" }).subarray(DER_PREFIX_BYTES);
  const wire = Buffer.concat([sshString(TYPE), sshString(point)]);
  const magic = Buffer.from(SSHSIG_MAGIC);
  return {
    fingerprint: fingerprintOf(wire),
    line: `${TYPE} ${wire.toString("base64")}`,
    signature: (namespace, message) => {
      const named = [namespace, "", HASH].map((text) => sshString(text));
      const hashed = sshString(createHash(HASH).update(message).digest());
      const made = sign(null, Buffer.concat([magic, ...named, hashed]), privateKey);
      const signed = sshString(Buffer.concat([sshString(TYPE), sshString(made)]));
      const version = Buffer.of(0, 0, 0, 1);
      return armored(Buffer.concat([magic, version, sshString(wire), ...named, signed]));
    },
  };
}

/** The Authorization header of a sign-in with a key, as `npm run sign-in` makes it. */
export function signInHeader({ signature }: OwnKey, statement: SignInStatement): string {
  const bytes = signInStatementBytes(statement);
  const parts = [Buffer.from(bytes), Buffer.from(signature(SIGN_IN_NAMESPACE, bytes))];
  return `Holdfast-Sshsig ${parts.map((part) => part.toString("base64url")).join(".")}`;
}

function armored(blob: Buffer): string {
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}
