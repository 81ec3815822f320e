import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pace } from "#graphql/stream/pace.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

const SLOW_MS = 1_000;

/** A reader who is behind by so much at each look, and has so many bytes to take at each. */
function readerOf(behind: readonly (bigint | null | Error)[], bytes: readonly number[] = []) {
  const left = [...behind];
  const leftBytes = [...bytes];
  let slow = 0;
  const pace = new Pace({
    slowMs: SLOW_MS,
    behind: async () => {
      const next = left.shift() ?? null;
      if (next instanceof Error) throw next;
      return next;
    },
    untakenBytes: () => leftBytes.shift() ?? 0,
    onSlow: () => {
      slow += 1;
    },
  });
  /** Looks once, and answers how often the reader was found slow so far. */
  const look = async (): Promise<number> => {
    vi.advanceTimersByTime(SLOW_MS);
    await new Promise(setImmediate);
    return slow;
  };
  return { pace, look };
}

const reader = (...behind: readonly (bigint | null | Error)[]) => readerOf(behind);

/** What a reader has not taken yet, until the test says so. */
function held() {
  let take = (): void => undefined;
  const taken = new Promise<void>((resolve) => {
    take = resolve;
  });
  return { taken, take };
}

test.each<[string, readonly (bigint | null | Error)[], readonly number[]]>([
  ["falls further behind", [10n, 11n], [0, 1]],
  ["gains nothing", [10n, 10n], [0, 1]],
  ["gains at first, and then no more", [10n, 9n, 9n], [0, 0, 1]],
  ["gains, however little", [10n, 9n, 8n], [0, 0, 0]],
  ["has nothing more to take", [0n, 0n], [0, 0]],
  ["follows what nobody is behind in", [null, null], [0, 0]],
  ["could not be looked at once", [10n, new Error("no ledger"), 12n, 13n], [0, 0, 0, 1]],
])("one who %s is slow, or is not", async (_what, behind, found) => {
  const { pace, look } = reader(...behind);
  const { taken, take } = held();
  const waiting = pace.waiting(taken);
  const looks: number[] = [];
  for (const _ of found) looks.push(await look());
  expect(looks).toEqual(found);
  take();
  await waiting;
});

test("whoever takes an event piece by piece gains by every piece", async () => {
  const { pace, look } = readerOf([10n, 10n, 10n, 10n], [900, 500, 100, 100]);
  const { taken, take } = held();
  const waiting = pace.waiting(taken);
  const looks: number[] = [];
  for (let looked = 0; looked < 4; looked += 1) looks.push(await look());
  expect(looks).toEqual([0, 0, 0, 1]);
  take();
  await waiting;
});

test("nobody is slow who need not be waited for: what takes long is not theirs", async () => {
  const { pace, look } = reader(10n, 11n, 12n, 13n);
  await pace.waiting(Promise.resolve());
  for (const _ of [1, 2, 3]) expect(await look()).toBe(0);
  await pace.waiting(Promise.resolve());
  expect(await look()).toBe(0);
  await pace.waiting(Promise.resolve());
  expect(await look()).toBe(1);
});

test("whoever catches up begins anew", async () => {
  const { pace, look } = reader(10n, 11n, 12n);
  const { taken, take } = held();
  const waiting = [pace.waiting(taken)];
  expect(await look()).toBe(0);
  pace.end();
  expect(vi.getTimerCount()).toBe(0);
  waiting.push(pace.waiting(taken));
  expect([await look(), await look()]).toEqual([0, 1]);
  take();
  await Promise.all(waiting);
});
