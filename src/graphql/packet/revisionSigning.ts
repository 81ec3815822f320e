import type { Revision } from "#ledger/ledger.ts";
import { HOLDFAST } from "#packet/fact.ts";
import type { RejectionSignature } from "#packet/signature.ts";
import { builder, governed, shared } from "../builder.ts";
import { enumOf } from "../enums.ts";
import { RevisionRef, bodyOf } from "./revision.ts";
import { DecisionSignatureRef } from "./signature.ts";

type SignIn = "NORMAL" | "OFFLINE";

const SignInRef = enumOf(
  "SignIn",
  { options: ["NORMAL", "OFFLINE"] satisfies SignIn[] },
  "How somebody had signed in.",
  {
    NORMAL: "With a token.",
    OFFLINE: "With a statement signed by a key that was provided beforehand.",
  },
);

/** The signature under a decision, whatever the decision is; null where there is none. */
function signatureOf(revision: Revision): RejectionSignature | null {
  const { fact } = bodyOf(revision);
  if (fact.kind === "PACKET_APPROVED" && fact.signature !== undefined) {
    const { digest, signature } = fact;
    return { ...signature, revision: fact.revision, digest, epoch: BigInt(signature.epoch) };
  }
  if (fact.kind !== "PACKET_REJECTED" || fact.signature === undefined) return null;
  return { ...fact.signature, epoch: BigInt(fact.signature.epoch) };
}

/** How whoever caused it had signed in; null for what happens by itself. */
function signInOf(revision: Revision): SignIn | null {
  const { actor } = bodyOf(revision);
  if (actor.actor === HOLDFAST.actor) return null;
  return actor.offlineKey === undefined ? "NORMAL" : "OFFLINE";
}

/** Adds how whoever caused a revision had signed in, and what they signed. */
export function addRevisionSigning(): void {
  builder.objectFields(RevisionRef, (t) => ({
    signIn: t.field({
      ...shared,
      nullable: true,
      type: SignInRef,
      description: "How whoever caused it had signed in; null for what happens by itself.",
      resolve: signInOf,
    }),
    offlineKey: t.string({
      ...governed,
      description:
        "The fingerprint of the key with which they had signed in offline; null after a normal sign-in.",
      resolve: (revision) => bodyOf(revision).actor.offlineKey ?? null,
    }),
    signature: t.field({
      ...shared,
      nullable: true,
      type: DecisionSignatureRef,
      description: "For a decision that was signed: the signature.",
      resolve: signatureOf,
    }),
  }));
}
