import { Refusal } from "#packet/refusal.ts";
import type { Sql } from "#database/connect.ts";
import { type Asker, findAnswered, firstAnswer } from "./asker.ts";
import { OutcomeUnknown, isLoss, isRace } from "./fault.ts";
import { ATTEMPTS_MAX } from "./limits.ts";
import type { Query } from "./moment.ts";

/**
 * Runs one attempt after the other until one ends without losing a race or the connection.
 * Each attempt must start by looking whether an earlier one was recorded after all, which
 * the asker's key tells: so a connection lost during COMMIT is settled, never retried blindly.
 *
 * @throws {OutcomeUnknown} when the database stays away.
 */
export async function attempts<T>(
  asker: Asker | null,
  attempt: (number: number) => Promise<T | typeof LOST>,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      const done = await attempt(number);
      if (done !== LOST) return done;
      if (number >= ATTEMPTS_MAX) throw new Error("the packet moved on too often");
    } catch (fault) {
      if (!isLoss(fault) && !isRace(fault)) throw fault;
      if (number < ATTEMPTS_MAX) continue;
      if (isRace(fault)) throw fault;
      const key = asker && { actor: asker.actor.actor, key: asker.idempotencyKey };
      throw new OutcomeUnknown(key, fault);
    }
  }
}

/** An attempt that came too late and may be made again. */
export const LOST = Symbol("lost");

/** What one transaction came to: its answer, and what to do once it is committed. */
export interface Concluded<T> {
  readonly answer: T;
  readonly afterCommit: () => void;
}

/**
 * One transaction, as often as it takes. `lock` comes first; then a key that was answered
 * before gets that answer, read by `repeat`; only then `run` is asked.
 */
export async function transact<T>(
  sql: Sql,
  asker: Asker | null,
  steps: {
    readonly lock: (tx: Query) => Promise<void>;
    readonly repeat: (answer: unknown) => T;
    readonly run: (tx: Query) => Promise<Concluded<T> | Refusal>;
  },
): Promise<T | Refusal> {
  return attempts(asker, async () => {
    const concluded = await sql.begin(async (tx): Promise<Concluded<T> | Refusal> => {
      await steps.lock(tx);
      const answered = asker === null ? null : await findAnswered(tx, asker);
      if (asker === null || answered === null) return steps.run(tx);
      const answer = firstAnswer(asker, answered);
      if (answer instanceof Refusal) return answer;
      return { answer: steps.repeat(answer), afterCommit: () => undefined };
    });
    if (concluded instanceof Refusal) return concluded;
    concluded.afterCommit();
    return concluded.answer;
  });
}
