import type { PacketState } from "#gate/state.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Hold } from "#packet/hold.ts";
import { veilOf } from "./veil.ts";

/** A hold with its place in the register, which it keeps for as long as this is its newest opening. */
export interface PlacedHold {
  readonly hold: Hold;
  readonly position: bigint;
}

const PLACE_BITS = 64n;

const ordered = new WeakMap<PacketState["register"], readonly PlacedHold[]>();

/**
 * Every hold in its newest opening: in order of the revision that opened it, and among those of
 * one revision in an order that tells nothing of their names. Sorted once for each register.
 */
export function holdsInOrder(
  ledger: Pick<Ledger, "keyFor">,
  { register, facts }: PacketState,
): readonly PlacedHold[] {
  const known = ordered.get(register);
  if (known !== undefined) return known;
  const holds = register.valuesArray();
  const places = veilOf(ledger, facts.packet).placesOf(holds.map(({ ordinal }) => ordinal));
  const placed = holds
    .map((hold, at) => ({
      hold,
      position: (BigInt(hold.sinceRevision) << PLACE_BITS) | (places[at] ?? 0n),
    }))
    .toSorted((left, right) => (left.position < right.position ? -1 : 1));
  ordered.set(register, placed);
  return placed;
}
