import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { HEAD_KEPT_MS, HINT_PAUSE_MS, PAGE_ITEMS } from "#feed/limits.ts";
import { Wakes } from "#live/wakes.ts";
import type { Item } from "#feed/feed.ts";
import type { Revision } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { chance } from "../faults/chance.ts";
import { append, between, counting, feedWorld, upTo } from "./feedWorld.ts";
import { Timers } from "./timers.ts";

const world = feedWorld();
const forever = (): AbortSignal => new AbortController().signal;
const NOWHERE = "019a0000-0000-7000-8000-000000000000";

/** What the next pull gives, in short. */
async function pulled<T>(stream: AsyncIterator<Item<T>>): Promise<string> {
  const next = await stream.next();
  if (next.done === true) return "END";
  const { value } = next;
  return value.kind === "ITEM" ? `ITEM ${value.position}` : `HEARTBEAT ${value.head}`;
}

const iterate = <T>(stream: AsyncIterable<T>): AsyncIterator<T> => stream[Symbol.asyncIterator]();

describe("a follower of a packet", () => {
  test("gets what was there, a heartbeat once it has caught up, and then what comes", async () => {
    const packet = await world.packet();
    await append(world.other, packet, 2);
    const stream = iterate(world.feed().revisions(packet, 0n, forever()));
    const before = [await pulled(stream), await pulled(stream), await pulled(stream)];
    expect(before).toEqual(["ITEM 1", "ITEM 2", "ITEM 3"]);
    expect(await pulled(stream)).toBe("HEARTBEAT 3");
    const waiting = stream.next();
    await append(world.ledger, packet);
    expect(await waiting).toMatchObject({
      value: { kind: "ITEM", position: 4n, value: { packet, number: 4 } },
    });
  });

  test("gets every revision once and in order while another process appends, without any wake-up", async () => {
    const packet = await world.packet();
    const feed = world.feed({ wakes: new Wakes() });
    const followers = [0n, 0n, 1n].map((after) =>
      upTo(feed.revisions(packet, after, forever()), 151n),
    );
    await append(world.other, packet, 150);
    const late = upTo(feed.revisions(packet, 100n, forever()), 151n);
    expect(await Promise.all([...followers, late])).toEqual([
      between(0n, 151n),
      between(0n, 151n),
      between(1n, 151n),
      between(100n, 151n),
    ]);
  });

  test("gets at once what a wake-up tells of, also where another process appended after this one", async () => {
    const packet = await world.packet();
    const wakes = new Wakes();
    const feed = world.feed({ wakes, sweepMs: 60_000 });
    const stream = iterate(feed.revisions(packet, 0n, forever()));
    const before = [await pulled(stream), await pulled(stream)];
    expect(before).toEqual(["ITEM 1", "HEARTBEAT 1"]);
    await append(world.ledger, packet);
    await append(world.other, packet);
    wakes.announce([{ packet, revision: 3 }]);
    expect([await pulled(stream), await pulled(stream)]).toEqual(["ITEM 2", "ITEM 3"]);
  });

  test("is served alike by wake-ups that are lost, doubled, late and wrong, wherever it starts and resumes", async () => {
    const packet = await world.packet();
    const dice = chance("feed");
    const noisy = new Wakes();
    const late: { packet: string; revision: number }[] = [];
    const stop = world.wakes.listen((moved) => {
      const kind = dice.below(5);
      if (kind === 0) return;
      if (kind === 1) late.push(...moved);
      else noisy.announce(moved);
      if (kind === 2) noisy.announce([...moved, ...moved, ...late.splice(0)]);
      if (kind === 3) {
        const revisions = [dice.below(1000), -1, Number.NaN, 1.5, Number.MAX_SAFE_INTEGER];
        noisy.announce(revisions.map((revision) => ({ packet, revision })));
      }
    });
    const feed = world.feed({ wakes: noisy });
    const last = 121n;
    const follow = async (): Promise<bigint[]> => {
      const seen: bigint[] = [];
      const start = BigInt(dice.below(40));
      for (let position = start; position < last; position = seen.at(-1) ?? start) {
        const abort = new AbortController();
        let left = dice.below(30);
        for await (const item of feed.revisions(packet, position, abort.signal)) {
          if (item.kind === "ITEM") seen.push(item.position);
          if (item.kind === "ITEM" && item.position === last) abort.abort();
          if ((left -= 1) <= 0) abort.abort();
        }
      }
      return seen;
    };
    const followers = Array.from({ length: 12 }, follow);
    await Promise.all([append(world.ledger, packet, 60), append(world.other, packet, 60)]);
    for (const seen of await Promise.all(followers)) {
      expect(seen).toEqual(between((seen[0] ?? 0n) - 1n, last));
    }
    stop();
  });

  test("that stops pulling goes on where it was, however much came meanwhile", async () => {
    const packet = await world.packet();
    const feed = world.feed();
    const slow = iterate(feed.revisions(packet, 0n, forever()));
    expect(await pulled(slow)).toBe("ITEM 1");
    const count = 2 * PAGE_ITEMS + 20;
    const quick = upTo(feed.revisions(packet, 0n, forever()), BigInt(count + 1));
    await append(world.ledger, packet, count);
    expect(await quick).toEqual(between(0n, BigInt(count + 1)));
    const rest: string[] = [];
    for (let n = 0; n < count; n += 1) rest.push(await pulled(slow));
    expect(rest).toEqual(between(1n, BigInt(count + 1)).map((position) => `ITEM ${position}`));
    expect(await pulled(slow)).toBe(`HEARTBEAT ${count + 1}`);
  });

  test("of a packet that is not there is told so, and gets nothing of others", async () => {
    const feed = world.feed();
    const stream = iterate(feed.revisions(NOWHERE, 0n, forever()));
    expect(await pulled(stream)).toBe("HEARTBEAT 0");
    const waiting = stream.next();
    await append(world.ledger, await world.packet(), 2);
    await feed.close();
    expect(await waiting).toMatchObject({ done: true });
  });

  test("that starts beyond the head gets only what comes after its position", async () => {
    const packet = await world.packet();
    const stream = iterate(world.feed().revisions(packet, 3n, forever()));
    expect(await pulled(stream)).toBe("HEARTBEAT 1");
    const waiting = stream.next();
    await append(world.ledger, packet, 3);
    expect(await waiting).toMatchObject({ value: { position: 4n } });
    expect(() => world.feed().revisions(packet, -1n, forever())).toThrow(RangeError);
  });
});

test("fifty followers of one packet cost one read for each new revision", async () => {
  const packet = await world.packet();
  const { ledger, reads } = counting(world.ledger);
  const timers = new Timers();
  const feed = world.feed({ ledger, setTimer: timers.set });
  const streams = Array.from({ length: 50 }, () => iterate(feed.revisions(packet, 1n, forever())));
  const caughtUp = await Promise.all(streams.map(pulled));
  expect(new Set(caughtUp)).toEqual(new Set(["HEARTBEAT 1"]));
  expect(reads).toMatchObject({ heads: 1, revisionsOf: 0 });
  for (let number = 2; number <= 21; number += 1) {
    const waiting = streams.map(pulled);
    await append(world.ledger, packet);
    // A wake-up that is doubled, or comes late, costs nothing.
    world.wakes.announce([{ packet, revision: number }]);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([`ITEM ${number}`]));
    world.wakes.announce([{ packet, revision: number - 1 }]);
  }
  expect(reads).toMatchObject({ heads: 1, revisionsOf: 20, revisions: 0 });
});

test("many packets that are heard of together are looked into by one read for all", async () => {
  const packets: PacketId[] = [];
  for (let n = 0; n < 30; n += 1) packets.push(await world.packet());
  const heads = await world.other.heads(packets);
  const ends = packets.map((packet) => BigInt(heads.get(packet)?.revision ?? 0));
  const { ledger, reads } = counting(world.ledger);
  const feed = world.feed({ ledger, setTimer: new Timers().set });
  const streams = packets.map((packet, index) =>
    iterate(feed.revisions(packet, ends[index] ?? 0n, forever())),
  );
  const caughtUp = await Promise.all(streams.map(pulled));
  expect(caughtUp).toEqual(ends.map((end) => `HEARTBEAT ${end}`));
  const waiting = streams.map(pulled);
  await Promise.all(packets.map((packet, index) => append(world.other, packet, 1 + (index % 3))));
  world.wakes.announce(
    packets.map((packet, index) => ({ packet, revision: Number(ends[index]) + 1 })),
  );
  expect(await Promise.all(waiting)).toEqual(ends.map((end) => `ITEM ${end + 1n}`));
  expect(reads).toMatchObject({ revisionsOf: 1, revisions: 0 });
});

test("fifty followers that resume at once from one position read its pages once", async () => {
  const packet = await world.packet();
  await append(world.other, packet, 20);
  const { ledger, reads } = counting(world.ledger);
  const feed = world.feed({ ledger, setTimer: new Timers().set });
  const all = Array.from({ length: 50 }, () => upTo(feed.revisions(packet, 3n, forever()), 21n));
  for (const seen of await Promise.all(all)) expect(seen).toEqual(between(3n, 21n));
  expect(reads).toMatchObject({ heads: 1, revisions: 1 });
});

describe("heartbeats", () => {
  test("come when nothing else did for their time, and not while items come", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    const feed = world.feed({ heartbeatMs: 777, sweepMs: 20, setTimer: timers.set });
    const stream = iterate(feed.revisions(packet, 1n, forever()));
    expect(await pulled(stream)).toBe("HEARTBEAT 1");
    expect(timers.pending).toEqual([20, HEAD_KEPT_MS]);
    const first = pulled(stream);
    await timers.waiting(777);
    timers.fire(777);
    expect(await first).toBe("HEARTBEAT 1");
    const second = pulled(stream);
    await timers.waiting(777);
    await append(world.ledger, packet);
    expect(await second).toBe("ITEM 2");
    expect(timers.pending).toEqual([20, HEAD_KEPT_MS]);
  });

  test("stop while the ledger cannot be read, and come again when it can", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    const faults: unknown[] = [];
    const { ledger, fail } = counting(world.ledger);
    const onFault = (fault: unknown): void => void faults.push(fault);
    const feed = world.feed({ ledger, heartbeatMs: 777, setTimer: timers.set, onFault });
    const stream = iterate(feed.revisions(packet, 1n, forever()));
    expect(await pulled(stream)).toBe("HEARTBEAT 1");
    const waiting = pulled(stream);
    await timers.waiting(777);
    const away = new Error("the database is away");
    fail(away);
    timers.fire(20);
    await timers.waiting(100);
    timers.fire(777);
    timers.fire(100);
    await timers.waiting(200);
    expect(faults).toEqual([away, away]);
    fail(null);
    timers.fire(200);
    expect(await waiting).toBe("HEARTBEAT 1");
    expect(timers.pending).toEqual([20, HEAD_KEPT_MS]);
  });
});

test("a read that fails is made again after growing pauses, and nothing is passed over", async () => {
  const packet = await world.packet();
  const timers = new Timers();
  const { ledger, fail } = counting(world.ledger);
  const feed = world.feed({ ledger, setTimer: timers.set });
  const following = upTo(feed.revisions(packet, 0n, forever()), 4n);
  const quick = iterate(feed.revisions(packet, 1n, forever()));
  expect(await pulled(quick)).toBe("HEARTBEAT 1");
  fail(new Error("the database is away"));
  await append(world.ledger, packet, 3);
  for (const pauseMs of [100, 200, 400, 800, 1_600, 2_000, 2_000]) {
    await timers.waiting(pauseMs);
    timers.fire(pauseMs);
  }
  await timers.waiting(2_000);
  fail(null);
  timers.fire(2_000);
  expect(await following).toEqual(between(0n, 4n));
  expect([await pulled(quick), await pulled(quick)]).toEqual(["ITEM 2", "ITEM 3"]);
});

test("what comes after a gap is not given: the read counts as failed", async () => {
  const packet = await world.packet();
  await append(world.other, packet, 3);
  const faults: unknown[] = [];
  const timers = new Timers();
  let hasGap = true;
  const { ledger } = counting(world.ledger);
  const gappy = {
    ...ledger,
    async revisions(of: string, after: number, limit: number): Promise<Revision[]> {
      const all = await ledger.revisions(of, after, limit);
      return hasGap ? all.filter(({ number }) => number !== 2) : all;
    },
  };
  const onFault = (fault: unknown): void => void faults.push(fault);
  const feed = world.feed({ ledger: gappy, setTimer: timers.set, onFault });
  const following = upTo(feed.revisions(packet, 0n, forever()), 4n);
  await timers.waiting(100);
  expect(faults).toEqual([new Error("position 3 came instead of 2")]);
  hasGap = false;
  timers.fire(100);
  expect(await following).toEqual(between(0n, 4n));
});

describe("an end", () => {
  test("by abort is prompt, in a pull or between two, and leaves no listener and no timer", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    const feed = world.feed({ setTimer: timers.set });
    const abort = new AbortController();
    const { signal } = abort;
    const streams = [
      iterate(feed.revisions(packet, 0n, signal)),
      iterate(feed.revisions(packet, 1n, signal)),
      iterate(feed.log(0n, signal)),
      iterate(feed.stirs(packet, signal)),
    ];
    for (const stream of streams) await stream.next();
    const stirred = streams[3]?.next();
    const quiet = streams[1]?.next();
    await timers.waiting(60_000);
    expect(getEventListeners(signal, "abort")).toHaveLength(4);
    abort.abort();
    expect(await Promise.all([quiet, stirred])).toMatchObject([{ done: true }, { done: true }]);
    for (const stream of streams) expect(await stream.next()).toMatchObject({ done: true });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    // What is known of the two ends is forgotten later; then there is none.
    expect(timers.pending).toEqual([HEAD_KEPT_MS, HEAD_KEPT_MS]);
    timers.fire(HEAD_KEPT_MS);
    timers.fire(HEAD_KEPT_MS);
    expect(timers.pending).toEqual([]);
  });

  test("comes also while the ledger cannot be read, and takes its pause along", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    const { ledger, fail } = counting(world.ledger);
    const feed = world.feed({ ledger, setTimer: timers.set });
    fail(new Error("the database is away"));
    const abort = new AbortController();
    const stream = iterate(feed.revisions(packet, 0n, abort.signal));
    const waiting = stream.next();
    await timers.waiting(100);
    abort.abort();
    expect(await waiting).toMatchObject({ done: true });
    expect(timers.pending).toEqual([]);
    await feed.close();
  });

  test("of the feed is the end of all of it, and of whoever comes later", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    let listeners = 0;
    const wakes = {
      listen(listener: Parameters<Wakes["listen"]>[0]) {
        const stop = world.wakes.listen(listener);
        listeners += 1;
        return () => {
          listeners -= 1;
          stop();
        };
      },
      onMissed(listener: () => void) {
        const stop = world.wakes.onMissed(listener);
        listeners += 1;
        return () => {
          listeners -= 1;
          stop();
        };
      },
    };
    const feed = world.feed({ wakes, setTimer: timers.set });
    const signal = forever();
    const quiet = iterate(feed.revisions(packet, 1n, signal));
    await quiet.next();
    const idle = iterate(feed.log(0n, signal));
    await idle.next();
    const waiting = quiet.next();
    await timers.waiting(60_000);
    expect(listeners).toBe(2);
    await feed.close();
    expect(await Promise.all([waiting, idle.next()])).toMatchObject([
      { done: true },
      { done: true },
    ]);
    expect(await iterate(feed.revisions(packet, 0n, signal)).next()).toMatchObject({ done: true });
    expect(await iterate(feed.stirs(packet, signal)).next()).toMatchObject({ done: true });
    expect({ listeners, timers: timers.pending }).toEqual({ listeners: 0, timers: [] });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("a feed without followers reads nothing and has no timer", async () => {
    const timers = new Timers();
    const { ledger, reads } = counting(world.ledger);
    const feed = world.feed({ ledger, setTimer: timers.set });
    const packet = await world.packet();
    await append(world.ledger, packet);
    feed.revisions(packet, 0n, forever());
    expect(timers.pending).toEqual([]);
    expect(Object.values(reads)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("a follower of the log", () => {
  test("gets the revisions of all packets, two processes appending, once and in one order", async () => {
    const packets = [await world.packet(), await world.packet(), await world.packet()];
    const heads = await world.ledger.heads(packets);
    const start = await world.ledger.sequence();
    const feed = world.feed();
    const last = start + 90n;
    const follow = async (after: bigint): Promise<string[]> => {
      const seen: string[] = [];
      for await (const item of feed.log(after, forever())) {
        if (item.kind === "HEARTBEAT") continue;
        expect(item.value.position).toBe(item.position);
        seen.push(`${item.position} ${item.value.packet} ${item.value.number}`);
        if (item.position === last) break;
      }
      return seen;
    };
    const following = [follow(start), follow(start)];
    await Promise.all(
      packets.map(async (packet, index) =>
        append(index === 0 ? world.ledger : world.other, packet, 30),
      ),
    );
    const [first, second] = await Promise.all(following);
    expect(first).toHaveLength(90);
    expect(second).toEqual(first);
    expect(await follow(start + 40n)).toEqual(first?.slice(40));
    for (const packet of packets) {
      const numbers = first?.map((line) => line.split(" ")).filter((parts) => parts[1] === packet);
      const head = BigInt(heads.get(packet)?.revision ?? 0);
      expect(numbers?.map((parts) => BigInt(parts[2] ?? 0))).toEqual(between(head, head + 30n));
    }
  });
});

describe("whoever waits for a stir", () => {
  test("gets the first at once, and one for all that happens while nobody pulls", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    const stirs = iterate(world.feed({ setTimer: timers.set }).stirs(packet, forever()));
    await stirs.next();
    await append(world.ledger, packet, 3);
    expect(await stirs.next()).toMatchObject({ done: false });
    timers.fire(HINT_PAUSE_MS);
    expect(await stirs.next()).toMatchObject({ done: false });
    timers.fire(HINT_PAUSE_MS);
    let isStirred = false;
    const waiting = stirs.next().then(() => {
      isStirred = true;
    });
    await append(world.ledger, await world.packet());
    expect(isStirred).toBe(false);
    await append(world.ledger, packet);
    await waiting;
  });

  test("hears from a sweep of what nobody told, and of time, and of nothing else", async () => {
    const packet = await world.packet();
    const timers = new Timers();
    const { ledger, reads } = counting(world.ledger);
    let epoch = 7n;
    const clocked = {
      ...ledger,
      moment: async () => ({ ...(await ledger.moment()), epoch, doubt: null }),
    };
    const feed = world.feed({ ledger: clocked, setTimer: timers.set });
    const stirs = iterate(feed.stirs(packet, forever()));
    const sweep = async (): Promise<void> => {
      timers.fire(20);
      await timers.waiting(20);
    };
    await stirs.next();
    await sweep();
    await stirs.next();
    let stirred = 0;
    const count = (): void => {
      stirred += 1;
    };
    const third = stirs.next().then(count);
    await sweep();
    await sweep();
    expect(stirred).toBe(0);
    await append(world.other, packet);
    await sweep();
    await third;
    const fourth = stirs.next().then(count);
    await sweep();
    expect(stirred).toBe(1);
    epoch = 8n;
    await sweep();
    await fourth;
    expect(reads).toMatchObject({ heads: 6, revisionsOf: 0, sequence: 0 });
  });
});
