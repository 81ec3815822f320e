import type { PacketId } from "#packet/name.ts";
import type { Ledger, LoggedRevision, Revision } from "#ledger/ledger.ts";
import type { ReadHeads } from "./heads.ts";
import type { Stream } from "./tail.ts";

/** What of the ledger is followed. */
export type Followed = Pick<Ledger, "heads" | "revisions" | "sequence" | "logged" | "moment">;

/** The name of the stream of all packets. */
export const LOG = "log";

/** The revisions of one packet; a revision's position is its number. */
export function revisionsOf(
  ledger: Followed,
  packet: PacketId,
  head: () => Promise<bigint>,
): Stream<Revision> {
  const read: Stream<Revision>["read"] = (after, limit) =>
    ledger.revisions(packet, Number(after), limit);
  return {
    name: packet,
    head,
    look: read,
    read,
    positionOf: ({ number }) => BigInt(number),
  };
}

/** The revisions of all packets by their log positions; whoever looks gives positions to what has none. */
export function logOf(ledger: Followed, head: () => Promise<bigint>): Stream<LoggedRevision> {
  return {
    name: LOG,
    head,
    async look(after, limit) {
      const newest = await ledger.sequence();
      return newest > after ? ledger.logged(after, limit) : [];
    },
    read: (after, limit) => ledger.logged(after, limit),
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
