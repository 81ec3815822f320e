import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pace } from "#database/pace.ts";

describe("a pace of three at once and one each second", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How many of so many who ask at once have been let through by now. */
  function asking(pace: Pace, count: number): () => number {
    let through = 0;
    const turns = Array.from({ length: count }, async () => {
      await pace.turn();
      through += 1;
    });
    expect(turns).toHaveLength(count);
    return () => through;
  }

  test("lets the first three through at once, and each of the others a second later", async () => {
    const through = asking(new Pace({ burst: 3, everyMs: 1000 }), 5);
    await vi.advanceTimersByTimeAsync(0);
    expect(through()).toBe(3);
    await vi.advanceTimersByTimeAsync(999);
    expect(through()).toBe(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(through()).toBe(4);
    await vi.advanceTimersByTimeAsync(1000);
    expect(through()).toBe(5);
  });

  test("has three again after a rest, and never more", async () => {
    const pace = new Pace({ burst: 3, everyMs: 1000 });
    asking(pace, 5);
    await vi.advanceTimersByTimeAsync(60_000);
    const through = asking(pace, 5);
    await vi.advanceTimersByTimeAsync(0);
    expect(through()).toBe(3);
  });

  test("leaves no timer once it is rested", async () => {
    const pace = new Pace({ burst: 3, everyMs: 1000 });
    asking(pace, 5);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
