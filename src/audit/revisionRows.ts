import type { PacketId } from "#packet/name.ts";
import { hex } from "#proof/digest.ts";
import type { StoredRevision } from "#ledger/fold.ts";
import { type Findings } from "./findings.ts";
import { type Reading, Unreadable, type Sql, type Statement } from "./reading.ts";

/** The bytes of a revision as the database gives them. */
export interface BytesRow {
  readonly packet: PacketId;
  readonly number: number;
  readonly digest: Uint8Array;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** A whole row of `revision`. */
export interface RevisionRow extends BytesRow {
  readonly predecessor: Uint8Array | null;
  readonly cause: string;
  readonly actor: string;
  readonly actorKind: string;
  readonly epoch: bigint;
  readonly at: Date;
  readonly status: string;
  readonly openHolds: number;
  readonly steadySince: number;
  readonly materialDigest: Uint8Array;
  readonly approvesNumber: number | null;
  readonly approvesDigest: Uint8Array | null;
}

/** The bytes in the form in which they are checked. */
export function storedOf({ number, digest, header, body }: BytesRow): StoredRevision {
  return { number, digest: hex(digest), header, body };
}

/** What to select for a {@link RevisionRow}. */
function wholeRow(sql: Sql) {
  return sql`packet, number, predecessor, digest, header, body, cause, actor,
    actor_kind AS "actorKind", epoch, at, status, open_holds AS "openHolds",
    steady_since AS "steadySince", material_digest AS "materialDigest",
    approves_number AS "approvesNumber", approves_digest AS "approvesDigest"`;
}

/** Packets that are read one by one after a place that cannot be read, before streaming again. */
const CAREFUL_PACKETS = 32;

/** What becomes of the rows of one packet. */
export interface PacketReader {
  readonly packet: PacketId;
  page(rows: readonly RevisionRow[]): Promise<void>;
  end(): Promise<void>;
}

/**
 * Reads every packet's revisions in order of number, packets in order of id, each packet whole; a
 * packet with rows that cannot be read is found, and others go on.
 */
export async function readLineages(
  reading: Reading,
  findings: Findings,
  packets: readonly PacketId[],
  open: (packet: PacketId) => PacketReader,
): Promise<void> {
  let next = 0;
  while (next < packets.length) {
    const done = await streamFrom(reading, packets, next, open);
    if (done === packets.length) return;
    const end = Math.min(packets.length, done + CAREFUL_PACKETS);
    for (const packet of packets.slice(done, end)) {
      await readCarefully(reading, findings, open(packet));
    }
    next = end;
  }
}

/** Resolves to the index of the first packet that was not read whole. */
async function streamFrom(
  reading: Reading,
  packets: readonly PacketId[],
  first: number,
  open: (packet: PacketId) => PacketReader,
): Promise<number> {
  let at = first;
  let reader: PacketReader | null = null;
  // Packets without any revision are closed in their turn as well.
  const goTo = async (packet: PacketId | null): Promise<void> => {
    while (at < packets.length && packets[at] !== packet) {
      await (reader ?? open(packets[at] ?? "")).end();
      reader = null;
      at += 1;
    }
  };
  try {
    const pages = reading.stream<RevisionRow>(
      (sql) => sql`
        SELECT ${wholeRow(sql)} FROM public.revision WHERE packet >= ${packets[first] ?? ""}
        ORDER BY packet, number`,
    );
    for await (const page of pages) {
      for (const rows of byPacket(page)) {
        const packet = rows[0]?.packet ?? "";
        await goTo(packet);
        reader ??= open(packet);
        await reader.page(rows);
      }
    }
    await goTo(null);
    return packets.length;
  } catch (fault) {
    if (fault instanceof Unreadable) return at;
    throw fault;
  }
}

function byPacket(page: readonly RevisionRow[]): RevisionRow[][] {
  const groups: RevisionRow[][] = [];
  for (const row of page) {
    const last = groups.at(-1);
    if (last?.[0]?.packet === row.packet) last.push(row);
    else groups.push([row]);
  }
  return groups;
}

async function readCarefully(
  reading: Reading,
  findings: Findings,
  reader: PacketReader,
): Promise<void> {
  const { packet } = reader;
  let last = 0;
  const statement = (sql: Sql): Statement<RevisionRow> => sql`
    SELECT ${wholeRow(sql)} FROM public.revision WHERE packet = ${packet} ORDER BY packet, number`;
  try {
    for await (const page of reading.stream(statement)) {
      last = page.at(-1)?.number ?? last;
      await reader.page(page);
    }
    await reader.end();
  } catch (fault) {
    if (!(fault instanceof Unreadable)) throw fault;
    const revision = await firstUnreadable(reading, packet, last + 1);
    const place = { table: "revision", packet, revision };
    findings.add({
      place,
      kind: "UNREADABLE",
      expected: "a row that can be read",
      found: fault.message,
    });
  }
}

/** The first revision, from `first` on, that cannot be read by itself. */
async function firstUnreadable(reading: Reading, packet: PacketId, first: number): Promise<number> {
  for (let number = first; ; number += 1) {
    try {
      const rows = await reading.rows<RevisionRow>(
        (sql) => sql`
          SELECT ${wholeRow(sql)} FROM public.revision
          WHERE packet = ${packet} AND number = ${number}`,
      );
      if (rows.length === 0) return number;
    } catch (fault) {
      if (fault instanceof Unreadable) return number;
      throw fault;
    }
  }
}
