import { outOfScope } from "#access/reportScopes.ts";
import { decideOpen } from "#gate/decide/packet.ts";
import type { Appended, TrainState } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { PacketId } from "#packet/name.ts";
import type { PacketReport } from "#packet/entry.ts";
import { InvalidInput, Refusal } from "#packet/refusal.ts";
import { PacketOpen } from "#packet/wish.ts";
import { ask, numberFault } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { boundToRevoked } from "./releaseSignatures.ts";
import { verifiedReports } from "./signatures.ts";

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
  const entries = await verified(desk, actor, wish);
  if (entries instanceof Refusal) return entries;
  return desk.ledger.open({
    exercise,
    train,
    packet: wish.packet,
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
      const opening = { bindings: wish.bindings, entries };
      const decided = decideOpen({ sources, openPacket, succeeds }, identity, opening, receiving);
      if (decided instanceof Refusal) return decided;
      return boundToRevoked(desk, wish.bindings, sources) ?? decided;
    },
  });
}

/** What is signed names its packet, or a signature would fit every one: so the packet's id is there before it is. */
async function verified(
  desk: Desk,
  actor: Actor,
  { packet, exercise, entries, reportNumber }: PacketOpen,
): Promise<readonly PacketReport[] | InvalidInput> {
  if (packet !== undefined) {
    const reported = { exercise, packet, reportNumber: reportNumber ?? null };
    return verifiedReports(desk, actor, entries, reported);
  }
  const faults = entries.flatMap(({ signature }, index) =>
    signature === undefined ? [] : [{ path: ["entries", index, "signature"], message: NO_ID }],
  );
  return faults.length > 0 ? new InvalidInput(faults) : entries;
}

const NO_ID =
  "must be left out, or be of a statement that names the packet's id, which is then given as packet";

/** Rule 5.3: what a successor cites must be a closed packet of the same train. */
function predecessor(known: TrainState, named: PacketId | undefined): PacketId | null | undefined {
  if (named === undefined) return null;
  return known.closedPackets.has(named) ? named : undefined;
}
