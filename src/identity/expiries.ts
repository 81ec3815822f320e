/** One instant by both clocks, in milliseconds: of the day, and of this process. */
export interface Instant {
  readonly wall: number;
  /** Only differences count; it never goes back. */
  readonly own: number;
}

/** True from the instant on, whichever clock comes to it first: a clock that is set back gives nobody more time. */
export function hasCome(instant: Instant, now: Instant): boolean {
  return now.wall >= instant.wall || now.own >= instant.own;
}

/** When the rights of those who were let in end: of each second one instant, the earliest. */
export class Expiries {
  readonly #ahead = new Map<number, Instant>();
  #earliest: Instant = NEVER;
  #passed = 0;

  /** Notes when somebody's rights end. */
  note(end: Instant): void {
    const second = Math.floor(end.wall / 1_000);
    this.#ahead.set(second, earlier(this.#ahead.get(second) ?? NEVER, end));
    this.#earliest = earlier(this.#earliest, end);
  }

  /** A number that grows whenever an instant that was noted has come. */
  passed(now: Instant): number {
    if (!hasCome(this.#earliest, now)) return this.#passed;
    this.#earliest = NEVER;
    for (const [second, end] of this.#ahead) {
      if (hasCome(end, now)) {
        this.#ahead.delete(second);
        this.#passed += 1;
      } else this.#earliest = earlier(this.#earliest, end);
    }
    return this.#passed;
  }
}

const NEVER: Instant = { wall: Number.POSITIVE_INFINITY, own: Number.POSITIVE_INFINITY };

function earlier(one: Instant, other: Instant): Instant {
  return { wall: Math.min(one.wall, other.wall), own: Math.min(one.own, other.own) };
}
