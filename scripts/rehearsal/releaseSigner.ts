import { createHash, generateKeyPairSync, sign } from "node:crypto";
import type { Release } from "#packet/rollback.ts";
import { RELEASE_NAMESPACE, releaseStatementBytes } from "#proof/releaseStatement.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { SSHSIG_MAGIC } from "#proof/sshSignature.ts";
import { sshString } from "#proof/sshWire.ts";

const TYPE = "ssh-ed25519";
const HASH = "sha512";

/** How many bytes of a public key's DER form stand before the point itself (RFC 8410). */
const DER_PREFIX_BYTES = 12;

/** Whoever made the rehearsal's releases, with a key of their own that lives as long as it. */
export interface ReleaseSigner {
  readonly fingerprint: string;
  /** The release's metadata as they have signed them for a component (PROTOCOL.sshsig). */
  readonly signed: (component: string, release: Omit<Release, "signedBy">) => Release;
}

/** Makes a key and whoever holds it. */
export function releaseSigner(): ReleaseSigner {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = publicKey.export({ type: "spki", format: "der" }).subarray(DER_PREFIX_BYTES);
  const wire = Buffer.concat([sshString(TYPE), sshString(point)]);
  const fingerprint = fingerprintOf(wire);
  const signatureOf = (message: Uint8Array): string => {
    const named = [RELEASE_NAMESPACE, "", HASH].map((text) => sshString(text));
    const hashed = sshString(createHash(HASH).update(message).digest());
    const made = sign(
      null,
      Buffer.concat([Buffer.from(SSHSIG_MAGIC), ...named, hashed]),
      privateKey,
    );
    const signature = sshString(Buffer.concat([sshString(TYPE), sshString(made)]));
    const version = Buffer.of(0, 0, 0, 1);
    return armored(
      Buffer.concat([Buffer.from(SSHSIG_MAGIC), version, sshString(wire), ...named, signature]),
    );
  };
  return {
    fingerprint,
    signed: (component, release) => ({
      ...release,
      signedBy: [fingerprint],
      signatures: [signatureOf(releaseStatementBytes({ ...release, component }))],
    }),
  };
}

function armored(blob: Buffer): string {
  const lines = blob.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}
