import { SWEEP_PAUSE_MS_MAX } from "./limits.ts";
import type { SetTimer } from "./timer.ts";

/** What a sweeper works with. */
export interface Sweeping {
  readonly sweepMs: number;
  readonly setTimer: SetTimer;
  readonly onFault: (fault: unknown) => void;
  readonly sweep: () => Promise<void>;
  /** Called after the first sweep that succeeds again. */
  readonly onSight: () => void;
}

/** Sweeps again and again while it is started; more and more rarely while sweeps fail. */
export class Sweeper {
  readonly #sweeping: Sweeping;
  #pauseMs: number;
  #isStarted = false;
  #isBlind = false;
  #cancelTimer: (() => void) | null = null;
  #running: Promise<void> | null = null;

  constructor(sweeping: Sweeping) {
    this.#sweeping = sweeping;
    this.#pauseMs = sweeping.sweepMs;
  }

  /** Whether the last sweep failed. */
  get isBlind(): boolean {
    return this.#isBlind;
  }

  /** Begins, unless it has; the first sweep comes after a pause. */
  start(): void {
    this.#isStarted = true;
    if (this.#running === null) this.#arm();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** Stops, and resolves when no sweep is under way. */
  async close(): Promise<void> {
    this.stop();
    await this.#running;
  }

  #arm(): void {
    const { setTimer } = this.#sweeping;
    this.#cancelTimer ??= setTimer(() => {
      this.#cancelTimer = null;
      this.#running = this.#run();
    }, this.#pauseMs);
  }

  async #run(): Promise<void> {
    const { sweepMs, sweep, onFault, onSight } = this.#sweeping;
    try {
      await sweep();
      this.#pauseMs = sweepMs;
      const wasBlind = this.#isBlind;
      this.#isBlind = false;
      if (wasBlind) onSight();
    } catch (fault) {
      this.#isBlind = true;
      this.#pauseMs = Math.max(sweepMs, Math.min(this.#pauseMs * 2, SWEEP_PAUSE_MS_MAX));
      onFault(fault);
    }
    this.#running = null;
    if (this.#isStarted) this.#arm();
  }
}
