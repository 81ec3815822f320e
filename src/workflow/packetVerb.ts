import type { z } from "zod";
import type { Verb } from "#access/permissions.ts";
import type { Asking } from "#gate/decide/asking.ts";
import type { PacketState } from "#gate/state.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Fact } from "#packet/fact.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { ask } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** What every wish about one packet has. */
interface OnPacket {
  readonly idempotencyKey: string;
  readonly packet: PacketId;
  readonly expectedRevision?: number | undefined;
}

/** A verb about one packet: reads the input, has the gate decide at the head, and appends the fact. */
export type PacketVerb = (desk: Desk, actor: Actor, input: unknown) => Promise<Appended | Refusal>;

/** Makes the verb of a schema and of a decision about the packet at its head. */
export function packetVerb<S extends z.ZodType<OnPacket>>(
  verb: Verb,
  schema: S,
  decide: (head: PacketState, wish: z.output<S>, asking: Asking, desk: Desk) => Fact | Refusal,
): PacketVerb {
  return async (desk, actor, input) => {
    const asked = ask(verb, schema, actor, input);
    if (asked instanceof Refusal) return asked;
    const { wish, asker } = asked;
    const { packet, expectedRevision } = wish;
    return desk.ledger.append({
      packet,
      asker,
      expectedRevision,
      decide: (head, { epoch, doubt }) => decide(head, wish, { actor, epoch, doubt }, desk),
    });
  };
}
