import { expect, test } from "vitest";
import { Gathered } from "#feed/gathered.ts";
import { Timers } from "./timers.ts";

/** A gathering of at most two streams a read, whose reads are answered by hand. */
function gathering() {
  const reads: { readonly streams: string[]; readonly answer: () => void }[] = [];
  const timers = new Timers();
  const gathered = new Gathered<null, void>(
    (asks) =>
      new Promise((resolve) => {
        reads.push({ streams: [...asks.keys()], answer: resolve });
      }),
    { streamsMax: 2, setTimer: timers.set },
  );
  return { gathered, reads, timers };
}

test("what does not fit into one read waits for the next, and never runs beside it", async () => {
  const { gathered, reads } = gathering();
  const answers = ["a", "b", "c", "d", "e"].map((stream) => gathered.ask(stream, null));
  const asked: string[][] = [];
  for (const [first, last] of [
    [0, 1],
    [2, 3],
    [4, 4],
  ] as const) {
    await Promise.resolve();
    const [read] = reads.splice(0);
    expect(reads).toEqual([]);
    asked.push(read?.streams ?? []);
    read?.answer();
    await Promise.all(answers.slice(first, last + 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(asked).toEqual([["a", "b"], ["c", "d"], ["e"]]);
});

test("a read that throws at once keeps nobody from the next one", async () => {
  const timers = new Timers();
  let isBroken = true;
  const gathered = new Gathered<null, string>(
    () => {
      if (isBroken) throw new Error("broken");
      return Promise.resolve("read");
    },
    { streamsMax: 2, setTimer: timers.set },
  );
  await expect(gathered.ask("a", null)).rejects.toThrow("broken");
  isBroken = false;
  expect(await gathered.ask("a", null)).toBe("read");
});
