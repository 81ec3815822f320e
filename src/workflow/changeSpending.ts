import { type ChangeWish, changeDigest, describeChange } from "#recovery/change.ts";
import { type TokenSpending, openChangeToken } from "#recovery/changeToken.ts";
import type { Desk } from "./desk.ts";

/**
 * What was brought for each change that is asked of it; nothing where nobody controls the rate. A
 * token is for the change that it names; one that names none of them is what was brought for those
 * without one. Signatures are verified here, offline; the epochs, and that a token is used once, are
 * judged in the transaction.
 */
export async function broughtTokens(
  { ledger, changes }: Pick<Desk, "ledger" | "changes">,
  tokens: readonly string[],
): Promise<(wishes: readonly ChangeWish[]) => TokenSpending[]> {
  const keys = await changes.keys();
  if (keys === "NOT_CONTROLLED") return () => [];
  const brought = await Promise.all(
    tokens.map(async (token) => (keys === "KEYS_UNUSABLE" ? keys : openChangeToken(token, keys))),
  );
  return (wishes) => {
    const wanted = wishes.map((wish) => describeChange(ledger.deployment, wish));
    const digests = new Set(wanted.map(changeDigest));
    const strange = brought.find((one) => typeof one === "string" || !digests.has(one.change));
    return wanted.map((change) => {
      const digest = changeDigest(change);
      const own = brought.find((one) => typeof one !== "string" && one.change === digest);
      return { change, given: own ?? strange ?? null };
    });
  };
}

/** What a request of the ledger needs as its `spending`, so that this one change is made only with a token that allows it. */
export async function changeSpending(
  desk: Pick<Desk, "ledger" | "changes">,
  wish: ChangeWish,
  token: string | undefined,
): Promise<readonly TokenSpending[]> {
  const brought = await broughtTokens(desk, token === undefined ? [] : [token]);
  return brought([wish]);
}
