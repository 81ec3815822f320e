import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Prospect } from "#ledger/appendBatch.ts";
import type { Folded } from "#ledger/draft.ts";
import { Foresight } from "#ledger/foresight.ts";
import { MOMENT_KEPT_MS } from "#ledger/limits.ts";
import type { SeenMoment } from "#ledger/moment.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a batch leaves that ended with this revision at this time. */
function prospect(digest: string, at: number): Prospect {
  const folded = { digest } as Partial<Folded> as Folded;
  const moment = { now: new Date(at) } as Partial<SeenMoment> as SeenMoment;
  return { folded, moment, lastNumbers: new Map() };
}

/** A foresight, and the packet as it is kept. */
function foreseeing() {
  let kept: Folded | null = null;
  const foresight = new Foresight({ newest: () => kept });
  return {
    foresight,
    leave: (digest: string, at: number): void => {
      kept = prospect(digest, at).folded;
      foresight.leave("p", prospect(digest, at));
    },
    fold: (digest: string): void => {
      kept = prospect(digest, 0).folded;
    },
  };
}

describe("what a batch left known", () => {
  test("is let go a while after the last batch of all", () => {
    const { foresight, leave } = foreseeing();
    leave("one", 1);
    vi.advanceTimersByTime(MOMENT_KEPT_MS - 1);
    expect(foresight.of("p")?.folded.digest).toBe("one");
    leave("two", 2);
    vi.advanceTimersByTime(MOMENT_KEPT_MS - 1);
    expect(foresight.of("p")?.folded.digest).toBe("two");
    vi.advanceTimersByTime(1);
    expect(foresight.of("p")).toBeNull();
    leave("three", 3);
    expect(foresight.of("p")?.folded.digest).toBe("three");
  });

  test("is nothing once the packet is kept at another revision, or not at all", () => {
    const { foresight, leave, fold } = foreseeing();
    leave("one", 1);
    fold("another");
    expect(foresight.of("p")).toBeNull();
    expect(new Foresight({ newest: () => null }).of("p")).toBeNull();
  });

  test("has the newest moment of all packets, which goes back only with the database's clock", () => {
    const { foresight, leave } = foreseeing();
    leave("one", 5);
    foresight.leave("q", prospect("other", 9));
    foresight.leave("q", prospect("other", 7));
    expect(foresight.of("p")?.moment.now.getTime()).toBe(9);
    foresight.leave("q", prospect("other", 8 - MOMENT_KEPT_MS));
    expect(foresight.of("p")?.moment.now.getTime()).toBe(8 - MOMENT_KEPT_MS);
  });

  test("is nothing after a batch that left nothing", () => {
    const { foresight, leave } = foreseeing();
    leave("one", 1);
    foresight.leave("p", null);
    expect(foresight.of("p")).toBeNull();
  });
});
