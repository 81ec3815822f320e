import { SWEEP_PAUSE_MS_MAX } from "./limits.ts";
import { Patience } from "./patience.ts";
import type { SetTimer } from "./timer.ts";

/** What a sweeper works with. */
export interface Sweeping<S> {
  readonly sweepMs: number;
  readonly setTimer: SetTimer;
  readonly onFault: (fault: unknown) => void;
  /** What a sweep reads. */
  readonly read: () => Promise<S>;
  /** Takes what was read; must not throw. */
  readonly see: (seen: S) => void;
  /** Called after the first sweep that succeeds again. */
  readonly onSight: () => void;
}

/** Sweeps again and again while it is started, and tries soon again where a sweep fails or gets no answer. */
export class Sweeper<S> {
  readonly #sweeping: Sweeping<S>;
  readonly #patience: Patience;
  #isStarted = false;
  #isBlind = false;
  #isDue = false;
  #cancelTimer: (() => void) | null = null;
  #running: Promise<void> | null = null;

  constructor(sweeping: Sweeping<S>) {
    this.#sweeping = sweeping;
    const onFault = (fault: unknown): void => {
      this.#isBlind = true;
      sweeping.onFault(fault);
    };
    this.#patience = new Patience(sweeping.setTimer, onFault, SWEEP_PAUSE_MS_MAX);
  }

  /** Whether the last attempt failed or is late. */
  get isBlind(): boolean {
    return this.#isBlind;
  }

  /** Begins, unless it has; the first sweep comes after a pause. */
  start(): void {
    this.#isStarted = true;
    if (this.#running === null) this.#arm();
  }

  /** Sweeps at once, or once more after the sweep under way; nothing unless it is started. */
  hurry(): void {
    if (!this.#isStarted) return;
    if (this.#running !== null) {
      this.#isDue = true;
      return;
    }
    this.#disarm();
    this.#running = this.#run();
  }

  stop(): void {
    this.#isStarted = false;
    this.#disarm();
  }

  /** Stops, and resolves when no sweep is under way. */
  async close(): Promise<void> {
    this.stop();
    await this.#patience.close();
    await this.#running;
  }

  #arm(): void {
    const { setTimer, sweepMs } = this.#sweeping;
    this.#cancelTimer ??= setTimer(() => {
      this.#cancelTimer = null;
      this.#running = this.#run();
    }, sweepMs);
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  async #run(): Promise<void> {
    const { read, see, onSight } = this.#sweeping;
    do {
      this.#isDue = false;
      const seen = await this.#patience.insist(read);
      if (seen === null) break;
      see(seen);
      const wasBlind = this.#isBlind;
      this.#isBlind = false;
      if (wasBlind) onSight();
    } while (this.#isDue && this.#isStarted);
    this.#running = null;
    if (this.#isStarted) this.#arm();
  }
}
