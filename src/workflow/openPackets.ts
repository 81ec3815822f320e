import { LineageBroken } from "#ledger/fault.ts";
import type { Ledger, Viewed } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";

/** A packet that is not closed. */
export interface OpenPacket {
  readonly packet: PacketId;
  /** Null for one that cannot be read, on which somebody must look. */
  readonly seen: Viewed | null;
}

const PAGE = 200;

/** Every packet that is not closed, real or of exercises, as it looks now, in order of id. */
export async function* openPackets(ledger: Ledger, exercise: boolean): AsyncGenerator<OpenPacket> {
  for (let last: PacketId | null = null; ;) {
    const heads: readonly { readonly packet: PacketId }[] = await ledger.packets(
      { isOpen: true, exercise },
      last,
      PAGE,
    );
    for (const { packet } of heads) {
      yield { packet, seen: await viewOf(ledger, packet) };
    }
    last = heads.at(-1)?.packet ?? null;
    if (heads.length < PAGE) return;
  }
}

async function viewOf(ledger: Ledger, packet: PacketId): Promise<Viewed | null> {
  return ledger.view(packet).catch((fault: unknown) => {
    if (fault instanceof LineageBroken) return null;
    throw fault;
  });
}
