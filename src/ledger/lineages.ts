import type { Epoch } from "#packet/epoch.ts";
import type { PacketId, RevisionDigest } from "#packet/name.ts";
import { reachEpoch } from "#gate/lapse.ts";
import type { PacketState } from "#gate/state.ts";
import { hex } from "#proof/digest.ts";
import { readBody } from "./document.ts";
import type { Folded, Identity } from "./draft.ts";
import { receiptsIn } from "./factForm.ts";
import { LineageBroken } from "./fault.ts";
import { type StoredRevision, foldRevision, requireHead } from "./fold.ts";
import { FOLD_PAGE, FOLD_SLICE, WARM_LEAVES_MAX } from "./limits.ts";
import { Lru } from "./lru.ts";
import type { Query } from "./moment.ts";
import { SECTIONS } from "./sections.ts";
import type { SourceShelf } from "./sourceShelf.ts";
import { rowsOf } from "./rowsOf.ts";
import { turn } from "./turn.ts";

/** Where a packet's lineage ends now, and who it is. */
export interface Head {
  readonly identity: Identity;
  readonly number: number;
  readonly digest: RevisionDigest;
}

/** The columns that tell a {@link Head}, of `packet_head h JOIN packet p`. */
export interface HeadRow {
  readonly packet: PacketId;
  readonly exercise: boolean;
  readonly train: string;
  readonly salt: Uint8Array;
  readonly number: number;
  readonly digest: Uint8Array;
}

/** What to select for a {@link HeadRow}. */
export function headColumns(sql: Query) {
  return sql`h.packet, h.exercise, h.train, p.salt, h.number, h.digest`;
}

/** The head that a row tells. */
export function headOf(row: HeadRow, deployment: string): Head {
  const { packet, exercise, train, salt, number } = row;
  const identity = { deployment, packet, exercise, train, salt };
  return { identity, number, digest: hex(row.digest) };
}

function leavesOf({ sections }: Folded): number {
  return SECTIONS.reduce((leaves, section) => leaves + sections[section].size, 0);
}

/** Packets folded up to their heads, kept warm so that an append does not read history again. */
export class Lineages {
  readonly #warm = new Lru<PacketId, Folded>(WARM_LEAVES_MAX, leavesOf);
  readonly #views = new WeakMap<
    PacketState,
    { readonly epoch: Epoch; readonly view: PacketState }
  >();
  readonly #reading = new Map<RevisionDigest, Promise<Folded>>();
  readonly #shelf: SourceShelf;

  constructor(shelf: SourceShelf) {
    this.#shelf = shelf;
  }

  /** Keeps a packet that is committed, unless a later revision of it is kept already. */
  keep(folded: Folded): void {
    const { packet } = folded.identity;
    const kept = this.#warm.get(packet);
    if (kept !== undefined && kept.state.revision >= folded.state.revision) return;
    this.#warm.set(packet, folded);
  }

  /** Lets a packet go, so that it is folded anew from its rows. */
  forget(packet: PacketId): void {
    this.#warm.delete(packet);
  }

  /**
   * The packet at this head: as it is kept, or with the revisions folded in that another
   * process has written since, or folded from the first one.
   *
   * @throws {LineageBroken}
   */
  at(sql: Query, head: Head): Promise<Folded> {
    return this.#at(sql, head, false);
  }

  async #at(sql: Query, head: Head, isReading: boolean): Promise<Folded> {
    const { packet } = head.identity;
    const kept = this.#warm.get(packet);
    if (kept?.digest === head.digest) return kept;
    if (kept !== undefined && kept.state.revision < head.number) {
      try {
        return await this.#fold(sql, head, kept, isReading);
      } catch (fault) {
        if (!(fault instanceof LineageBroken)) throw fault;
      }
    }
    // What is kept is no ancestor of this head: only the whole lineage can tell what is.
    this.#warm.delete(packet);
    return this.#fold(sql, head, null, isReading);
  }

  /** The packet as it is kept; null for one that is cold. */
  newest(packet: PacketId): Folded | null {
    return this.#warm.get(packet) ?? null;
  }

  /** The packet at this head where it is kept so; null where something has to be read. */
  keptAt({ identity, digest }: Head): Folded | null {
    const kept = this.newest(identity.packet);
    return kept?.digest === digest ? kept : null;
  }

  /**
   * {@link at} for readers outside any transaction: those who ask at once for a cold packet fold it
   * once, on one connection, and whoever is told of other packets meanwhile does not wait until it is folded.
   */
  async read(
    ask: (work: (sql: Query) => Promise<Folded>) => Promise<Folded>,
    head: Head,
  ): Promise<Folded> {
    const reading = this.#reading.get(head.digest) ?? ask((sql) => this.#at(sql, head, true));
    this.#reading.set(head.digest, reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(head.digest);
    }
  }

  /** The state as it looks at an epoch, for reading only: due lapses are in it, unrecorded. */
  viewAt(state: PacketState, epoch: Epoch): PacketState {
    const seen = this.#views.get(state);
    if (seen?.epoch === epoch) return seen.view;
    const { view } = reachEpoch(state, epoch);
    this.#views.set(state, { epoch, view });
    return view;
  }

  async #fold(sql: Query, head: Head, from: Folded | null, isReading: boolean): Promise<Folded> {
    let folded = from;
    for (let last: StoredRevision | undefined; ;) {
      const rows = await readRevisions(sql, head, folded?.state.revision ?? 0);
      const resolve = await this.#shelf.fetch(sql, receiptsOf(head, rows));
      for (const [index, row] of rows.entries()) {
        if (isReading && index % FOLD_SLICE === FOLD_SLICE - 1) await turn();
        folded = foldRevision(head.identity, folded, row, resolve);
      }
      last = rows.at(-1) ?? last;
      if (rows.length === FOLD_PAGE && folded?.state.revision !== head.number) continue;
      if (folded === null || last === undefined || folded.digest !== head.digest) {
        const at = { packet: head.identity.packet, revision: head.number };
        throw new LineageBroken(at, head.digest, folded?.digest ?? "nothing");
      }
      requireHead(folded, last);
      this.keep(folded);
      return folded;
    }
  }
}

function receiptsOf(head: Head, rows: readonly StoredRevision[]) {
  return rows.flatMap((row) => {
    try {
      return receiptsIn(readBody(row.body).fact);
    } catch (cause) {
      const at = { packet: head.identity.packet, revision: row.number };
      throw new LineageBroken(at, "a revision that can be read", String(cause), { cause });
    }
  });
}

async function readRevisions(sql: Query, head: Head, after: number): Promise<StoredRevision[]> {
  const rows = await rowsOf(sql<(Omit<StoredRevision, "digest"> & { digest: Uint8Array })[]>`
    SELECT number, digest, header, body FROM revision
    WHERE packet = ${head.identity.packet} AND number > ${after} AND number <= ${head.number}
    ORDER BY number LIMIT ${FOLD_PAGE}`);
  return rows.map((row) => ({ ...row, digest: hex(row.digest) }));
}
