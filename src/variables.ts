import { z } from "zod";
import { EPOCH_MS_MAX, EPOCH_MS_MIN } from "#packet/epoch.ts";
import { cosignatureVerifier } from "#proof/cosignature.ts";
import { Name } from "#packet/name.ts";
import { isNetwork } from "#rateLimits/clientAddress.ts";
import { PEERS_MAX } from "#revocation/limits.ts";

const COSIGNER_KEY = "must be the verifier key that the witness printed: name+hash+key";

const ORIGINS_MAX = 64;
const PROXIES_MAX = 64;
const RATE_MAX = 100_000_000;

/** How long an epoch is, in milliseconds. */
export const EpochMs = whole(EPOCH_MS_MIN, EPOCH_MS_MAX).default(60_000);

/** After how long without a tick the clock is in doubt. */
export const TickGapMs = whole(1_000, 30 * EPOCH_MS_MAX).optional();
const Mode = z
  .enum(["development", "production"], "must be development or production")
  .default("development");
const Switch = z.enum(["on", "off"], "must be on or off").optional();

const PostgresUrl = z
  .string()
  .refine(isPostgresUrl, "must be the address of a Postgres: postgres://user:password@host/name")
  .optional();

/** Every variable that a server reads, and what it may be. */
export const Variables = z.strictObject({
  DATABASE_URL: PostgresUrl,
  HOLDFAST_CHANGE_KEYS: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_CHECKPOINT: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_CONNECTIONS_MAX: whole(1, 200).default(16),
  HOLDFAST_DATA: z.string().min(1, "must name a directory, or be unset").default(".holdfast"),
  HOLDFAST_DECISIONS_PER_MINUTE: whole(1, RATE_MAX).default(600),
  HOLDFAST_DRAIN_MS: whole(0, 600_000).default(10_000),
  HOLDFAST_EPOCH_MS: EpochMs,
  HOLDFAST_FAILED_SIGN_INS_PER_MINUTE: whole(1, RATE_MAX).default(60),
  HOLDFAST_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,253}$/, "must be a name or an address without brackets or port")
    .default("127.0.0.1"),
  HOLDFAST_INTROSPECTION: Switch,
  HOLDFAST_LOG_KEY: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_LOG_LEVEL: z
    .enum(["error", "warn", "info", "silent"], "must be error, warn, info or silent")
    .optional(),
  HOLDFAST_MIGRATION_URL: PostgresUrl,
  HOLDFAST_MODE: Mode,
  HOLDFAST_NEW_DOCUMENTS_PER_MINUTE: whole(1, RATE_MAX).default(600),
  HOLDFAST_NODE: z
    .string()
    .refine(
      (text) => Name.safeParse(text).success,
      "must be a name: ASCII letters, digits or ._@+-",
    )
    .optional(),
  HOLDFAST_OIDC: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_ORIGINS: z
    .string()
    .transform((text) => text.split(",").map((origin) => origin.trim()))
    .refine(
      (origins) => origins.length <= ORIGINS_MAX && origins.every(isOrigin),
      `must be at most ${ORIGINS_MAX} origins with commas between them, each as a browser sends it: https://host or https://host:port`,
    )
    .default([]),
  HOLDFAST_PORT: whole(0, 65_535).default(4_000),
  HOLDFAST_PRINCIPALS: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_REQUESTS_PER_MINUTE: whole(1, RATE_MAX).default(60_000),
  HOLDFAST_REVOCATION_PEERS: z
    .string()
    .transform((text) => text.split(",").map((peer) => peer.trim()))
    .refine(
      (peers) => peers.length <= PEERS_MAX && peers.every(isOrigin),
      `must be at most ${PEERS_MAX} addresses of nodes with commas between them: http://host:port`,
    )
    .default([]),
  HOLDFAST_REVOKED_KEYS: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_SIGNERS: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_SOCKETS_PER_ADDRESS: whole(1, RATE_MAX).default(5_000),
  HOLDFAST_TICK_GAP_MAX_MS: TickGapMs,
  HOLDFAST_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(",").map((network) => network.trim()))
    .refine(
      (networks) => networks.length <= PROXIES_MAX && networks.every(isNetwork),
      `must be at most ${PROXIES_MAX} addresses or networks with commas between them: 10.0.0.7, 10.1.0.0/16`,
    )
    .default([]),
  HOLDFAST_WITNESS_KEY: z.string().refine(isCosignerKey, COSIGNER_KEY).optional(),
  HOLDFAST_WITNESS_URL: z
    .string()
    .refine(isWebAddress, "must be the address of a witness: http://host:port")
    .optional(),
  REDIS_URL: z
    .string()
    .refine(isRedisUrl, "must be the address of a Redis: redis://user:password@host:6379")
    .optional(),
});

function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,9})$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** Whether this is the address of a Postgres. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\/[^/?#]/.test(text) && URL.canParse(text);
}

/** Options in the address would come before our own. */
function isRedisUrl(text: string): boolean {
  return /^rediss?:\/\/[^/?#]+(?:\/[0-9]{0,4})?$/.test(text) && URL.canParse(text);
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^/?#]/.test(text) && URL.canParse(text);
}

function isCosignerKey(text: string): boolean {
  try {
    cosignatureVerifier(text);
    return true;
  } catch {
    return false;
  }
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
