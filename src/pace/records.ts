import { z } from "zod";
import { Change, ChangeToken } from "#packet/change.ts";
import { DateTime } from "#packet/epoch.ts";
import { Name, Text } from "#packet/name.ts";

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** A policy as its author signed it. */
const PolicyRecord = z.strictObject({
  kind: z.literal("POLICY"),
  /** For people to read; it decides nothing. */
  at: DateTime,
  text: z.string(),
  signature: z.string(),
  fingerprint: z.string(),
});

/** A token that was given, to whom and why. */
const GrantRecord = z.strictObject({
  kind: z.literal("TOKEN"),
  at: DateTime,
  token: ChangeToken,
  change: Change,
  asker: Name,
  reason: Text,
  fingerprint: z.string(),
  idempotencyKey: z.string(),
  /** SHA-256 of the exact request. */
  request: Sha256Hex,
});
export type GrantRecord = z.output<typeof GrantRecord>;

/** Whatever the service remembers. */
export const PaceRecord = z.discriminatedUnion("kind", [PolicyRecord, GrantRecord]);
export type PaceRecord = z.output<typeof PaceRecord>;

/** A line of the history: each names the one before it by its digest. */
export const HistoryLine = z.strictObject({
  /** SHA-256 of the line before, without its line feed; null for the first. */
  previous: Sha256Hex.nullable(),
  record: PaceRecord,
});
