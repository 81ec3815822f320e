import type { PacketId } from "#packet/name.ts";
import type { Ledger, LoggedRevision, Revision } from "#ledger/ledger.ts";
import { Gathered } from "./gathered.ts";
import type { ReadHeads } from "./heads.ts";
import { LOOK_ITEMS_MAX, LOOK_STREAMS_MAX, PAGE_ITEMS } from "./limits.ts";
import type { Stream } from "./tail.ts";
import type { SetTimer } from "./timer.ts";

/** What of the ledger is followed. */
export type Followed = Pick<
  Ledger,
  "heads" | "revisions" | "revisionsOf" | "sequence" | "logged" | "moment"
>;

/** Looks for what is new in many packets at once. */
export type Looks = Gathered<number, ReadonlyMap<PacketId, readonly Revision[]>>;

/** Reads what is new in all packets that are heard of together in one statement. */
export function looksInto(ledger: Followed, setTimer: SetTimer): Looks {
  const options = { streamsMax: LOOK_STREAMS_MAX, setTimer };
  return new Gathered(async (after) => {
    const share = Math.floor(LOOK_ITEMS_MAX / after.size);
    const found = await ledger.revisionsOf(after, Math.min(share, PAGE_ITEMS));
    const byPacket = new Map<PacketId, Revision[]>();
    for (const revision of found) {
      const others = byPacket.get(revision.packet);
      if (others === undefined) byPacket.set(revision.packet, [revision]);
      else others.push(revision);
    }
    return byPacket;
  }, options);
}

/** The name of the stream of all packets. */
export const LOG = "log";

/** The revisions of one packet; a revision's position is its number. */
export function revisionsOf(
  ledger: Followed,
  packet: PacketId,
  { looks, head }: { readonly looks: Looks; readonly head: () => Promise<bigint> },
): Stream<Revision> {
  return {
    name: packet,
    head,
    async look(after) {
      const found = await looks.ask(packet, Number(after));
      return found.get(packet) ?? [];
    },
    read: (after) => ledger.revisions(packet, Number(after), PAGE_ITEMS),
    positionOf: ({ number }) => BigInt(number),
  };
}

/** The revisions of all packets by their log positions; whoever looks gives positions to what has none. */
export function logOf(ledger: Followed, head: () => Promise<bigint>): Stream<LoggedRevision> {
  return {
    name: LOG,
    head,
    async look(after) {
      const newest = await ledger.sequence();
      return newest > after ? ledger.logged(after, PAGE_ITEMS) : [];
    },
    read: (after) => ledger.logged(after, PAGE_ITEMS),
    positionOf: ({ position }) => position,
  };
}

/** Where packets end, in one statement. */
export function packetHeads(ledger: Followed): ReadHeads {
  return async (packets) => {
    const heads = await ledger.heads(packets);
    return new Map([...heads].map(([packet, { revision }]) => [packet, BigInt(revision)]));
  };
}

/** Where the log ends, with positions given to all that is committed. */
export function logEnd(ledger: Followed): ReadHeads {
  return async () => new Map([[LOG, await ledger.sequence()]]);
}

/** The bytes of what a revision has most of. */
export function sizeOf({ header, body }: Revision): number {
  return header.length + body.length;
}
