import type { Sql } from "#database/connect.ts";
import { isLoss } from "./fault.ts";
import { LOSS_PAUSE_MS, WAITING_WORK_MAX } from "./limits.ts";
import type { Query, Transaction } from "./moment.ts";

/**
 * The only way to the database. At most as much work is under way as there are connections,
 * because postgres.js (3.4.9) would otherwise send a statement after others on a busy one,
 * where a BEGIN may be sent without its connection being set apart, and where a statement
 * that follows a reset is never answered.
 */
export class Connections {
  readonly #sql: Sql;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#free = sql.options.max;
  }

  /** Work of statements that each commit by themselves, one at a time. */
  async run<T>(work: (sql: Query) => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work(this.#sql);
    } catch (fault) {
      // A connection that was lost is told to be closed only later; nothing may follow on it before.
      if (isLoss(fault)) await pause(LOSS_PAUSE_MS);
      throw fault;
    } finally {
      this.#leave();
    }
  }

  /** Work that commits as a whole, when it resolves; inside it awaits nothing but its own statements. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const done = await this.run(() =>
      this.#sql.begin(async (tx) => ({ result: await unlessLost(work(tx)) })),
    );
    return done.result;
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.length >= WAITING_WORK_MAX) {
      throw new Error(`${WAITING_WORK_MAX} changes and reads wait for the database already`);
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/**
 * What a transaction or savepoint does, except that it never ends once its connection is lost:
 * postgres.js (3.4.9) would send a ROLLBACK after it and end the process for want of a socket.
 * It rejects the transaction by itself when the connection is closed.
 */
export async function unlessLost<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (fault) {
    if (isLoss(fault)) return new Promise<never>(() => undefined);
    throw fault;
  }
}

function pause(lengthMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lengthMs));
}
