import { z } from "zod";
import { Epoch } from "./epoch.ts";
import { RevisionDigest } from "./name.ts";

const ARMORED_LENGTH_MAX = 16_384;

/**
 * An armored OpenSSH signature (PROTOCOL.sshsig) as somebody gives it. What it is worth is found
 * where it is taken; the lineage keeps it in the one form that `ssh-keygen` writes.
 */
export const ArmoredSignature = z
  .string()
  .min(1, "must be an armored SSH signature")
  .max(ARMORED_LENGTH_MAX, `must be at most ${ARMORED_LENGTH_MAX.toLocaleString("en")} characters`);

/** The signature under an approval, and the epoch that its statement names. */
export const DecisionSignature = z.strictObject({ epoch: Epoch, armored: ArmoredSignature });
export type DecisionSignature = z.output<typeof DecisionSignature>;

/** The signature under a rejection, whose statement names a revision that the rejection itself does not. */
export const RejectionSignature = z.strictObject({
  revision: z.int().min(1).max(2_147_483_647),
  digest: RevisionDigest,
  epoch: Epoch,
  armored: ArmoredSignature,
});
export type RejectionSignature = z.output<typeof RejectionSignature>;

/** What a signed decision says of its revision. */
export const SignedDecision = z.enum(["APPROVE", "REJECT"]);
