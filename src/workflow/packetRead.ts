import { entitle } from "#access/permissions.ts";
import type { Viewed } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Id } from "#packet/name.ts";
import { Refusal, UnknownPacket } from "#packet/refusal.ts";
import { read } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { settled } from "./settled.ts";

/** The packet as it looks at the current epoch; what has lapsed by then is written first (rule 6.6). */
export async function packetRead(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Viewed | Refusal> {
  const refused = entitle(actor, "packetRead");
  if (refused !== null) return refused;
  const packet = read(Id, input);
  if (packet instanceof Refusal) return packet;
  return (await settled(desk.ledger, packet)) ?? new UnknownPacket();
}
