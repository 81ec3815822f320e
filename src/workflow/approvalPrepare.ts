import { entitle } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { DigestUnknown, Refusal, UnknownPacket } from "#packet/refusal.ts";
import { ApprovalPrepare } from "#packet/wish.ts";
import { type ApprovalStatement, approvalStatementBytes } from "#proof/approvalStatement.ts";
import { read } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** A statement that is ready to be signed: what it says, and the exact bytes. */
export interface PreparedStatement extends ApprovalStatement {
  readonly bytes: Uint8Array;
}

/**
 * What an owner would sign to decide on this revision now. It says nothing of whether the decision
 * would be accepted, and whoever may read the packet may see it: only the owner's key makes it one.
 */
export async function approvalPrepare(
  { ledger }: Desk,
  actor: Actor,
  input: unknown,
): Promise<PreparedStatement | Refusal> {
  const refused = entitle(actor, "packetRead");
  if (refused !== null) return refused;
  const wish = read(ApprovalPrepare, input);
  if (wish instanceof Refusal) return wish;
  const { packet, revision, digest, decision, reason } = wish;
  const seen = await ledger.state(packet);
  if (seen === null) return new UnknownPacket();
  const recorded = await ledger.revision(packet, revision);
  if (recorded?.digest !== digest) return new DigestUnknown(revision, digest);
  const { exercise } = seen.state.facts;
  const { deployment } = ledger;
  const { epoch } = seen.moment;
  const named = { decision, deployment, digest, epoch, exercise, packet, revision };
  const statement = reason === undefined ? named : { ...named, reason };
  return { ...statement, bytes: approvalStatementBytes(statement) };
}
