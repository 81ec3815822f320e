import type { PacketId } from "#packet/name.ts";
import type { ClockRate } from "#recovery/clock.ts";
import type { Connections } from "./connections.ts";
import type { JustWritten } from "./justWritten.ts";
import type { Appended } from "./ledger.ts";
import type { Lineages } from "./lineages.ts";
import type { SourceShelf } from "./sourceShelf.ts";

/** A revision that is committed. */
export interface Moved {
  readonly packet: PacketId;
  readonly revision: number;
}

/** What an append works with. */
export interface AppendDesk {
  readonly connections: Connections;
  readonly rate: ClockRate;
  readonly deployment: string;
  readonly lineages: Lineages;
  /** Given what is written after the commit, before it is announced. */
  readonly written: JustWritten;
  /** Told after the commit, in the order of each packet; perhaps twice. Must not throw. */
  readonly announce: (moved: readonly Moved[]) => void;
}

/** What opening and accepting work with. */
export interface TrainDesk extends AppendDesk {
  readonly shelf: SourceShelf;
  /** Makes a UUIDv7. */
  readonly newId: () => PacketId;
  /** Makes 32 random bytes. */
  readonly newSalt: () => Uint8Array;
}

/**
 * Tells of answers that were found under their keys by a later attempt: the earlier one may
 * have committed and lost its connection before it could tell anybody.
 */
export function retell(desk: Pick<AppendDesk, "announce">, answers: readonly Appended[]): void {
  if (answers.length === 0) return;
  desk.announce(answers.map(({ packet, revision }) => ({ packet, revision })));
}
