import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { Pull } from "#feed/pull.ts";

/** A stream of what is put in, as the tails have it: taken from, never pushed. */
function openPull(signal = new AbortController().signal) {
  const items: number[] = [];
  let ended = 0;
  let begun = 0;
  const pull = new Pull<number>(signal, () => {
    begun += 1;
    return {
      take() {
        const value = items.shift();
        return value === undefined ? null : { value };
      },
      end() {
        ended += 1;
      },
    };
  });
  const put = (...more: number[]): void => {
    items.push(...more);
    pull.nudge();
  };
  return { pull, put, begun: () => begun, ended: () => ended };
}

test("pulls are answered in order, whoever asks before there is anything", async () => {
  const { pull, put } = openPull();
  const asked = [pull.next(), pull.next(), pull.next()];
  put(1);
  put(2, 3);
  expect((await Promise.all(asked)).map(({ value }) => value)).toEqual([1, 2, 3]);
});

test("nothing begins before the first pull, and what never began never ends", async () => {
  const { pull, begun, ended } = openPull();
  expect(await pull.return()).toEqual({ done: true, value: undefined });
  expect(await pull.next()).toEqual({ done: true, value: undefined });
  expect([begun(), ended()]).toEqual([0, 0]);
});

test("a signal that aborted before ends it without a beginning", async () => {
  const { pull, begun } = openPull(AbortSignal.abort());
  expect(await pull.next()).toEqual({ done: true, value: undefined });
  expect(begun()).toBe(0);
});

test("an abort answers every pull that waits, ends once and leaves no listener", async () => {
  const abort = new AbortController();
  const { pull, put, ended } = openPull(abort.signal);
  const asked = [pull.next(), pull.next()];
  put(1);
  expect(await asked[0]).toEqual({ done: false, value: 1 });
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
  abort.abort();
  expect(await asked[1]).toEqual({ done: true, value: undefined });
  expect(await pull.next()).toEqual({ done: true, value: undefined });
  await pull.return();
  expect(ended()).toBe(1);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(0);
});

test("`return` ends a pull that waits", async () => {
  const { pull, ended } = openPull();
  const waiting = pull.next();
  await pull.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(ended()).toBe(1);
});

test("a loop that is left ends it", async () => {
  const { pull, put, ended } = openPull();
  put(1, 2, 3);
  const seen: number[] = [];
  for await (const item of pull) {
    seen.push(item);
    if (item === 2) break;
  }
  expect(seen).toEqual([1, 2]);
  expect(ended()).toBe(1);
});
