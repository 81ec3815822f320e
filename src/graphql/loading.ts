import { GraphQLError } from "graphql";
import type { FieldClass } from "#access/classes.ts";
import { type Verb, entitle } from "#access/permissions.ts";
import { LineageBroken } from "#ledger/fault.ts";
import type { Revision, Viewed } from "#ledger/ledger.ts";
import { NotEntitled, Refusal, UnknownPacket } from "#packet/refusal.ts";
import { packetRead } from "#workflow/packetRead.ts";
import type { Context } from "./context.ts";

/** A refusal where the schema has no union for it: an error with the refusal's code. */
export function refusalError(refusal: Refusal): GraphQLError {
  return new GraphQLError(refusal.message, { extensions: { code: refusal.code } });
}

/** Throws unless the reader may read so. */
export function requireEntitled({ actor }: Context, verb: Verb): void {
  const refused = entitle(actor, verb);
  if (refused !== null) throw refusalError(refused);
}

/** Throws unless the reader sees this class. */
export function requireClass({ classes }: Context, needed: FieldClass, what: string): void {
  if (!classes.has(needed)) throw refusalError(new NotEntitled(what));
}

/** The packet of this id as it looks now; null when there is none that the reader may see, or the text is no id. */
export async function loadPacket(context: Context, id: string): Promise<Viewed | null> {
  const seen = await packetRead(context.desk, context.actor, id);
  if (!(seen instanceof Refusal)) return seen;
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
