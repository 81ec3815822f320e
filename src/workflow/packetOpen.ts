import { outOfScope } from "#access/reportScopes.ts";
import { decideOpen } from "#gate/decide/packet.ts";
import type { Appended, TrainState } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { PacketOpen } from "#packet/wish.ts";
import { ask, numberFault } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** Opens the packet of a train: scope, bindings and first entries together, as revision 1 (rule 3.3). */
export async function packetOpen(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Appended | Refusal> {
  const asked = ask("packetOpen", PacketOpen, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { exercise, train, reportNumber } = wish;
  const fault =
    outOfScope(actor, wish.entries, ["entries"]) ??
    (wish.entries.length === 0 ? null : numberFault(actor, reportNumber));
  if (fault !== null) return fault;
  return desk.ledger.open({
    exercise,
    train,
    asker,
    reportNumber,
    decide: (known, { epoch, doubt, clock }) => {
      const { sources, openPacket, newPacket } = known;
      const { frozen, generation } = clock;
      const identity = { packet: newPacket, train, exercise, clock: { frozen, generation } };
      const receiving = {
        actor,
        epoch,
        doubt,
        newId: desk.newId,
        reportNumber: reportNumber ?? null,
      };
      const succeeds = predecessor(known, wish.succeeds);
      return decideOpen({ sources, openPacket, succeeds }, identity, wish, receiving);
    },
  });
}

/** Rule 5.3: what a successor cites must be a closed packet of the same train. */
function predecessor(known: TrainState, named: PacketId | undefined): PacketId | null | undefined {
  if (named === undefined) return null;
  return known.closedPackets.has(named) ? named : undefined;
}
