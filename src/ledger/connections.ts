import type { Lines } from "#database/connect.ts";
import type { Line } from "#database/line.ts";
import { isLoss } from "./fault.ts";
import { FIRST_ANSWER_MS_MAX, SILENCE_MS_MAX, WAITING_WORK_MAX } from "./limits.ts";
import type { Query, Transaction } from "./moment.ts";
import { ServerSilent, type SilenceLimits, Silences, type Watched } from "./silences.ts";

const CHANGE: SilenceLimits = { firstMs: SILENCE_MS_MAX, silenceMs: SILENCE_MS_MAX };
const READ: SilenceLimits = { firstMs: FIRST_ANSWER_MS_MAX, silenceMs: FIRST_ANSWER_MS_MAX };
/** A BEGIN waits for nothing. */
const TRANSACTION: SilenceLimits = { firstMs: FIRST_ANSWER_MS_MAX, silenceMs: SILENCE_MS_MAX };

/**
 * The only way to the database. Each piece of work has a connection of its own while it is under
 * way, and there are at most as many as the database allows. A connection on which a server says
 * nothing for too long is given up, and its work fails as one whose connection was lost: what waits for
 * a server that has gone silent waits for a time that is known.
 */
export class Connections {
  readonly #lines: Lines;
  /** The one that was used last is used first, so that few are busy and the others are quiet. */
  readonly #idle: Line[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #silences = new Silences();
  #free: number;

  constructor(lines: Lines) {
    this.#lines = lines;
    this.#free = lines.linesMax;
  }

  /** Work of statements that each commit by themselves, one at a time, and may wait for locks. */
  run<T>(work: (sql: Query) => Promise<T>): Promise<T> {
    return this.#on((line) => work(line.sql), CHANGE);
  }

  /** Work that takes no lock, whose answers come soon or not at all. */
  read<T>(work: (sql: Query) => Promise<T>): Promise<T> {
    return this.#on((line) => work(line.sql), READ);
  }

  /** Work that commits as a whole, when it resolves; inside it awaits nothing but its own statements. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const begin = async ({ sql }: Line): Promise<{ readonly result: T }> =>
      sql.begin(async (tx) => ({ result: await unlessLost(work(tx)) }));
    return (await this.#on(begin, TRANSACTION)).result;
  }

  async #on<T>(work: (line: Line) => Promise<T>, limits: SilenceLimits): Promise<T> {
    await this.#enter();
    const line = this.#take();
    let watched: Watched | null = null;
    try {
      return await new Promise<T>((resolve, reject) => {
        watched = this.#silences.watch(line, limits, reject);
        work(line).then(resolve, reject);
      });
    } catch (fault) {
      if (isLoss(fault)) line.giveUp();
      // Those that were quiet meanwhile may be as dead: nobody is to find out about them one by one.
      if (fault instanceof ServerSilent) for (const idle of this.#idle.splice(0)) idle.giveUp();
      throw fault;
    } finally {
      if (watched !== null) this.#silences.end(watched);
      if (!line.isGone) this.#idle.push(line);
      this.#leave();
    }
  }

  #take(): Line {
    for (let line = this.#idle.pop(); line !== undefined; line = this.#idle.pop()) {
      if (!line.isGone) return line;
    }
    return this.#lines.openLine();
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
