import type { PacketId } from "#packet/name.ts";
import type { Head } from "./lineages.ts";
import type { SeenMoment } from "./moment.ts";
import { turn } from "./turn.ts";

/** Where a packet's lineage ends, and the moment at which that was seen. */
export interface HeadSeen {
  readonly head: Head;
  readonly moment: SeenMoment;
}

/** Reads the heads of those of these packets that there are, of one snapshot. */
type ReadHeads = (packets: readonly PacketId[]) => Promise<ReadonlyMap<PacketId, HeadSeen>>;

/** Heads that are asked for in one turn of the event loop are read by one statement, which begins after all of them asked. */
export class HeadReads {
  readonly #read: ReadHeads;
  #next: {
    readonly packets: Set<PacketId>;
    readonly heads: Promise<ReadonlyMap<PacketId, HeadSeen>>;
  } | null = null;

  constructor(read: ReadHeads) {
    this.#read = read;
  }

  /** The packet's head now; null when there is none of this id. */
  async of(packet: PacketId): Promise<HeadSeen | null> {
    this.#next ??= this.#begin();
    this.#next.packets.add(packet);
    return (await this.#next.heads).get(packet) ?? null;
  }

  #begin() {
    const packets = new Set<PacketId>();
    const heads = turn().then(() => {
      this.#next = null;
      return this.#read([...packets]);
    });
    return { packets, heads };
  }
}
