import { randomBytes } from "node:crypto";
import { v7 } from "uuid";
import type { Lines } from "#database/connect.ts";
import { NOT_CONTROLLED } from "#identity/changeKeysFile.ts";
import { openLedger } from "#ledger/openLedger.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import type { RevocationGround } from "#packet/revocation.ts";
import type { Signers } from "#packet/signers.ts";
import type { ChangeControl } from "#recovery/changeToken.ts";
import type { ClockRate } from "#recovery/clock.ts";
import type { Desk } from "#workflow/desk.ts";

/** An epoch for each second, as fast as the backstop allows; the clock is not in doubt for an hour. */
export const RATE: ClockRate = { epochMs: 1000, tickGapMaxMs: 3_600_000 };

/** Nobody has a key: no signature counts, and nobody is asked for one. */
const NO_KEYS: Signers = {
  keyFor: () => new SignatureInvalid("nobody has a key here"),
  mustSign: () => false,
  whyRevoked: () => null,
};

/** Nothing was ever revoked by a list, and the node has no name. */
const NOTHING_REVOKED: RevocationGround = {
  generation: 0,
  node: null,
  revokesPrincipal: () => false,
  revokesKey: () => false,
  namesKey: () => false,
  revokesNode: () => false,
  holderOf: () => null,
  holdings: () => ({ versions: new Map(), size: 0, lost: [], refused: new Map() }),
};

/** A desk with a ledger of its own, as a process of the product has it. */
export async function openDesk(
  database: Lines,
  rate: ClockRate = RATE,
  changes: ChangeControl = NOT_CONTROLLED,
): Promise<Desk> {
  const newId = (): string => v7();
  const ledger = await openLedger({
    database,
    rate,
    newId,
    newSalt: () => randomBytes(32),
    announce: () => undefined,
  });
  const headDoubt = (): Promise<null> => Promise.resolve(null);
  const doubts = {
    lineageDoubt: () => null,
    headDoubt,
    signers: NO_KEYS,
    revocations: NOTHING_REVOKED,
  };
  return { ledger, rate, newId, ...doubts, changes };
}
