import type { HeadMark, Ledger, Viewed } from "#ledger/ledger.ts";
import type { LineageDoubt } from "#packet/lineage.ts";
import type { PacketId } from "#packet/name.ts";

/** What a bundle is made from. */
export interface BundleSources {
  readonly ledger: Pick<Ledger, "deployment" | "places" | "revisions" | "salt" | "source">;
  readonly notary: BundleNotary;
  /** The packet as it looks now, its due lapses written (rule 6.6); null when there is none. */
  seen(packet: PacketId): Promise<Viewed | null>;
}

/** Who signs for the deployment. */
export interface BundleNotary {
  /** Why the database is not believed; null while it is. */
  doubt(): LineageDoubt | null;
  /** Why it is not believed that a packet's lineage ends with this revision; null while it is. */
  headDoubt(head: HeadMark & { readonly packet: PacketId }): Promise<LineageDoubt | null>;
  /** A signed checkpoint of all that was committed when it was asked for. */
  checkpoint(): Promise<{ readonly note: string; readonly size: bigint }>;
  /** A signed note with this text. */
  sign(text: string): string;
}
