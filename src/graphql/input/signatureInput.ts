import { builder } from "../builder.ts";
import { SignedDecisionRef } from "../enums.ts";

/** The field builder of an input type. */
type Fields = PothosSchemaTypes.InputFieldBuilder<
  (typeof builder)["$inferSchemaTypes"],
  "InputObject"
>;

/** One exact revision. */
export const revisionAndDigest = (t: Fields) => ({
  revision: t.int({ description: "The revision." }),
  digest: t.field({ type: "RevisionDigest", description: "Its full digest." }),
});

export const DecisionSignatureInput = builder.inputType("DecisionSignatureInput", {
  description: "Your signature under an approval: of what `approvalStatement` gives.",
  fields: (t) => ({
    epoch: t.field({ type: "Epoch", description: "The epoch that the statement names." }),
    armored: t.string({ description: "The armored OpenSSH signature (PROTOCOL.sshsig)." }),
  }),
});

export const RejectionSignatureInput = builder.inputType("RejectionSignatureInput", {
  description: "Your signature under a rejection: of what `approvalStatement` gives.",
  fields: (t) => ({
    ...revisionAndDigest(t),
    epoch: t.field({ type: "Epoch", description: "The epoch that the statement names." }),
    armored: t.string({ description: "The armored OpenSSH signature (PROTOCOL.sshsig)." }),
  }),
});

export const ApprovalPrepareInput = builder.inputType("ApprovalPrepareInput", {
  description: "A decision that is to be signed.",
  fields: (t) => ({
    packet: t.field({ type: "UUID", description: "The packet." }),
    ...revisionAndDigest(t),
    decision: t.field({ type: SignedDecisionRef, description: "The decision." }),
    reason: t.string({
      required: false,
      description: "Why, for a rejection, whose signature covers it; an approval has none.",
    }),
  }),
});
