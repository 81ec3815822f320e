import { decideEntries } from "#gate/decide/entries.ts";
import type { Appended } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { Refusal } from "#packet/refusal.ts";
import { ReadinessRecord } from "#packet/wish.ts";
import { ask, numberFault } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** Appends readiness entries about the packet's own subjects: all or none (rules 2.2 and 4.3). */
export async function readinessRecord(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<Appended | Refusal> {
  const asked = ask("readinessRecord", ReadinessRecord, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const fault = numberFault(actor, wish.reportNumber);
  if (fault !== null) return fault;
  const { packet, expectedRevision, entries, reportNumber } = wish;
  const { newId } = desk;
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
