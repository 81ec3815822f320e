import { z } from "zod";
import { ChangeKind } from "#packet/change.ts";
import { Epochs } from "#packet/epoch.ts";
import { Name, Text } from "#packet/name.ts";
import { sha256Hex } from "#proof/digest.ts";

/** The namespace in which policies are signed (PROTOCOL.sshsig). */
export const POLICY_NAMESPACE = "pace-policy@holdfast";

/** The most changes that one rate, or all together, may allow: each review looks at all that are near. */
const CHANGES_MAX = 100;

const changesMax = z
  .int()
  .min(1, "must be at least 1: leave the kind out where it is not allowed")
  .max(CHANGES_MAX, `must be at most ${CHANGES_MAX}`);

/** At most so many changes in so many epochs, wherever those begin. */
const Rate = z.strictObject({ changesMax, epochs: Epochs });
export type Rate = z.output<typeof Rate>;

const Sha256Hex = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in 64 lower-case hexadecimal digits");

/**
 * How fast a deployment may change. A policy names the one before it, so that an older and looser
 * one cannot be told again; the speed of an emergency is a policy like every other.
 */
export const Policy = z
  .strictObject({
    format: z.literal("holdfast/pace-policy/1"),
    /** From 1, without gaps. */
    number: z.int().min(1),
    /** SHA-256 of the exact bytes of the policy before; null for the first. */
    previous: Sha256Hex.nullable(),
    deployment: z.uuid("must be the deployment's id").lowercase(),
    author: Name,
    reason: Text,
    /** While it is, nothing is allowed. */
    frozen: z.boolean(),
    /** How many tokens of all kinds may be valid at one epoch. */
    simultaneousMax: changesMax,
    /** How many epochs a token is valid. */
    tokenEpochs: Epochs,
    /** A kind that is not there is not allowed. */
    rates: z.partialRecord(ChangeKind, Rate),
  })
  .refine(({ number, previous }) => (number === 1) === (previous === null), {
    path: ["previous"],
    message: "must be the digest of the policy before, and null for the first alone",
  });
export type Policy = z.output<typeof Policy>;

/** A policy, and the digest of the exact bytes that its author signed. */
export interface PolicyInForce {
  readonly policy: Policy;
  readonly digest: string;
}

/** The digest by which tokens and the next policy name a policy. */
export function policyDigest(text: string): string {
  return sha256Hex(text);
}
