import type { PacketId } from "#packet/name.ts";
import type { Ledger, LoggedRevision, Revision } from "#ledger/ledger.ts";
import type { Stream } from "./tail.ts";

/** What of the ledger is followed. */
export type Followed = Pick<Ledger, "heads" | "revisions" | "sequence" | "logged" | "moment">;

/** The revisions of one packet; a revision's position is its number. */
export function revisionsOf(ledger: Followed, packet: PacketId): Stream<Revision> {
  const read: Stream<Revision>["read"] = (after, limit) =>
    ledger.revisions(packet, Number(after), limit);
  return {
    async head() {
      const heads = await ledger.heads([packet]);
      return BigInt(heads.get(packet)?.revision ?? 0);
    },
    look: read,
    read,
    positionOf: ({ number }) => BigInt(number),
    sizeOf,
  };
}

/** The revisions of all packets by their log positions; whoever looks gives positions to what has none. */
export function logOf(ledger: Followed): Stream<LoggedRevision> {
  return {
    head: () => ledger.sequence(),
    async look(after, limit) {
      const newest = await ledger.sequence();
      return newest > after ? ledger.logged(after, limit) : [];
    },
    read: (after, limit) => ledger.logged(after, limit),
    positionOf: ({ position }) => position,
    sizeOf,
  };
}

function sizeOf({ header, body }: Revision): number {
  return header.length + body.length;
}
