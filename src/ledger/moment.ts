import type postgres from "postgres";
import type { ClockDoubt } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import { type Clock, type ClockRate, clockDoubt } from "#recovery/clock.ts";
import { rowsOf } from "./rowsOf.ts";

/** Whatever can be asked: the pool, or one transaction of it. */
export type Query = postgres.ISql<{ bigint: bigint }>;

/** One transaction. */
export type Transaction = postgres.TransactionSql<{ bigint: bigint }>;

/** The deployment's own time as a transaction sees it (rule 6.6). */
export interface Moment {
  readonly epoch: Epoch;
  /** Why the epoch is doubtful (rule 6.5); null when it is not. */
  readonly doubt: ClockDoubt | null;
  /** By the database's clock, in milliseconds; it decides nothing but the doubt (rule 6.4). */
  readonly now: Date;
  readonly clock: Clock;
}

/** A moment, and the step of the clock that it rests on. */
export interface SeenMoment extends Moment {
  readonly clockSeq: bigint;
}

/** The newest step of the clock as {@link clockColumns} selects it. */
export interface ClockRow {
  readonly clockSeq: bigint;
  readonly epoch: bigint;
  readonly frozen: boolean;
  readonly generation: number;
  readonly steppedAt: Date;
  readonly anchorEpoch: bigint;
  readonly anchorAt: Date;
  readonly epochMs: number | null;
  readonly now: Date;
}

/** What to select `FROM` {@link clockTable}. */
export function clockColumns(sql: Query) {
  return sql`c.seq AS "clockSeq", c.epoch, c.frozen, c.generation, c.stepped_at AS "steppedAt",
    c.anchor_epoch AS "anchorEpoch", c.anchor_at AS "anchorAt", c.epoch_ms AS "epochMs", clock_timestamp() AS now`;
}

/** The newest step of the clock, as table `c`. */
export function clockTable(sql: Query) {
  return sql`(SELECT * FROM clock_step ORDER BY seq DESC LIMIT 1) AS c`;
}

/** The moment that a row tells. */
export function momentOf(row: ClockRow, rate: ClockRate): SeenMoment {
  const clock: Clock = {
    epoch: row.epoch,
    frozen: row.frozen,
    generation: row.generation,
    steppedAt: row.steppedAt.getTime(),
    anchorEpoch: row.anchorEpoch,
    anchorAt: row.anchorAt.getTime(),
    ...(row.epochMs === null ? {} : { epochMs: row.epochMs }),
  };
  const doubt = clockDoubt(clock, rate, row.now.getTime());
  return { epoch: row.epoch, doubt, now: row.now, clock, clockSeq: row.clockSeq };
}

/** A later time at the same step of the clock. */
export function momentAt(moment: SeenMoment, rate: ClockRate, now: Date): SeenMoment {
  return { ...moment, now, doubt: clockDoubt(moment.clock, rate, now.getTime()) };
}

/** Reads the moment by itself. */
export async function readMoment(sql: Query, rate: ClockRate): Promise<SeenMoment> {
  const [row] = await rowsOf(sql<ClockRow[]>`SELECT ${clockColumns(sql)} FROM ${clockTable(sql)}`);
  if (row === undefined) throw new Error("the clock has not been started");
  return momentOf(row, rate);
}
