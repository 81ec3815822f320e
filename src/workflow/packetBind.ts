import { decideBind } from "#gate/decide/packet.ts";
import type { PacketState } from "#gate/state.ts";
import type { PacketBound } from "#packet/fact.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Bindings } from "#packet/source.ts";
import { PacketBind } from "#packet/wish.ts";
import type { Desk } from "./desk.ts";
import { packetVerb } from "./packetVerb.ts";
import { boundToRevoked } from "./releaseSignatures.ts";

/** Binds the packet anew to accepted versions of its bound sources. */
export const packetBind = packetVerb(
  "packetBind",
  PacketBind,
  (head, { bindings }, _asking, desk) => bindFact(desk, head, bindings),
);

/** The binding as it would be recorded; what stays bound to as it was is not judged again. */
export function bindFact(
  desk: Pick<Desk, "signers">,
  head: PacketState,
  bindings: Bindings,
): PacketBound | Refusal {
  const decided = decideBind(head, bindings);
  if (decided instanceof Refusal) return decided;
  const isKept = head.facts.bindings.ROLLBACK_SCOPE === bindings.ROLLBACK_SCOPE;
  return (isKept ? null : boundToRevoked(desk, bindings, head.facts.sources)) ?? decided;
}
