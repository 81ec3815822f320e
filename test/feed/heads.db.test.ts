import { expect, test } from "vitest";
import { HEAD_KEPT_MS, HEAD_MS_MAX, PAGE_ITEMS } from "#feed/limits.ts";
import { isLoss } from "#ledger/fault.ts";
import { Wakes } from "#live/wakes.ts";
import type { Revision } from "#ledger/ledger.ts";
import { append, between, counting, feedWorld, upTo } from "./feedWorld.ts";
import { Timers } from "./timers.ts";

const world = feedWorld();
const forever = (): AbortSignal => new AbortController().signal;
const NOWHERE = "019a0000-0000-7000-8000-000000000000";

test("heads that nobody follows are read at once for all who ask meanwhile", async () => {
  const packets = [await world.packet(), await world.packet(), await world.packet()];
  const [first = "", second = ""] = packets;
  await append(world.other, second, 2);
  const { ledger, reads } = counting(world.ledger);
  const feed = world.feed({ ledger, setTimer: new Timers().set });
  const wanted = [...packets, NOWHERE, first, second];
  const heads = await world.ledger.heads(packets);
  const ends = wanted.map((packet) => BigInt(heads.get(packet)?.revision ?? 0));
  const asked = wanted.map((packet) => feed.head(packet, 0n));
  expect(await Promise.all(asked)).toEqual(ends);
  expect(reads.heads).toBe(1);
  expect(await feed.head(second, ends[1] ?? 0n)).toBe(ends[1]);
  expect(reads.heads).toBe(1);
});

test("a head is read again when somebody knows of more, when a wake-up tells of it, and after a while", async () => {
  const packet = await world.packet();
  const timers = new Timers();
  const wakes = new Wakes();
  const { ledger, reads } = counting(world.ledger);
  const feed = world.feed({ ledger, wakes, setTimer: timers.set });
  expect(await feed.head(packet, 0n)).toBe(1n);
  await append(world.other, packet);
  expect([await feed.head(packet, 1n), reads.heads]).toEqual([1n, 1]);
  expect([await feed.head(packet, 2n), reads.heads]).toEqual([2n, 2]);
  await append(world.other, packet);
  wakes.announce([{ packet, revision: 2 }]);
  expect([await feed.head(packet, 0n), reads.heads]).toEqual([2n, 2]);
  wakes.announce([{ packet, revision: 3 }]);
  expect([await feed.head(packet, 0n), reads.heads]).toEqual([3n, 3]);
  timers.fire(HEAD_KEPT_MS);
  timers.fire(HEAD_KEPT_MS);
  expect([await feed.head(packet, 0n), reads.heads]).toEqual([3n, 4]);
});

test("the head of what is followed costs no read, nor for a while after", async () => {
  const packet = await world.packet();
  const { ledger, reads } = counting(world.ledger);
  const feed = world.feed({ ledger, setTimer: new Timers().set });
  const abort = new AbortController();
  const following = upTo(feed.revisions(packet, 1n, abort.signal), 3n);
  await append(world.ledger, packet, 2);
  await following;
  expect(await feed.head(packet, 3n)).toBe(3n);
  abort.abort();
  expect(await feed.head(packet, 3n)).toBe(3n);
  expect(reads.heads).toBe(1);
});

test("the end of the log is known in the same way", async () => {
  const packet = await world.packet();
  const { ledger, reads } = counting(world.ledger);
  const feed = world.feed({ ledger, wakes: new Wakes(), setTimer: new Timers().set });
  const [head = 0n, ...same] = await Promise.all([0n, 1n, 0n].map((least) => feed.logHead(least)));
  expect(same).toEqual([head, head]);
  expect(reads.sequence).toBe(1);
  await append(world.other, packet);
  expect([await feed.logHead(head), reads.sequence]).toEqual([head, 1]);
  expect([await feed.logHead(head + 1n), reads.sequence]).toEqual([head + 1n, 2]);
});

test("a head that cannot be read is an error for who asks, and so is one that is not told in time", async () => {
  const packet = await world.packet();
  const timers = new Timers();
  const { ledger, fail } = counting(world.ledger);
  const away = new Error("the database is away");
  fail(away);
  const feed = world.feed({ ledger, setTimer: timers.set });
  await expect(feed.head(packet, 0n)).rejects.toBe(away);
  await expect(feed.logHead(0n)).rejects.toBe(away);
  fail(null);
  expect(await feed.head(packet, 0n)).toBe(1n);
  const silent = { ...ledger, heads: () => new Promise<never>(() => undefined) };
  const deaf = world.feed({ ledger: silent, setTimer: timers.set });
  const asking = deaf.head(packet, 0n);
  await timers.waiting(HEAD_MS_MAX);
  timers.fire(HEAD_MS_MAX);
  const fault = await asking.catch((reason: unknown) => reason);
  expect(fault).toMatchObject({ message: "no answer came within 5000 ms" });
  // Whoever asked is told to ask again, as by any database that cannot be reached.
  expect(isLoss(fault)).toBe(true);
});

test("five hundred who resume from as many places cost a handful of statements, and share what they read", async () => {
  const packet = await world.packet();
  const count = 5 * PAGE_ITEMS;
  await append(world.other, packet, count);
  const last = BigInt(count + 1);
  const { ledger, reads } = counting(world.ledger);
  const feed = world.feed({ ledger, setTimer: new Timers().set });
  const told = new Map<bigint, Set<Revision>>();
  const resume = async (after: bigint): Promise<bigint[]> => {
    const seen: bigint[] = [];
    expect(await feed.head(packet, after)).toBe(last);
    for await (const item of feed.revisions(packet, after, forever())) {
      if (item.kind === "HEARTBEAT") continue;
      told.set(item.position, (told.get(item.position) ?? new Set()).add(item.value));
      seen.push(item.position);
      if (item.position === last) break;
    }
    return seen;
  };
  const places = Array.from({ length: 500 }, (_none, n) => BigInt(n % count));
  const all = await Promise.all(places.map(resume));
  expect(all).toEqual(places.map((after) => between(after, last)));
  expect([...told.values()].map(({ size }) => size)).toEqual(between(0n, last).map(() => 1));
  expect(reads.heads + reads.revisions + reads.revisionsOf).toBeLessThanOrEqual(10);
});
