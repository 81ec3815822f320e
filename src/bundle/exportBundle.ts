import { entitle } from "#access/permissions.ts";
import { gateAnswer } from "#gate/answer.ts";
import { gateStatement } from "#gate/statement.ts";
import type { Viewed } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { LineageInDoubt } from "#packet/lineage.ts";
import { Id, type PacketId } from "#packet/name.ts";
import { InvalidInput, type Refusal, UnknownPacket } from "#packet/refusal.ts";
import type { BundleForm } from "#proof/bundle.ts";
import { gateStatementText } from "#proof/gateStatement.ts";
import { bundleLines } from "./bundleLines.ts";
import type { BundleSources } from "./sources.ts";

/** A bundle that is ready to be written. */
export interface Bundle {
  readonly packet: PacketId;
  readonly form: BundleForm;
  /** The revision that it ends with. */
  readonly revision: number;
  /** Its lines with their line feeds, once. What throws in the middle leaves it without its END. */
  readonly lines: AsyncGenerator<string, void>;
}

/** Which bundle somebody wants; the packet is what they wrote. */
export interface BundleWish {
  readonly packet: unknown;
  readonly form: BundleForm;
}

/**
 * One packet's lineage up to its head of now, with all that proves it to somebody who has only
 * public keys (ADR 0052). SHARED is for whoever may read the packet, FULL for whoever sees every
 * class of field. Nothing is refused once the first line is made.
 */
export async function exportBundle(
  sources: BundleSources,
  actor: Actor,
  wish: BundleWish,
): Promise<Bundle | Refusal> {
  const { form } = wish;
  const refused = entitle(actor, form === "FULL" ? "bundleFull" : "bundleShared");
  if (refused !== null) return refused;
  const packet = Id.safeParse(wish.packet);
  if (!packet.success) {
    return new InvalidInput([{ path: ["packet"], message: "must be a UUIDv7 in lower case" }]);
  }
  const seen = await sources.seen(packet.data);
  const salt = await sources.ledger.salt(packet.data);
  if (seen === null || salt === null) return new UnknownPacket();
  const doubt = sources.notary.doubt();
  if (doubt !== null) return new LineageInDoubt(doubt);
  // After the head was chosen, so that it covers every revision up to it.
  const checkpoint = await sources.notary.checkpoint();
  const { revision } = seen.head;
  const head = { packet: packet.data, revision, digest: seen.digest };
  const headDoubt = await sources.notary.headDoubt(head);
  if (headDoubt !== null) return new LineageInDoubt(headDoubt);
  const statement = statementOf(sources, seen);
  const lines = bundleLines(sources, { form, seen, salt, checkpoint, statement });
  return { packet: packet.data, form, revision, lines };
}

/** Rule 5.7: the signed statement that the gate is OPEN; null where it is not. */
function statementOf({ ledger, notary }: BundleSources, seen: Viewed): string | null {
  const { head, digest, moment } = seen;
  const { approval, facts, revision, materialDigest } = head;
  const { packet, exercise } = facts;
  const { deployment } = ledger;
  const ground = { deployment, packet, exercise, revision, digest, materialDigest, approval };
  const statement = gateStatement(gateAnswer(head, moment.epoch, moment.doubt), ground);
  return statement === null ? null : notary.sign(gateStatementText(statement));
}
