import { setTimeout as pause } from "node:timers/promises";
import type { Epoch } from "#packet/epoch.ts";
import { epochTick } from "#workflow/epochTick.ts";
import { type Expected, NotAsExpected, type Run } from "./run.ts";

/** What is wrong when time alone changes the packet before it should. */
export const LAPSED_TOO_EARLY = "something lapsed by itself before its epoch";

/** How often to ask whether the next epoch is due. */
const TICK_EVERY_MS = 50;

/**
 * The rehearsal's ticker. It moves the epoch only between the acts of a stage, so that each act
 * has one epoch however slow the machine is.
 */
export class Pace {
  readonly #run: Run;
  readonly #signal: AbortSignal;

  constructor(run: Run, signal: AbortSignal) {
    this.#run = run;
    this.#signal = signal;
  }

  async epoch(): Promise<Epoch> {
    return (await this.#run.ledger.moment()).epoch;
  }

  /** Takes one step if one is due. False when something lapsed by itself in it. */
  async catchUp(): Promise<boolean> {
    await this.#run.accepted(() => epochTick(this.#run.train.desk));
    return !(await this.#run.hasMoved());
  }

  /** Lets time pass to an epoch; nothing may happen by itself on the way. */
  async passTo(epoch: Epoch): Promise<void> {
    await this.#tellOfTime(epoch);
    await this.#passQuietlyTo(epoch);
  }

  /** Lets time pass to an epoch at which exactly this must happen by itself. */
  async passToLapse(epoch: Epoch, expected: Expected): Promise<void> {
    await this.#tellOfTime(epoch);
    await this.#passQuietlyTo(epoch - 1n);
    const { desk } = this.#run.train;
    while ((await this.epoch()) < epoch) {
      await this.#ticked(async () => {
        const receivedAt = performance.now();
        const stepped = await this.#run.accepted(() => epochTick(desk));
        if (stepped !== null) await this.#run.follow(expected, receivedAt);
      });
    }
  }

  async #tellOfTime(to: Epoch): Promise<void> {
    const from = await this.epoch();
    if (from < to) this.#run.tell({ line: "time", from, to });
  }

  async #passQuietlyTo(epoch: Epoch): Promise<void> {
    while ((await this.epoch()) < epoch) {
      await this.#ticked(async () => {
        if (!(await this.catchUp())) throw new NotAsExpected(LAPSED_TOO_EARLY);
      });
    }
  }

  async #ticked(tick: () => Promise<void>): Promise<void> {
    await tick();
    await pause(TICK_EVERY_MS, undefined, { signal: this.#signal });
  }
}
