import type { PacketId } from "#packet/name.ts";
import type { Draft } from "./draft.ts";
import type { Revision } from "./ledger.ts";
import { JUST_WRITTEN_BYTES_MAX } from "./limits.ts";
import { Lru } from "./lru.ts";

/** What is known of some packets without a read, and after which numbers the others are to be read. */
interface Known {
  readonly revisions: readonly Revision[];
  readonly unknown: ReadonlyMap<PacketId, number>;
}

/**
 * The revisions that this process has committed of late, as they would be read. They are
 * immutable and were acknowledged by the database, so whoever follows a packet need not ask it
 * for what this process has just told it.
 */
export class JustWritten {
  readonly #revisions = new Lru<string, Revision>(JUST_WRITTEN_BYTES_MAX, bytesOf);

  /** Only after their commit. */
  keep(drafts: readonly Draft[]): void {
    for (const draft of drafts) {
      this.#revisions.set(nameOf(draft.packet, draft.number), revisionOf(draft));
    }
  }

  /** Of each packet what follows its number without a gap, at most so many; there may be more than what is known. */
  after(numbers: ReadonlyMap<PacketId, number>, limit: number): Known {
    const revisions: Revision[] = [];
    const unknown = new Map<PacketId, number>();
    for (const [packet, after] of numbers) {
      const found = this.#following(packet, after, limit);
      if (found.length === 0) unknown.set(packet, after);
      else revisions.push(...found);
    }
    return { revisions, unknown };
  }

  #following(packet: PacketId, after: number, limit: number): Revision[] {
    const found: Revision[] = [];
    while (found.length < limit) {
      const next = this.#revisions.get(nameOf(packet, after + found.length + 1));
      if (next === undefined) break;
      found.push(next);
    }
    return found;
  }
}

function nameOf(packet: PacketId, number: number): string {
  return `${packet} ${number}`;
}

function bytesOf({ header, body }: Revision): number {
  return header.length + body.length;
}

function revisionOf(draft: Draft): Revision {
  const { packet, number, predecessor, digest, header, body, cause, epoch, at } = draft;
  const { actor: by, status, openHolds, materialDigest } = draft;
  return {
    packet,
    number,
    predecessor,
    digest,
    header,
    body,
    cause,
    actor: by.actor,
    actorKind: by.kind,
    epoch,
    at,
    status,
    openHolds,
    materialDigest,
  };
}
