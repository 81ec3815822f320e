import type { Ledger } from "#ledger/ledger.ts";
import type { Log } from "#packet/log.ts";
import type { PacketId, RevisionDigest } from "#packet/name.ts";
import { COPIES_MAX, type LastKnownFiles } from "./lastKnownFiles.ts";
import { writeCopy } from "./lastKnownPacket.ts";

/** Heads that are asked for at once. */
const HEADS_PAGE = 200;

/** The most copies that one look writes: a busy deployment is not slowed down by its own notes. */
const WRITES_MAX = 8;

/** What copies are made from, and where they go. */
export interface KeepingOptions {
  readonly ledger: Pick<Ledger, "packets" | "state" | "revision">;
  readonly files: LastKnownFiles;
  readonly log: Log;
}

/** Keeps a copy of every open packet in this node's own directory, for when nothing else answers. */
export class CopyKeeper {
  readonly #options: KeepingOptions;
  /** The digest of what was last written, in the order in which it was. */
  readonly #written = new Map<PacketId, RevisionDigest>();

  #looking: Promise<unknown> = Promise.resolve();

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  /**
   * Looks which open packets moved and writes them, those not written for longest first; drops the
   * copies of packets that closed. Resolves to how many were written, null for none. Rejects, and
   * leaves every copy as it is, where the ledger does not answer.
   */
  look(): Promise<number | null> {
    const looking = this.#look();
    this.#looking = looking.catch(() => undefined);
    return looking;
  }

  /** Resolves when nothing more is being written. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  async #look(): Promise<number | null> {
    const heads = await this.#heads();
    for (const packet of await this.#options.files.packets()) {
      if (!heads.has(packet)) await this.#drop(packet);
    }
    const places = new Map([...this.#written.keys()].map((packet, at) => [packet, at]));
    const moved = [...heads]
      .filter(([packet, digest]) => this.#written.get(packet) !== digest)
      .map(([packet]) => packet)
      .toSorted((left, right) => (places.get(left) ?? -1) - (places.get(right) ?? -1));
    for (const packet of moved.slice(0, WRITES_MAX)) await this.#copy(packet);
    return moved.length === 0 ? null : Math.min(moved.length, WRITES_MAX);
  }

  async #heads(): Promise<Map<PacketId, RevisionDigest>> {
    const { ledger } = this.#options;
    const heads = new Map<PacketId, RevisionDigest>();
    for (let last: PacketId | null = null; heads.size < COPIES_MAX;) {
      const page = await ledger.packets({ isOpen: true }, last, HEADS_PAGE);
      for (const { packet, digest } of page) heads.set(packet, digest);
      last = page.at(-1)?.packet ?? last;
      if (page.length < HEADS_PAGE) break;
    }
    return heads;
  }

  async #copy(packet: PacketId): Promise<void> {
    const { ledger, files, log } = this.#options;
    try {
      const seen = await ledger.state(packet);
      const revision = seen && (await ledger.revision(packet, seen.state.revision));
      if (seen === null || revision === null) return;
      await files.write(packet, writeCopy(seen, revision));
      this.#written.delete(packet);
      this.#written.set(packet, seen.digest);
    } catch (err) {
      // The copy before stays; one packet that cannot be read keeps no other from being kept.
      log.warn({ err, packet }, "a packet could not be copied for when nothing else answers");
    }
  }

  async #drop(packet: PacketId): Promise<void> {
    this.#written.delete(packet);
    await this.#options.files.remove(packet);
  }
}
