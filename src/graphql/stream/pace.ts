/** What it is told from whether a reader gains. */
export interface PaceNeeds {
  /** How often it is looked at, in milliseconds. */
  readonly slowMs: number;
  /** How far the reader is behind the newest there is; null where that means nothing. */
  readonly behind: () => Promise<bigint | null>;
  /** How much of what the reader was given they have not taken. */
  readonly untakenBytes: () => number;
  /** The reader did not gain from one look to the next. */
  readonly onSlow: () => void;
}

/**
 * Whether a reader who reads alone, and has to be waited for, gains on what they follow: whoever comes
 * back after long and takes their time does, whoever takes less than there is to take never does.
 */
export class Pace {
  readonly #needs: PaceNeeds;
  #timer: NodeJS.Timeout | null = null;
  #before: Distance | null = null;
  #isWaiting = false;
  #hasWaited = false;

  constructor(needs: PaceNeeds) {
    this.#needs = needs;
  }

  /** The reader is waited for until this resolves; what one cannot read for is no fault of the reader. */
  async waiting(taken: Promise<unknown>): Promise<void> {
    this.#isWaiting = true;
    this.#hasWaited = true;
    this.#timer ??= this.#begin();
    await taken;
    this.#isWaiting = false;
  }

  /** The reader has caught up, or is gone. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#before = null;
  }

  #begin(): NodeJS.Timeout {
    const timer = setInterval(() => {
      this.#look(timer).catch(() => undefined);
    }, this.#needs.slowMs);
    return timer.unref();
  }

  async #look(timer: NodeJS.Timeout): Promise<void> {
    const hasWaited = this.#hasWaited;
    this.#hasWaited = this.#isWaiting;
    const before = this.#before;
    this.#before = null;
    const behind = hasWaited ? await this.#needs.behind() : null;
    if (timer !== this.#timer || behind === null) return;
    const now = { behind, untakenBytes: this.#needs.untakenBytes() };
    this.#before = now;
    if (before !== null && behind > 0n && !hasGained(before, now)) this.#needs.onSlow();
  }
}

/** How far a reader has to go. */
interface Distance {
  readonly behind: bigint;
  readonly untakenBytes: number;
}

/** One event may be so large that taking a part of it is all that a slow reader can. */
function hasGained(before: Distance, now: Distance): boolean {
  if (now.behind !== before.behind) return now.behind < before.behind;
  return now.untakenBytes < before.untakenBytes;
}
