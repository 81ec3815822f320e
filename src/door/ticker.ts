import type { Log } from "#packet/log.ts";

/** What came of a tick: idle where it resolved to null. */
export type TickOutcome = "done" | "idle" | "failed";

/** What is done at each tick, its name in the log, how long to rest after it in milliseconds, and who is told of faults. */
export interface TickerOptions {
  readonly name: string;
  readonly tick: () => Promise<unknown>;
  readonly pauseMs: number;
  readonly log: Log;
  /** Told of each tick. */
  readonly count?: (outcome: TickOutcome) => void;
}

/** Does the first tick, whatever comes of it, and goes on until it is stopped. */
export async function startTicker(options: TickerOptions): Promise<Ticker> {
  const ticker = new Ticker(options);
  await ticker.tickOnce();
  return ticker;
}

/** One tick after another, never two at a time; a failed one is tried again after the pause. */
export class Ticker {
  readonly #options: TickerOptions;
  #failed = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: TickerOptions) {
    this.#options = options;
  }

  /** No tick begins after this; one under way is not waited for. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Never rejects. */
  async tickOnce(): Promise<void> {
    const { name, tick, pauseMs, log, count } = this.#options;
    try {
      const done = await tick();
      count?.(done === null ? "idle" : "done");
      if (this.#failed > 0) log.info({ failed: this.#failed }, `${name} succeeds again`);
      this.#failed = 0;
    } catch (err) {
      count?.("failed");
      this.#failed += 1;
      // One line for a spell of failures: the database may be away for hours.
      if (this.#failed === 1) log.error({ err }, `${name} failed; it is tried again`);
    }
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.tickOnce().catch(() => undefined);
    }, pauseMs);
  }
}
