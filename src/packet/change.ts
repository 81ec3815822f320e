import { z } from "zod";
import { Epoch } from "./epoch.ts";

/** What may be done at a rate that somebody apart decides. The meaning of each never changes. */
export const ChangeKind = z.enum([
  "EPOCH_RATE",
  "EPOCH_FREEZE",
  "EPOCH_THAW",
  "EPOCH_ADVANCE",
  "REVOCATION_SHARD",
  "FLOOR_RAISE",
  "DENY_ENTRIES",
  "KEY_ROTATION",
  "PACKET_ACTIVATION",
]);
export type ChangeKind = z.infer<typeof ChangeKind>;

/** What a change is about: `epoch`, a shard, a component or a packet, in 1 to 256 ASCII characters. */
const ChangeSubject = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9._@+/:-]{0,254}[A-Za-z0-9])?$/,
    "must be 1 to 256 ASCII letters, digits or ._@+/:- and start and end with a letter or digit",
  );

const Sha256Hex = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in 64 lower-case hexadecimal digits");

const DeploymentId = z.uuid("must be the deployment's id").lowercase();

/** How a description of a change begins to be told from every other document. */
export const CHANGE_FORMAT = "holdfast/change/1";

/** One change, described so that two can only be alike if they do the same to the same. */
export const Change = z.strictObject({
  /** SHA-256 of the canonical form (RFC 8785) of what exactly is done. */
  content: Sha256Hex,
  deployment: DeploymentId,
  format: z.literal(CHANGE_FORMAT),
  kind: ChangeKind,
  subject: ChangeSubject,
});
export type Change = z.output<typeof Change>;

/** How the claims of a change token begin to be told from those of every other. */
export const CHANGE_TOKEN_FORMAT = "holdfast/change-token/1";

/** What a change token says: which change, under which policy, in which epochs, both ends included. */
export const ChangeToken = z
  .strictObject({
    /** SHA-256 of the change's canonical description. */
    change: Sha256Hex,
    deployment: DeploymentId,
    firstEpoch: Epoch,
    format: z.literal(CHANGE_TOKEN_FORMAT),
    id: z.uuid("must be a UUID").lowercase(),
    kind: ChangeKind,
    lastEpoch: Epoch,
    /** The number of the policy under which it was allowed, and the SHA-256 of that policy's exact bytes. */
    policy: z.int().min(1),
    policyDigest: Sha256Hex,
  })
  .refine(({ firstEpoch, lastEpoch }) => firstEpoch <= lastEpoch, {
    path: ["lastEpoch"],
    message: "must not be before the first",
  });
export type ChangeToken = z.output<typeof ChangeToken>;

/** The type in the protected header of a change token (RFC 7515, section 4.1.9). */
export const CHANGE_TOKEN_TYPE = "change+jwt";

/**
 * A change token as it travels: a compact JWS whose protected header begins with its algorithm and
 * its type, so that a look tells it from a token that lets somebody in. At most 2,400 characters.
 */
export const ChangeTokenText = z
  .string()
  .regex(
    /^eyJhbGciOiJFZERTQSIsInR5cCI6ImNoYW5nZStqd3Qi[\w-]{1,120}\.[\w-]{1,2000}\.[\w-]{86}$/,
    "must be a change token as the change-rate service gave it",
  );

/** Why a token does not allow a change. */
export const ChangeTokenFault = z.enum([
  "NOT_A_TOKEN",
  "NOT_SIGNED",
  "KEYS_UNUSABLE",
  "OTHER_DEPLOYMENT",
  "OTHER_KIND",
  "OTHER_CHANGE",
  "TOO_EARLY",
  "TOO_LATE",
  "ALREADY_USED",
]);
export type ChangeTokenFault = z.infer<typeof ChangeTokenFault>;

/** The most keys of a set that count at once: the one in use, its successor, and a few to spare. */
const KEYS_MAX = 16;

/** The keys whose tokens count: a JSON Web Key Set (RFC 7517) of Ed25519 public keys (RFC 8037) and nothing else. */
export const ChangeKeySet = z
  .strictObject({
    keys: z
      .array(
        z.strictObject({
          kty: z.literal("OKP"),
          crv: z.literal("Ed25519"),
          x: z.string().regex(/^[\w-]{43}$/, "must be 32 bytes in base64url"),
          kid: z.string().regex(/^[\w-]{1,80}$/, "must be 1 to 80 of A-Z a-z 0-9 _ -"),
          alg: z.literal("EdDSA").optional(),
          use: z.literal("sig").optional(),
        }),
      )
      .min(1, "must not be empty")
      .max(KEYS_MAX, `must have at most ${KEYS_MAX} keys`),
  })
  .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length, {
    path: ["keys"],
    message: "two keys have one kid",
  });
export type ChangeKeySet = z.output<typeof ChangeKeySet>;

/** Whether somebody apart decides how fast things change here; KEYS_UNUSABLE means that no token counts until the key set is mended. */
export const RateControl = z.enum(["CONTROLLED", "NOT_CONTROLLED", "KEYS_UNUSABLE"]);
export type RateControl = z.infer<typeof RateControl>;
