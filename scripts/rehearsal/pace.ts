import { setTimeout as pause } from "node:timers/promises";
import type { Epoch } from "#packet/epoch.ts";
import { type Expected, NotAsExpected, type Run } from "./run.ts";

/** What is wrong when time alone changes the packet before it should. */
export const LAPSED_TOO_EARLY =
  "something lapsed by itself before its turn: is this machine too busy to rehearse on now?";

/** How often to ask where the epoch is. */
const ASK_EVERY_MS = 200;

/** For how many of its lengths a frozen epoch is watched. */
const STILL_EPOCHS = 4;

/** Waits for epochs, which the server's own ticker makes. */
export class Pace {
  readonly #run: Run;
  readonly #signal: AbortSignal;

  constructor(run: Run, signal: AbortSignal) {
    this.#run = run;
    this.#signal = signal;
  }

  epoch(): Promise<Epoch> {
    return this.#run.reader.epoch();
  }

  /** True when nothing happened by itself since the last revision. */
  async isQuiet(): Promise<boolean> {
    return !(await this.#run.hasMoved());
  }

  /** Lets time pass to an epoch; nothing may happen by itself on the way. */
  async passTo(epoch: Epoch): Promise<void> {
    await this.#tellOfTime(epoch);
    await this.#waitFor(epoch);
    if (!(await this.isQuiet())) throw new NotAsExpected(LAPSED_TOO_EARLY);
  }

  /** Lets time pass while the epoch is frozen: neither it nor the packet may move, as long as several epochs last. */
  async standStill(epochMs: number): Promise<void> {
    const frozen = await this.epoch();
    for (let epochs = 1; epochs <= STILL_EPOCHS; epochs += 1) {
      await pause(epochMs, undefined, { signal: this.#signal });
      const isStill = (await this.epoch()) === frozen && (await this.isQuiet());
      if (!isStill) throw new NotAsExpected("something moved while the epoch was frozen");
      this.#run.tell({ line: "still", epoch: frozen, epochs });
    }
  }

  /** Lets time pass to an epoch at which exactly this must happen by itself. */
  async passToLapse(epoch: Epoch, expected: Expected): Promise<void> {
    await this.#tellOfTime(epoch);
    await this.#waitFor(epoch - 1n);
    const isQuiet = await this.isQuiet();
    // Asked in this order, a packet that moved was moved before the epoch that is told.
    if (!isQuiet && (await this.epoch()) < epoch) throw new NotAsExpected(LAPSED_TOO_EARLY);
    await this.#run.lapse(epoch, expected);
  }

  async #tellOfTime(to: Epoch): Promise<void> {
    const from = await this.epoch();
    if (from < to) this.#run.tell({ line: "time", from, to });
  }

  async #waitFor(epoch: Epoch): Promise<void> {
    while ((await this.epoch()) < epoch) {
      await pause(ASK_EVERY_MS, undefined, { signal: this.#signal });
    }
  }
}
