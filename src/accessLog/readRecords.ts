import type { Sql } from "#database/connect.ts";
import type { AccessCode } from "#packet/accessEvent.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Id, Name } from "#packet/name.ts";
import { READS_WAITING_MAX } from "./limits.ts";

/** A record as the database keeps it. */
export interface AccessRecord {
  /** Rises; a number may be left out. */
  readonly position: bigint;
  readonly code: AccessCode;
  readonly actor: Name | null;
  readonly address: string | null;
  readonly packet: Id | null;
  readonly subject: string | null;
  readonly before: readonly string[] | null;
  readonly after: readonly string[] | null;
  readonly count: number;
  /** Before `at`, in milliseconds; 0 for what was recorded by itself. */
  readonly overMs: bigint;
  readonly node: Id;
  readonly epoch: Epoch;
  readonly at: Date;
}

/** Which records: those that fit everything that is not null. */
export interface RecordFilter {
  readonly code: AccessCode | null;
  readonly actor: string | null;
  readonly packet: Id | null;
}

/** A stretch of the records between two positions that lie outside it. */
export interface Stretch {
  readonly after: bigint | null;
  readonly before: bigint | null;
  readonly size: number;
  /** FIRST counts from its start, LAST from its end. */
  readonly from: "FIRST" | "LAST";
}

/** When somebody last signed in offline. */
export interface LastExercise {
  readonly person: Name;
  readonly epoch: Epoch;
  readonly at: Date;
}

/** Roles or keys as they were last recorded. */
export interface RecordedRights {
  readonly actor: Name | null;
  readonly subject: string | null;
  readonly after: readonly string[];
}

const POSITION_MAX = 9_223_372_036_854_775_807n;

/** Reads records, one statement at a time on a client of its own. */
export class RecordReader {
  readonly #sql: Sql;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The records of a stretch in order of position. */
  async stretch(
    filter: RecordFilter,
    { after, before, size, from }: Stretch,
  ): Promise<AccessRecord[]> {
    const rows = await this.#read((sql) => {
      const wanted = sql`
        SELECT position, code, actor, address, packet, subject, to_jsonb(before) AS before,
          to_jsonb(after) AS after, count,
          over_ms AS "overMs", node, epoch, at FROM access_record
        WHERE position > ${after ?? 0n} AND position < ${before ?? POSITION_MAX}
          AND ${this.#fits(filter)}`;
      return from === "FIRST"
        ? sql<AccessRecord[]>`${wanted} ORDER BY position LIMIT ${size}`
        : sql<AccessRecord[]>`${wanted} ORDER BY position DESC LIMIT ${size}`;
    });
    return from === "FIRST" ? rows : rows.toReversed();
  }

  /** How many records fit. */
  async total(filter: RecordFilter): Promise<number> {
    const rows = await this.#read(
      (sql) =>
        sql<{ total: bigint }[]>`
          SELECT count(*) AS total FROM access_record WHERE ${this.#fits(filter)}`,
    );
    return Number(rows[0]?.total ?? 0n);
  }

  /** Of these people, those who ever signed in offline, with the last time. */
  lastExercises(people: readonly Name[]): Promise<LastExercise[]> {
    return this.#read(
      (sql) => sql<LastExercise[]>`
        SELECT p.person, r.epoch, r.at
        FROM jsonb_array_elements_text(${JSON.stringify(people)}::text::jsonb) AS p (person),
          LATERAL (
            SELECT epoch, at FROM access_record
            WHERE actor = p.person COLLATE "C" AND code = 'SIGNED_IN_OFFLINE'
            ORDER BY position DESC LIMIT 1) AS r`,
    );
  }

  /** What was last recorded of everybody's roles, or of every key. */
  lastRights(code: "ROLES_CHANGED" | "KEYS_CHANGED"): Promise<RecordedRights[]> {
    return this.#read(
      (sql) => sql<RecordedRights[]>`
        SELECT DISTINCT ON (actor, subject) actor, subject, to_jsonb(after) AS after
        FROM access_record
        WHERE code = ${code} ORDER BY actor, subject, position DESC`,
    );
  }

  #fits({ code, actor, packet }: RecordFilter) {
    return this.#sql`
      (${code}::text IS NULL OR code = ${code}::text::access_code)
      AND (${actor}::text IS NULL OR actor = ${actor}::text COLLATE "C")
      AND (${packet}::text IS NULL OR packet = ${packet}::text::uuid)`;
  }

  async #read<T>(statement: (sql: Sql) => PromiseLike<readonly T[]>): Promise<T[]> {
    if (this.#waiting >= READS_WAITING_MAX) {
      throw new Error(`${READS_WAITING_MAX} reads of the records of access wait already`);
    }
    this.#waiting += 1;
    const before = this.#last;
    const reading = before.then(() => statement(this.#sql));
    this.#last = reading.then(
      () => undefined,
      () => undefined,
    );
    try {
      // Copied without holes: after a lost connection postgres.js (3.4.9) numbers rows from where it was.
      return (await reading).filter(() => true);
    } finally {
      this.#waiting -= 1;
    }
  }
}
