import { GraphQLError } from "graphql";
import { type LookVerb, type Verb, entitle } from "#access/permissions.ts";
import { LineageBroken } from "#ledger/fault.ts";
import type { Revision, Viewed } from "#ledger/ledger.ts";
import { Id } from "#packet/name.ts";
import { Refusal, UnknownPacket } from "#packet/refusal.ts";
import { packetRead } from "#workflow/packetRead.ts";
import type { Context } from "./context.ts";

/** A refusal where the schema has no union for it: an error with the refusal's code. */
export function refusalError(refusal: Refusal): GraphQLError {
  return new GraphQLError(refusal.message, { extensions: { code: refusal.code } });
}

/** Has a refusal recorded, with the packet that was asked for where that is the id of one. */
export function noteRefusal(
  { access, actor, address }: Context,
  verb: string,
  { code }: Refusal,
  packet?: unknown,
): void {
  const asked = Id.safeParse(packet);
  access.note({
    code: "REFUSED",
    actor: actor.actor,
    address,
    ...(asked.success ? { packet: asked.data } : {}),
    subject: `${verb} ${code}`,
  });
}

/** Throws unless the reader may read so. */
export function requireEntitled(context: Context, verb: Verb | LookVerb): void {
  const refused = entitle(context.actor, verb);
  if (refused === null) return;
  noteRefusal(context, verb, refused);
  throw refusalError(refused);
}

/** The packet of this id as it looks now; null when there is none that the reader may see, or the text is no id. */
export async function loadPacket(context: Context, id: string): Promise<Viewed | null> {
  const seen = await packetRead(context.desk, context.actor, id);
  if (!(seen instanceof Refusal)) {
    context.reads.lookedAt(seen.state.facts.packet);
    return seen;
  }
  noteRefusal(context, "packetRead", seen, id);
  if (seen instanceof UnknownPacket || seen.code === "INVALID_INPUT") return null;
  throw refusalError(seen);
}

/** {@link loadPacket} for lists: null also for a packet that cannot be read, so that it hides no other. */
export async function loadReadable(context: Context, id: string): Promise<Viewed | null> {
  try {
    return await loadPacket(context, id);
  } catch (fault) {
    if (fault instanceof LineageBroken) return null;
    throw fault;
  }
}

/** One revision of a packet that the reader was given; null when it has none of this number. */
export function loadRevision(
  { desk }: Context,
  packet: string,
  number: number,
): Promise<Revision | null> {
  return desk.ledger.revision(packet, number);
}
