import type { Ledger, Viewed } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";

/** The epoch moves at most once a second, so writing what lapsed outruns it; this often at the most. */
const SETTLINGS_MAX = 5;

/**
 * The packet at a head to which nothing is due any more, as it looks now: what lapsed is
 * written first (rule 6.6). Null when there is none.
 */
export async function settled(ledger: Ledger, packet: PacketId): Promise<Viewed | null> {
  for (let settling = 0; settling < SETTLINGS_MAX; settling += 1) {
    const seen = await ledger.view(packet);
    if (seen === null || seen.head.revision === seen.state.revision) return seen;
    await ledger.settle(packet);
  }
  throw new Error("the epoch moved on faster than lapses could be written");
}
