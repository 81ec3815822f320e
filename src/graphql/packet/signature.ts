import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import type { KeyFingerprint } from "#packet/actor.ts";
import type { RejectionSignature } from "#packet/signature.ts";
import { builder, governed, shared } from "../builder.ts";

/** The key of a signature that was verified when it was taken; null for what cannot be read. */
export function keyOf(armored: string): KeyFingerprint | null {
  const read = readSshSignature(armored);
  return read instanceof SshFault ? null : read.publicKey.fingerprint;
}

export const DecisionSignatureRef = builder
  .objectRef<RejectionSignature>("DecisionSignature")
  .implement({
    description: "The signature of whoever decided, over the statement that says what exactly.",
    fields: (t) => ({
      revision: t.exposeInt("revision", {
        ...shared,
        description: "The revision that the statement names.",
      }),
      digest: t.field({
        ...shared,
        type: "RevisionDigest",
        description: "That revision's digest.",
        resolve: ({ digest }) => digest,
      }),
      epoch: t.field({
        ...shared,
        type: "Epoch",
        description: "When the statement was prepared.",
        resolve: ({ epoch }) => epoch,
      }),
      armored: t.exposeString("armored", {
        ...governed,
        description: "The OpenSSH signature (PROTOCOL.sshsig) as `ssh-keygen -Y sign` writes it.",
      }),
      key: t.string({
        ...governed,
        description: "The key's fingerprint, as `ssh-keygen -l` prints it.",
        resolve: ({ armored }) => keyOf(armored),
      }),
    }),
  });
