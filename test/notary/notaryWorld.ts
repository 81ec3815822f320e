import { expect } from "vitest";
import type { Ledger } from "#ledger/ledger.ts";
import { LineageDoubted, Notary, type NotaryOptions } from "#notary/notary.ts";
import { heardLog } from "../identity/heardLog.ts";

/** A notary on a ledger that is told of otherwise than it is, as after a restored backup. */
export function notaryOn(
  ledger: Ledger,
  options: Pick<NotaryOptions, "signer" | "checkpointFile" | "witness">,
  over: Partial<Ledger> = {},
): Notary {
  return new Notary({
    ledger: {
      sequence: () => ledger.sequence(),
      logExtent: () => ledger.logExtent(),
      logRoot: (size) => ledger.logRoot(size),
      rereadLogRoot: (size) => ledger.rereadLogRoot(size),
      logged: (after, limit) => ledger.logged(after, limit),
      inclusion: (position, size) => ledger.inclusion(position, size),
      consistency: (from, to) => ledger.consistency(from, to),
      places: (packet, after, limit, size) => ledger.places(packet, after, limit, size),
      heads: (packets) => ledger.heads(packets),
      ...over,
    },
    log: heardLog().log,
    ...options,
  });
}

/** Expects that a notary signs nothing, and answers why. */
export async function doubtOf(notary: Notary): Promise<string | null> {
  await expect(notary.checkpoint()).rejects.toBeInstanceOf(LineageDoubted);
  return notary.doubt();
}
