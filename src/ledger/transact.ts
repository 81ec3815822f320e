import { Refusal } from "#packet/refusal.ts";
import { type AppendDesk, retell } from "./desk.ts";
import { type Asker, findAnswered, firstAnswer } from "./asker.ts";
import { OutcomeUnknown, isLoss, isOfLineage, isRace } from "./fault.ts";
import type { Appended } from "./ledger.ts";
import { ATTEMPTS_MAX, LOSS_PAUSE_MS, LOSS_PAUSE_MS_MAX, LOST_MS_MAX } from "./limits.ts";
import type { Query, Transaction } from "./moment.ts";

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
  let away: Away | null = null;
  for (let number = 1; ; number += 1) {
    try {
      const done = await attempt(number);
      if (done !== LOST) return done;
      if (number >= ATTEMPTS_MAX) throw new Error("the packet moved on too often");
    } catch (fault) {
      if (isLoss(fault)) away ??= new Away();
      if (isLoss(fault) && (await away?.isPassing()) === true) continue;
      if (isRace(fault) && number < ATTEMPTS_MAX) continue;
      // Of an attempt before this one it may not be known what came of it.
      if (away === null) throw fault;
      const key = asker && { actor: asker.actor.actor, key: asker.idempotencyKey };
      throw new OutcomeUnknown(key, fault);
    }
  }
}

/** The database has been away since this was made. */
class Away {
  readonly #over = AbortSignal.timeout(LOST_MS_MAX);
  #pauseMs = LOSS_PAUSE_MS;

  /** Resolves after a pause to whether it may be asked once more. */
  async isPassing(): Promise<boolean> {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, LOSS_PAUSE_MS_MAX);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    return !this.#over.aborted;
  }
}

/** An attempt that came too late and may be made again. */
export const LOST = Symbol("lost");

/** What one transaction came to: its answer, and what to do once it is committed. */
export interface Concluded<T> {
  readonly answer: T;
  readonly afterCommit: () => void;
}

/** A transaction under way. */
export interface Work {
  readonly tx: Transaction;
  /** True after the database refused one packet's revision: each is then written by itself. */
  readonly isCareful: boolean;
}

/**
 * One transaction, as often as it takes. `lock` comes first; then a key that was answered
 * before gets that answer, read by `repeat`; only then `run` is asked.
 */
export async function transact<T>(
  desk: Pick<AppendDesk, "connections" | "announce">,
  asker: Asker | null,
  steps: {
    readonly lock: (tx: Query) => Promise<void>;
    readonly repeat: (answer: unknown) => T;
    /** The packets that an answer speaks of. */
    readonly moved: (answer: T) => readonly Appended[];
    readonly run: (tx: Work) => Promise<Concluded<T> | Refusal>;
  },
): Promise<T | Refusal> {
  let isCareful = false;
  return attempts(asker, async (attempt) => {
    const concluding = desk.connections.transaction(async (tx): Promise<Concluded<T>> => {
      await steps.lock(tx);
      const answered = asker === null ? null : await findAnswered(tx, asker);
      if (asker === null || answered === null)
        return unlessRefused(await steps.run({ tx, isCareful }));
      const answer = unlessRefused(firstAnswer(asker, answered));
      const repeated = steps.repeat(answer);
      return {
        answer: repeated,
        afterCommit: () => retell(desk, attempt === 1 ? [] : steps.moved(repeated)),
      };
    });
    const concluded = await concluding.catch((fault: unknown): Refusal | typeof LOST => {
      if (fault instanceof RolledBack) return fault.refusal;
      if (isCareful || !isOfLineage(fault)) throw fault;
      isCareful = true;
      return LOST;
    });
    if (concluded === LOST || concluded instanceof Refusal) return concluded;
    concluded.afterCommit();
    return concluded.answer;
  });
}

/** Carries a refusal out of its transaction, of which nothing stays: not even the rows made to be locked. */
class RolledBack extends Error {
  override readonly name = "RolledBack";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

function unlessRefused<A>(answer: A | Refusal): A {
  if (answer instanceof Refusal) throw new RolledBack(answer);
  return answer;
}
