import type { HeadMark, Ledger } from "#ledger/ledger.ts";
import type { LineageDoubt } from "#packet/lineage.ts";
import type { Id, PacketId } from "#packet/name.ts";
import type { RevocationGround } from "#packet/revocation.ts";
import type { Signers } from "#packet/signers.ts";
import type { ChangeControl } from "#recovery/changeToken.ts";
import type { ClockRate } from "#recovery/clock.ts";

/** What every verb works with. Verbs hand the ledger a decision to make; they open no transaction. */
export interface Desk {
  readonly ledger: Ledger;
  /** How human times become epochs where no rate is recorded; the same that the ledger was opened with. */
  readonly rate: ClockRate;
  /** Makes a UUIDv7. */
  readonly newId: () => Id;
  /** Why the database is not believed to hold the whole lineage; null while it is. */
  readonly lineageDoubt: () => LineageDoubt | null;
  /** Why it is not believed that a packet's lineage ends with this revision; null while it is. */
  readonly headDoubt: (
    head: HeadMark & { readonly packet: PacketId },
  ) => Promise<LineageDoubt | null>;
  /** Whose signatures count for what. */
  readonly signers: Signers;
  /** Whose tokens say how fast things may change. */
  readonly changes: ChangeControl;
  /** Which credentials no longer count, as this node knows it. */
  readonly revocations: RevocationGround;
}
