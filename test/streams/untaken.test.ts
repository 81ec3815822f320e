import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { STREAM_LIMITS } from "#graphql/stream/streamLimits.ts";
import { Untaken } from "#graphql/stream/untaken.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

const LIMITS = { ...STREAM_LIMITS, queueBytesMax: 100 };

/** A connection to a reader who takes a piece when the test says so. */
class Held extends Writable {
  readonly #waiting: (() => void)[] = [];

  override _write(_piece: Buffer, _encoding: string, done: () => void): void {
    this.#waiting.push(done);
  }

  take(): void {
    this.#waiting.shift()?.();
  }
}

function opened(wire = new Held({ highWaterMark: 50 })) {
  const stalls: number[] = [];
  const untaken = new Untaken(wire, LIMITS, () => stalls.push(untaken.bytes));
  return { wire, stalls, untaken };
}

test("there is room until too much waits, and then again from when all of it is taken", async () => {
  const { wire, untaken } = opened();
  for (const bytes of [40, 60, 1]) {
    expect(untaken.hasRoom).toBe(true);
    untaken.write(Buffer.alloc(bytes));
  }
  for (let left = 3; left > 0; left -= 1) {
    expect(untaken.hasRoom).toBe(false);
    const taken = untaken.taken();
    wire.take();
    if (left === 1) await taken;
    else await new Promise(setImmediate);
  }
  expect([untaken.hasRoom, untaken.bytes]).toEqual([true, 0]);
});

test("whoever takes nothing for too long is stalled, also when nothing more comes for them", async () => {
  const { wire, untaken, stalls } = opened();
  untaken.write(Buffer.alloc(60));
  untaken.write(Buffer.alloc(60));
  wire.take();
  await new Promise(setImmediate);
  vi.advanceTimersByTime(LIMITS.stalledMs);
  expect(stalls).toEqual([]);
  vi.advanceTimersByTime(LIMITS.stalledMs);
  expect(stalls).toEqual([60]);
});

test("nobody waits for a reader who is gone, nor for what is never full", async () => {
  const { wire, untaken } = opened();
  untaken.write(Buffer.alloc(101));
  const taken = untaken.taken();
  wire.destroy();
  await taken;
  expect(untaken.hasRoom).toBe(true);
  const roomy = opened(new Held({ highWaterMark: 500 })).untaken;
  roomy.write(Buffer.alloc(101));
  expect(roomy.hasRoom).toBe(true);
  expect(roomy.taken()).toBeNull();
});
