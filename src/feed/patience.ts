import { ANSWER_MS_MAX, LATE_ANSWER_MS_MAX, RETRY_PAUSE_MS, RETRY_PAUSE_MS_MAX } from "./limits.ts";
import type { SetTimer } from "./timer.ts";

/** How one attempt of a read came out. */
interface Outcome<R> {
  readonly attempt: number;
  readonly found: { readonly value: R } | { readonly fault: unknown };
}

/**
 * Makes a read again until it succeeds or nobody wants it any more: after growing pauses where it
 * fails, and beside the one under way where no answer comes, as over a connection that swallows
 * everything. The first answer counts, also one that comes late, so that a slow ledger is read
 * at its own pace; later ones are dropped. A read that is late keeps its connection until it is answered or cut.
 */
export class Patience {
  readonly #setTimer: SetTimer;
  readonly #onFault: (fault: unknown) => void;
  readonly #pauseMsMax: number;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #waiting = new Set<() => void>();
  readonly #pausing = new Set<() => void>();
  #isOver = false;

  constructor(
    setTimer: SetTimer,
    onFault: (fault: unknown) => void,
    pauseMsMax = RETRY_PAUSE_MS_MAX,
  ) {
    this.#setTimer = setTimer;
    this.#onFault = onFault;
    this.#pauseMsMax = pauseMsMax;
  }

  /** What was read; null once this was closed. Never rejects. */
  async insist<R>(read: () => Promise<R>): Promise<R | null> {
    const late = new Map<number, Promise<Outcome<R>>>();
    let pauseMs = RETRY_PAUSE_MS;
    let answerMs = ANSWER_MS_MAX;
    for (let attempt = 1; !this.#isOver; attempt += 1) {
      const begun = this.#begin(attempt, read);
      late.set(attempt, begun);
      let restMs: number | null = null;
      for (;;) {
        const outcome = await this.#firstOf(
          [...late.values()],
          restMs ?? answerMs,
          restMs !== null,
        );
        if (this.#over()) return null;
        if (outcome === null) break;
        if ("value" in outcome.found) {
          for (const other of late.values()) this.#underWay.delete(other);
          return outcome.found.value;
        }
        late.delete(outcome.attempt);
        this.#onFault(outcome.found.fault);
        if (outcome.attempt !== attempt) continue;
        restMs = pauseMs;
        pauseMs = Math.min(pauseMs * 2, this.#pauseMsMax);
      }
      if (restMs !== null) continue;
      this.#underWay.delete(begun);
      this.#onFault(new Error(`no answer came within ${answerMs} ms`));
      answerMs = Math.min(answerMs * 2, LATE_ANSWER_MS_MAX);
    }
    return null;
  }

  /** Ends every pause: what failed is tried again at once. */
  hurry(): void {
    for (const resume of this.#pausing) resume();
  }

  /** Ends everything that waits, and resolves when no read is under way; one that is late is not waited for. */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const resume of this.#waiting) resume();
    if (this.#underWay.size === 0) return;
    await this.#firstOf([Promise.all(this.#underWay)], ANSWER_MS_MAX, false);
  }

  /** Never rejects. */
  #begin<R>(attempt: number, read: () => Promise<R>): Promise<Outcome<R>> {
    const outcome = tried(read).then((found) => {
      this.#underWay.delete(outcome);
      return { attempt, found };
    });
    this.#underWay.add(outcome);
    return outcome;
  }

  /** Asked anew: it may have been closed while something was awaited. */
  #over(): boolean {
    return this.#isOver;
  }

  /** The first of these; null after a time, or where the waiting was ended. */
  async #firstOf<R>(
    outcomes: readonly Promise<R>[],
    waitMs: number,
    isPause: boolean,
  ): Promise<R | null> {
    let resume: () => void = () => undefined;
    const ended = new Promise<null>((resolve) => {
      resume = () => resolve(null);
    });
    const cancel = this.#setTimer(resume, waitMs);
    this.#waiting.add(resume);
    if (isPause) this.#pausing.add(resume);
    try {
      return await Promise.race([...outcomes, ended]);
    } finally {
      cancel();
      this.#waiting.delete(resume);
      this.#pausing.delete(resume);
    }
  }
}

async function tried<R>(read: () => Promise<R>): Promise<Outcome<R>["found"]> {
  try {
    return { value: await read() };
  } catch (fault) {
    return { fault };
  }
}
