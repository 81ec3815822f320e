import { z } from "zod";

/** The greatest epoch: a signed 64-bit counter, as Postgres stores it. */
export const EPOCH_MAX = 9_223_372_036_854_775_807n;

/** The shortest epoch, in milliseconds: it moves at most once a second (rule 6.1), and a late ticker needs room to catch up. */
export const EPOCH_MS_MIN = 1_500;

/** The longest epoch: a day. */
export const EPOCH_MS_MAX = 24 * 60 * 60 * 1_000;

const DECIMAL = /^(?:0|[1-9][0-9]{0,18})$/;

function decimal(least: bigint) {
  return z
    .string("must be a decimal string: a JSON number cannot carry 64 bits")
    .regex(DECIMAL, "must be a whole decimal number without sign or leading zeros")
    .transform((text) => BigInt(text))
    .refine(
      (value) => value >= least && value <= EPOCH_MAX,
      `must lie between ${least} and ${EPOCH_MAX}`,
    );
}

/** A point of the deployment's own time (rule 6.1). In JSON a decimal string, in memory a bigint. */
export const Epoch = decimal(0n);
export type Epoch = z.output<typeof Epoch>;

/** A length of time or an age limit in epochs, at least 1 (rule 2.4). */
export const Epochs = decimal(1n);
export type Epochs = z.output<typeof Epochs>;

/** A length of time that may be nothing. */
export const EpochsOrNone = decimal(0n);

/** An automated reporter's own count of its reports (rule 4.3.2). */
export const ReportNumber = decimal(1n);
export type ReportNumber = z.output<typeof ReportNumber>;

/** A time for people, RFC 3339 in UTC with at most milliseconds. It decides nothing (rule 6.4). */
export const DateTime = z.iso
  .datetime({ precision: null, offset: false })
  .refine(
    (text) => !Number.isNaN(Date.parse(text)) && text.length <= 24,
    "must be a time in UTC such as 2026-11-21T18:30:00Z, with at most milliseconds",
  );
export type DateTime = z.infer<typeof DateTime>;

/** How human times became epochs, once, when a source was accepted (rules 6.3 and 6.5). */
export const TimeMapping = z.strictObject({
  anchorEpoch: Epoch,
  anchorAt: DateTime,
  epochMs: z.int().min(1000),
  /** The clock's generation at acceptance; a break of the clock raises it and so makes the mapping stale. */
  generation: z.int().min(0),
});
export type TimeMapping = z.output<typeof TimeMapping>;
