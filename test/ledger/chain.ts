import { createHash } from "node:crypto";
import type { Ledger } from "#ledger/ledger.ts";

/**
 * The numbers of a packet's revisions, each of which names the digest of the one before it and
 * has the digest of its own header.
 */
export async function chainOf(ledger: Ledger, packet: string): Promise<number[]> {
  const revisions = await ledger.revisions(packet, 0, 1000);
  for (const [index, revision] of revisions.entries()) {
    const digest = createHash("sha256").update(revision.header).digest("hex");
    const before = revisions[index - 1]?.digest ?? null;
    if (revision.digest !== digest || revision.predecessor !== before) {
      throw new Error(`revision ${revision.number} does not follow`);
    }
  }
  return revisions.map((revision) => revision.number);
}
