import type { Lines } from "#database/connect.ts";
import type { Line } from "#database/line.ts";
import type { AccessEvent } from "#packet/accessEvent.ts";
import { BATCH_MAX, COMMIT_MS_MAX, LOSS_PAUSE_MS, WAITING_MAX } from "./limits.ts";

/** A record before the database gives it its position, its epoch and its time. */
export interface NewRecord {
  readonly event: AccessEvent;
  readonly count: number;
  readonly overMs: number;
}

interface Waiting {
  readonly record: NewRecord;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/** The database did not take records in time; it may have them all the same. */
class TooSlow extends Error {
  override readonly name = "TooSlow";

  constructor() {
    super(`records of access were not committed within ${COMMIT_MS_MAX} ms`);
  }
}

/** Writes records one statement at a time; those that come meanwhile share the next one. */
export class RecordWriter {
  readonly #lines: Pick<Lines, "openLine">;
  readonly #node: string;
  #line: Line | null = null;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  #last: Promise<unknown> = Promise.resolve();

  /** `node` is the id of this process. */
  constructor(lines: Pick<Lines, "openLine">, node: string) {
    this.#lines = lines;
    this.#node = node;
  }

  /** Resolves when the record is committed; rejects where that is not known, or too many wait. */
  write(record: NewRecord): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new Error(`${WAITING_MAX} records of access wait already`));
    }
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
    });
    this.#last = written.catch(() => undefined);
    if (!this.#isWriting) this.#writing = this.#writeAll();
    return written;
  }

  /** Resolves when what was to be written so far is, or is known not to be. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Resolves when nothing more is being written. */
  async ended(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // Whatever comes in the same turn goes into the same statement.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      try {
        await inTime(this.#insert(batch.map(({ record }) => record)));
        for (const { resolve } of batch) resolve();
      } catch (fault) {
        for (const { reject } of batch) reject(fault);
        // Nothing follows on a line that was lost, or whose server is silent.
        this.#line?.giveUp();
        await pause(LOSS_PAUSE_MS);
      }
    }
    this.#isWriting = false;
  }

  async #insert(records: readonly NewRecord[]): Promise<void> {
    if (this.#line === null || this.#line.isGone) this.#line = this.#lines.openLine();
    const { sql } = this.#line;
    await sql`
      INSERT INTO access_record
        (code, actor, address, packet, subject, before, after, count, over_ms, node)
      SELECT r.code::access_code, r.actor, r.address, r.packet, r.subject, r.before, r.after,
        r.count, r.over_ms, ${this.#node}::uuid
      FROM jsonb_to_recordset(${JSON.stringify(records.map(columnsOf))}::text::jsonb) AS r (
        code text, actor text, address text, packet uuid, subject text, before text[], after text[],
        count integer, over_ms bigint)`;
  }
}

function columnsOf({ event, count, overMs }: NewRecord): object {
  return { ...event, count, over_ms: Math.round(overMs) };
}

async function inTime(writing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TooSlow()), COMMIT_MS_MAX);
  });
  try {
    await Promise.race([writing, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(lengthMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lengthMs));
}
