import type { PacketState } from "#gate/state.ts";
import type { Hold } from "#packet/hold.ts";

const ORDERED = new WeakMap<PacketState["register"], readonly Hold[]>();

/** Every hold in its newest opening, in the order of opening; sorted once for each register. */
export function holdsInOrder({ register }: PacketState): readonly Hold[] {
  const known = ORDERED.get(register);
  if (known !== undefined) return known;
  const holds = register.valuesArray().toSorted((left, right) => left.ordinal - right.ordinal);
  ORDERED.set(register, holds);
  return holds;
}
