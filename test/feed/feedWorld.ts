import { afterAll, beforeAll } from "vitest";
import { connect } from "#database/connect.ts";
import type { Feed, FeedOptions, Item } from "#feed/feed.ts";
import { openFeed } from "#feed/feed.ts";
import { Wakes } from "#live/wakes.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { availability, ledgerOn, readyPacket, record } from "../ledger/trainWorld.ts";

/** What a feed reads of a ledger, counted, and failing where a test wants it to. */
export function counting(ledger: Ledger) {
  const reads = { heads: 0, revisions: 0, revisionsOf: 0, sequence: 0, logged: 0, moment: 0 };
  let fault: Error | null = null;
  const counted = <A extends unknown[], R>(name: keyof typeof reads, read: (...asked: A) => R) => {
    return (...asked: A): R => {
      reads[name] += 1;
      if (fault !== null) throw fault;
      return read(...asked);
    };
  };
  return {
    reads,
    /** Every read fails with this from now on; null ends that. */
    fail: (by: Error | null): void => {
      fault = by;
    },
    ledger: {
      heads: counted("heads", async (packets: readonly PacketId[]) => ledger.heads(packets)),
      revisions: counted("revisions", async (packet: PacketId, after: number, limit: number) =>
        ledger.revisions(packet, after, limit),
      ),
      revisionsOf: counted(
        "revisionsOf",
        async (after: ReadonlyMap<PacketId, number>, limit: number) =>
          ledger.revisionsOf(after, limit),
      ),
      sequence: counted("sequence", async () => ledger.sequence()),
      logged: counted("logged", async (after: bigint, limit: number) =>
        ledger.logged(after, limit),
      ),
      moment: counted("moment", async () => ledger.moment()),
    },
  };
}

/** A database, a ledger of this process whose changes wake its followers, and another process's ledger of which nobody hears. */
export function feedWorld() {
  const fresh = freshDatabase();
  const here = connect(fresh.appUrl, { applicationName: "holdfast here", connectionsMax: 4 });
  const there = connect(fresh.appUrl, { applicationName: "holdfast there", connectionsMax: 4 });
  const wakes = new Wakes();
  const feeds: Feed[] = [];
  let trains = 0;
  const world = {
    wakes,
    sql: here.sql,
    ledger: {} as Ledger,
    other: {} as Ledger,
    /** Open until the file's last test is over, unless closed before. */
    feed(options: Partial<FeedOptions> = {}): Feed {
      const { ledger } = world;
      const feed = openFeed({
        ledger,
        wakes,
        heartbeatMs: 60_000,
        sweepMs: 20,
        ...options,
      });
      feeds.push(feed);
      return feed;
    },
    /** A packet of a train of its own, at revision 1. */
    async packet(): Promise<PacketId> {
      const { packet } = await readyPacket(world.other, `train-${(trains += 1)}`);
      return packet;
    },
  };
  beforeAll(async () => {
    world.ledger = await ledgerOn(here, (moved) => wakes.announce(moved));
    world.other = await ledgerOn(there);
  });
  afterAll(async () => {
    await Promise.all(feeds.map((feed) => feed.close()));
    await Promise.all([world.ledger.close(), world.other.close()]);
    await Promise.all([here.close(), there.close()]);
  });
  return world;
}

/** Appends so many revisions one after the other. */
export async function append(ledger: Ledger, packet: PacketId, count = 1): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await record(ledger, packet, [availability("sam", n % 2 === 0 ? "WITHDRAWN" : "COMMITTED")]);
  }
}

/** Pulls until the item at a position came, and answers the positions of all items on the way. */
export async function upTo<T>(stream: AsyncIterable<Item<T>>, last: bigint): Promise<bigint[]> {
  const positions: bigint[] = [];
  for await (const item of stream) {
    if (item.kind === "HEARTBEAT") continue;
    positions.push(item.position);
    if (item.position >= last) break;
  }
  return positions;
}

/** The positions after one up to another. */
export function between(after: bigint, last: bigint): bigint[] {
  return Array.from({ length: Number(last - after) }, (_none, n) => after + BigInt(n) + 1n);
}
