import { describe, expect, test } from "vitest";
import type { Item } from "#feed/feed.ts";
import { ANSWER_MS_MAX, HINT_PAUSE_MS, IDLE_LOOKS_MAX } from "#feed/limits.ts";
import { Wakes } from "#live/wakes.ts";
import type { Revision } from "#ledger/ledger.ts";
import { append, counting, feedWorld } from "./feedWorld.ts";
import { Timers } from "./timers.ts";

const world = feedWorld();
const forever = (): AbortSignal => new AbortController().signal;

/** What a pull gives, in short. */
async function told(pull: Promise<IteratorResult<Item<Revision>>>): Promise<string> {
  const next = await pull;
  if (next.done === true) return "END";
  const { value } = next;
  return value.kind === "ITEM" ? `ITEM ${value.position}` : `HEARTBEAT ${value.head}`;
}

/** A packet at revision 1, whose follower has caught up and pulls; wake-ups are those of the test alone. */
async function followed() {
  const packet = await world.packet();
  const timers = new Timers();
  const wakes = new Wakes();
  const counted = counting(world.ledger);
  const seen = { woken: 0, repaired: 0, idle: 0 };
  const meters = {
    woken: (count: number): void => void (seen.woken += count),
    repaired: (count: number): void => void (seen.repaired += count),
    idle: (count: number): void => void (seen.idle += count),
  };
  const ledger = { ...counted.ledger };
  const feed = world.feed({ ledger, wakes, meters, setTimer: timers.set });
  const stream = feed.revisions(packet, 1n, forever())[Symbol.asyncIterator]();
  expect(await told(stream.next())).toBe("HEARTBEAT 1");
  return { ...counted, ledger, packet, timers, wakes, seen, stream };
}

describe("false wake-ups", () => {
  test("of one packet, however many, cost a few looks and then one for each pause", async () => {
    const { packet, timers, wakes, stream, reads, seen } = await followed();
    const next = told(stream.next());
    for (let turn = 1; turn <= 200; turn += 1) {
      for (let n = 0; n < 50; n += 1) wakes.announce([{ packet, revision: turn * n + 1_000 }]);
      await world.other.heads([packet]);
    }
    expect(reads.revisionsOf).toBe(IDLE_LOOKS_MAX);
    for (let pause = 1; pause <= 3; pause += 1) {
      timers.fire(HINT_PAUSE_MS);
      await timers.waiting(HINT_PAUSE_MS);
      wakes.announce([{ packet, revision: 1_000 }]);
      expect(reads.revisionsOf).toBe(IDLE_LOOKS_MAX + pause);
    }
    await append(world.other, packet);
    timers.fire(HINT_PAUSE_MS);
    expect(await next).toBe("ITEM 2");
    expect(seen).toMatchObject({ woken: 1, repaired: 0 });
  });

  test("of packets that nobody follows cost nothing", async () => {
    const { wakes, reads } = await followed();
    const before = { ...reads };
    for (let n = 0; n < 10_000; n += 1) {
      const packet = `019a0000-0000-7000-8000-${String(n).padStart(12, "0")}`;
      wakes.announce([{ packet, revision: n + 1 }], "ELSEWHERE");
    }
    await world.other.moment();
    expect(reads).toEqual(before);
  });
});

test("wake-ups that may have been lost are made up for at once, without waiting for the sweep", async () => {
  const { packet, wakes, stream, timers, seen } = await followed();
  const next = told(stream.next());
  await append(world.other, packet);
  wakes.announceMissed();
  wakes.announceMissed();
  expect(await next).toBe("ITEM 2");
  await timers.waiting(20);
  expect(seen).toEqual({ woken: 0, repaired: 1, idle: 0 });
});

test("it is counted what was told, what a sweep had to find, and what told of nothing", async () => {
  const { packet, wakes, stream, timers, seen } = await followed();
  await append(world.other, packet);
  const second = told(stream.next());
  wakes.announce([{ packet, revision: 2 }], "ELSEWHERE");
  expect(await second).toBe("ITEM 2");
  wakes.announce([{ packet, revision: 2 }], "ELSEWHERE");
  wakes.announce([{ packet, revision: 1 }], "ELSEWHERE");
  expect(seen).toEqual({ woken: 1, repaired: 0, idle: 2 });
  await append(world.other, packet, 2);
  const third = told(stream.next());
  timers.fire(20);
  expect(await third).toBe("ITEM 3");
  expect(seen).toEqual({ woken: 1, repaired: 2, idle: 2 });
});

/** Has each look for what is new wait until its answer is let go. */
function withheld(ledger: ReturnType<typeof counting>["ledger"]) {
  const { revisionsOf } = ledger;
  const answers: (() => void)[] = [];
  ledger.revisionsOf = async (...asked) => {
    await new Promise<void>((resolve) => answers.push(resolve));
    return revisionsOf(...asked);
  };
  const answerAtOnce = (): void => {
    ledger.revisionsOf = revisionsOf;
  };
  return { answers, answerAtOnce };
}

describe("a ledger that takes a question and does not answer", () => {
  test("is asked again beside it, and what comes late is dropped", async () => {
    const { packet, ledger, wakes, stream, timers } = await followed();
    const { answers, answerAtOnce } = withheld(ledger);
    await append(world.other, packet, 2);
    const [second, third] = [told(stream.next()), told(stream.next())];
    wakes.announce([{ packet, revision: 3 }]);
    await timers.waiting(ANSWER_MS_MAX);
    timers.fire(ANSWER_MS_MAX);
    await timers.waiting(2 * ANSWER_MS_MAX);
    expect(answers).toHaveLength(2);
    answers[1]?.();
    expect([await second, await third]).toEqual(["ITEM 2", "ITEM 3"]);
    answers[0]?.();
    answerAtOnce();
    await append(world.other, packet);
    wakes.announce([{ packet, revision: 4 }]);
    expect(await told(stream.next())).toBe("ITEM 4");
  });

  test("is believed also late where no later answer came", async () => {
    const { packet, ledger, wakes, stream, timers } = await followed();
    const { answers } = withheld(ledger);
    await append(world.other, packet);
    const second = told(stream.next());
    wakes.announce([{ packet, revision: 2 }]);
    for (const waitMs of [1, 2, 4, 8, 10, 10].map((times) => times * ANSWER_MS_MAX)) {
      await timers.waiting(waitMs);
      timers.fire(waitMs);
    }
    await timers.waiting(10 * ANSWER_MS_MAX);
    answers[0]?.();
    expect(await second).toBe("ITEM 2");
  });

  test("stops neither the sweeps nor what they find, and silences heartbeats meanwhile", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    const { ledger } = counting(world.ledger);
    const { heads } = ledger;
    const feed = world.feed({ ledger, wakes: new Wakes(), heartbeatMs: 777, setTimer: timers.set });
    const stream = feed.revisions(packet, 1n, forever())[Symbol.asyncIterator]();
    expect(await told(stream.next())).toBe("HEARTBEAT 1");
    ledger.heads = () => new Promise(() => undefined);
    const next = told(stream.next());
    timers.fire(20);
    timers.fire(ANSWER_MS_MAX);
    await timers.waiting(2 * ANSWER_MS_MAX);
    await timers.waiting(777);
    timers.fire(777);
    await append(world.other, packet);
    ledger.heads = heads;
    timers.fire(2 * ANSWER_MS_MAX);
    expect(await next).toBe("ITEM 2");
  });

  test("does not keep the feed from closing", async () => {
    const { packet, ledger, wakes, stream, timers } = await followed();
    const waiting = stream.next();
    ledger.revisions = () => new Promise(() => undefined);
    wakes.announce([{ packet, revision: 2 }]);
    await stream.return?.();
    expect(await waiting).toMatchObject({ done: true });
    await timers.waiting(ANSWER_MS_MAX);
    timers.fire(ANSWER_MS_MAX);
    expect(timers.pending).not.toContain(ANSWER_MS_MAX);
  });
});
