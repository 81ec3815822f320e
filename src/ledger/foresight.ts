import type { PacketId, RevisionDigest } from "#packet/name.ts";
import type { Prospect } from "./appendBatch.ts";
import { MOMENT_KEPT_MS, PROSPECTS_KEPT } from "./limits.ts";
import type { Lineages } from "./lineages.ts";
import { Lru } from "./lru.ts";
import type { SeenMoment } from "./moment.ts";

/** What is left of a packet's last batch: how it ended, and the reporters' numbers. */
interface Left extends Pick<Prospect, "lastNumbers"> {
  readonly digest: RevisionDigest;
}

/**
 * What the last batch of each packet left known, and the newest moment that any batch was told, for an append that
 * comes soon after one: it is judged on that and written without a read. Only of packets to which nobody else was seen to write meanwhile,
 * as it is the write that finds out, and has then to be made again.
 */
export class Foresight {
  readonly #lineages: Pick<Lineages, "newest">;
  readonly #left = new Lru<PacketId, Left>(PROSPECTS_KEPT);
  readonly #forgetting: NodeJS.Timeout;
  /** The newest that any batch was told. */
  #moment: SeenMoment | null = null;

  constructor(lineages: Pick<Lineages, "newest">) {
    this.#lineages = lineages;
    this.#forgetting = setTimeout(() => {
      this.#moment = null;
    }, MOMENT_KEPT_MS).unref();
  }

  /** What a batch left; null where the next one has to look. */
  leave(packet: PacketId, prospect: Prospect | null): void {
    if (prospect === null) {
      this.#left.delete(packet);
      return;
    }
    const { folded, moment, lastNumbers } = prospect;
    this.#left.set(packet, { digest: folded.digest, lastNumbers });
    const aheadMs = this.#moment === null ? 0 : this.#moment.now.getTime() - moment.now.getTime();
    // What is told a little late changes nothing; so much late, the database's clock was set back.
    if (aheadMs <= 0 || aheadMs > MOMENT_KEPT_MS) this.#moment = moment;
    this.#forgetting.refresh();
  }

  /** What the packet's next batch may rest on; null where it has to look. */
  of(packet: PacketId): Prospect | null {
    const left = this.#left.get(packet);
    const folded = this.#lineages.newest(packet);
    if (this.#moment === null || left === undefined || folded?.digest !== left.digest) return null;
    return { folded, moment: this.#moment, lastNumbers: left.lastNumbers };
  }
}
