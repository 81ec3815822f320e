import { type ChangeWish, describeChange } from "#recovery/change.ts";
import { type TokenSpending, openChangeToken } from "#recovery/changeToken.ts";
import type { Desk } from "./desk.ts";

/**
 * What a request of the ledger needs as its `spending`, so that this change is made only with a
 * token that allows exactly it; undefined where nobody controls the rate. The token's signature is
 * verified here, offline; its epochs, and that it is used once, are judged in the transaction.
 */
export async function changeSpending(
  { ledger, changes }: Pick<Desk, "ledger" | "changes">,
  wish: ChangeWish,
  token: string | undefined,
): Promise<TokenSpending | undefined> {
  const keys = await changes.keys();
  if (keys === "NOT_CONTROLLED") return undefined;
  const change = describeChange(ledger.deployment, wish);
  if (token === undefined) return { change, given: null };
  if (keys === "KEYS_UNUSABLE") return { change, given: keys };
  return { change, given: await openChangeToken(token, keys) };
}
