import { entitle } from "#access/permissions.ts";
import type { Seen } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Id } from "#packet/name.ts";
import { Refusal, UnknownPacket } from "#packet/refusal.ts";
import { read } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** The packet as it looks at the current epoch. */
export async function packetRead(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Seen | Refusal> {
  const refused = entitle(actor, "packetRead");
  if (refused !== null) return refused;
  const packet = read(Id, input);
  if (packet instanceof Refusal) return packet;
  return (await desk.ledger.view(packet)) ?? new UnknownPacket();
}
