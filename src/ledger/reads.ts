import type { PacketId, RevisionDigest } from "#packet/name.ts";
import { hex } from "#proof/digest.ts";
import type { AppendDesk } from "./desk.ts";
import { arrayOf, columnsOf } from "./arrays.ts";
import { bytesOf, hexOrNull } from "./bytes.ts";
import type { HeadSeen } from "./headReads.ts";
import type { HeadMark, PacketFilter, PacketHead, Revision } from "./ledger.ts";
import { REVISIONS_PAGE_MAX } from "./limits.ts";
import { type HeadRow, headColumns, headOf } from "./lineages.ts";
import { type ClockRow, type Query, clockColumns, clockTable, momentOf } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";

/** Where these packets end and the moment, of one snapshot; those that there are. */
export async function readHeadsSeen(
  sql: Query,
  { deployment, rate }: AppendDesk,
  packets: readonly PacketId[],
): Promise<ReadonlyMap<PacketId, HeadSeen>> {
  const column = columnsOf(sql, packets);
  const rows = await rowsOf(sql<(HeadRow & ClockRow)[]>`
    SELECT ${headColumns(sql)}, ${clockColumns(sql)}
    FROM packet_head h JOIN packet p ON p.id = h.packet, ${clockTable(sql)}
    WHERE h.packet = ANY(${column("uuid", (packet) => packet)}::uuid[])`);
  return new Map(
    rows.map((row) => [row.packet, { head: headOf(row, deployment), moment: momentOf(row, rate) }]),
  );
}

/** A revision as {@link revisionReading} selects it. */
export type RevisionRow = Omit<Revision, "predecessor" | "digest" | "materialDigest"> & {
  readonly predecessor: Uint8Array | null;
  readonly digest: Uint8Array;
  readonly materialDigest: Uint8Array;
};

/** What to select for a {@link RevisionRow}. */
export function revisionReading(sql: Query) {
  return sql`packet, number, predecessor, digest, header, body, cause, actor,
    actor_kind AS "actorKind", epoch, at, status, open_holds AS "openHolds",
    material_digest AS "materialDigest"`;
}

/** The revision that a row tells, with whatever else is in it. */
export function revisionOf<Row extends RevisionRow>(row: Row) {
  return {
    ...row,
    predecessor: hexOrNull(row.predecessor),
    digest: hex(row.digest),
    materialDigest: hex(row.materialDigest),
  };
}

/** Revisions after a number, in order. */
export async function readRevisions(
  sql: Query,
  packet: PacketId,
  after: number,
  limit: number,
): Promise<Revision[]> {
  const rows = await rowsOf(sql<RevisionRow[]>`
    SELECT ${revisionReading(sql)}
    FROM revision WHERE packet = ${packet} AND number > ${after}
    ORDER BY number LIMIT ${Math.min(limit, REVISIONS_PAGE_MAX)}`);
  return rows.map(revisionOf);
}

/** Revisions of each of these packets after a number, in order. */
export async function readRevisionsOf(
  sql: Query,
  after: ReadonlyMap<PacketId, number>,
  limit: number,
): Promise<Revision[]> {
  const column = columnsOf(sql, [...after]);
  const rows = await rowsOf(sql<RevisionRow[]>`
    SELECT r.* FROM unnest(
      ${column("uuid", ([packet]) => packet)}::uuid[], ${column("int4", ([, number]) => number)}::int4[]
    ) AS place(in_packet, after_number) CROSS JOIN LATERAL (
      SELECT ${revisionReading(sql)}
      FROM revision WHERE packet = place.in_packet AND number > place.after_number
      ORDER BY number LIMIT ${Math.min(limit, REVISIONS_PAGE_MAX)}
    ) AS r ORDER BY r.packet, r.number`);
  return rows.map(revisionOf);
}

/** The packet's revision of this digest. */
export async function readRevisionByDigest(
  sql: Query,
  packet: PacketId,
  digest: RevisionDigest,
): Promise<Revision | null> {
  const [row] = await rowsOf(sql<RevisionRow[]>`
    SELECT ${revisionReading(sql)}
    FROM revision WHERE digest = ${bytesOf(digest)} AND packet = ${packet}`);
  return row === undefined ? null : revisionOf(row);
}

/** The packet's secret. */
export async function readSalt(sql: Query, packet: PacketId): Promise<Uint8Array | null> {
  const [row] = await rowsOf(sql<{ salt: Uint8Array }[]>`
    SELECT salt FROM packet WHERE id = ${packet}`);
  return row?.salt ?? null;
}

/** Heads in order of id. */
export async function readHeads(
  sql: Query,
  { statuses, train, exercise, isOpen }: PacketFilter,
  after: PacketId | null,
  limit: number,
): Promise<PacketHead[]> {
  const ofStatus = statuses === undefined ? null : arrayOf(sql, "text", statuses);
  const isClosed = isOpen === undefined ? null : !isOpen;
  const rows = await rowsOf(sql<(Omit<PacketHead, "digest"> & { readonly digest: Uint8Array })[]>`
    SELECT h.packet, h.exercise, h.train, p.preparer, h.number AS revision, h.digest, h.status
    FROM packet_head h JOIN packet p ON p.id = h.packet
    WHERE (${after}::uuid IS NULL OR h.packet > ${after}::uuid)
      AND (${ofStatus}::text[] IS NULL OR h.status = ANY(${ofStatus}::text[]::packet_status[]))
      AND (${train ?? null}::text IS NULL OR h.train = ${train ?? null}::text)
      AND (${exercise ?? null}::bool IS NULL OR h.exercise = ${exercise ?? null}::bool)
      AND (${isClosed}::bool IS NULL OR h.closed = ${isClosed}::bool)
    ORDER BY h.packet LIMIT ${Math.min(limit, REVISIONS_PAGE_MAX)}`);
  return rows.map((row) => ({ ...row, digest: hex(row.digest) }));
}

/** Where the lineages of these packets end. */
export async function readHeadMarks(
  sql: Query,
  packets: readonly PacketId[],
): Promise<ReadonlyMap<PacketId, HeadMark>> {
  if (packets.length === 0) return new Map();
  const rows = await rowsOf(sql<{ packet: PacketId; revision: number; digest: Uint8Array }[]>`
    SELECT packet, number AS revision, digest FROM packet_head
    WHERE packet = ANY(${arrayOf(sql, "uuid", packets)}::uuid[])`);
  return new Map(
    rows.map(({ packet, revision, digest }) => [packet, { revision, digest: hex(digest) }]),
  );
}
