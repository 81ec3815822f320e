import { outOfScope } from "#access/reportScopes.ts";
import { decideEntries } from "#gate/decide/entries.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { PacketReport } from "#packet/entry.ts";
import { Refusal, UnknownPacket } from "#packet/refusal.ts";
import { ReadinessRecord } from "#packet/wish.ts";
import { ask, numberFault } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { verifiedReports } from "./signatures.ts";

/** Appends readiness entries about the packet's own subjects: all or none (rules 2.2 and 4.3). */
export async function readinessRecord(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Appended | Refusal> {
  const asked = ask("readinessRecord", ReadinessRecord, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const fault =
    outOfScope(actor, wish.entries, ["entries"]) ?? numberFault(actor, wish.reportNumber);
  if (fault !== null) return fault;
  const { packet, expectedRevision, reportNumber } = wish;
  const { newId } = desk;
  const entries = await verified(desk, actor, wish);
  if (entries instanceof Refusal) return entries;
  return desk.ledger.append({
    packet,
    asker,
    expectedRevision,
    reportNumber,
    decide: (head, { epoch, doubt }) =>
      decideEntries(head, entries, {
        actor,
        epoch,
        doubt,
        newId,
        reportNumber: reportNumber ?? null,
      }),
  });
}

/** Whether a packet is an exercise never changes, so signatures are verified before its head is taken. */
async function verified(
  desk: Desk,
  actor: Actor,
  { packet, entries, reportNumber }: ReadinessRecord,
): Promise<readonly PacketReport[] | Refusal> {
  if (entries.every(({ signature }) => signature === undefined)) return entries;
  const seen = await desk.ledger.state(packet);
  if (seen === null) return new UnknownPacket();
  const { exercise } = seen.state.facts;
  const reported = { exercise, packet, reportNumber: reportNumber ?? null };
  return verifiedReports(desk, actor, entries, reported);
}
