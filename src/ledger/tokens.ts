import type { Change, ChangeToken, ChangeTokenFault } from "#packet/change.ts";
import { HOLDFAST } from "#packet/fact.ts";
import { ChangeTokenNeeded, ChangeTokenRefused } from "#packet/changeRefusal.ts";
import type { Refusal } from "#packet/refusal.ts";
import { type TokenSpending, changeTokenFaults } from "#recovery/changeToken.ts";
import { type Asker, writeAnswer } from "./asker.ts";
import type { Moment, Query } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";

/** Stands in the column of verbs where an idempotency key's row is a token that was used. */
const VERB = "changeTokenSpend";

/** The space keeps it apart from every key that somebody may choose. */
function keyOf(id: string): string {
  return `change-token ${id}`;
}

/**
 * Spends the tokens of a request, in the transaction of what they allow; null where that may be
 * done. A token's id is kept for ever under a key of its own form, so that of two nodes one has it,
 * and whoever rolls back has not.
 */
export async function spendTokens(
  tx: Query,
  asker: Asker | null,
  spendings: readonly TokenSpending[],
  moment: Pick<Moment, "epoch" | "now">,
): Promise<Refusal | null> {
  const waiting = spendings.flatMap(({ change, given }) => (given === null ? [change] : []));
  if (waiting.length > 0) return new ChangeTokenNeeded(waiting);
  for (const { change, given } of spendings) {
    const refused = given && (await spendToken(tx, asker, change, given, moment));
    if (refused !== null) return refused;
  }
  return null;
}

async function spendToken(
  tx: Query,
  asker: Asker | null,
  change: Change,
  given: ChangeToken | ChangeTokenFault,
  { epoch, now }: Pick<Moment, "epoch" | "now">,
): Promise<Refusal | null> {
  if (typeof given === "string") return new ChangeTokenRefused(change, [given]);
  const faults = changeTokenFaults(given, change, epoch);
  if (faults.length > 0) {
    const used = await isUsed(tx, given.id);
    return new ChangeTokenRefused(change, used ? [...faults, "ALREADY_USED"] : faults);
  }
  const answer = writeAnswer({ spent: given, by: asker?.actor.actor ?? null, epoch });
  const written = await tx`
    INSERT INTO idempotency (actor, key, verb, input, answer, at)
    VALUES (${HOLDFAST.actor}, ${keyOf(given.id)}, ${VERB}, ${given.change}, ${answer}, ${now})
    ON CONFLICT (actor, key) DO NOTHING RETURNING key`;
  return written.length === 1 ? null : new ChangeTokenRefused(change, ["ALREADY_USED"]);
}

async function isUsed(tx: Query, id: string): Promise<boolean> {
  const rows = await rowsOf(tx<{ key: string }[]>`
    SELECT key FROM idempotency WHERE actor = ${HOLDFAST.actor} AND key = ${keyOf(id)}`);
  return rows.length > 0;
}
