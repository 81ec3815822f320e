import type { PacketId } from "#packet/name.ts";
import { hex } from "#proof/digest.ts";
import type { AppendDesk } from "./desk.ts";
import { hexOrNull } from "./bytes.ts";
import type { PacketHead, Revision, Seen } from "./ledger.ts";
import { REVISIONS_PAGE_MAX } from "./limits.ts";
import { type HeadRow, headColumns, headOf } from "./lineages.ts";
import { type ClockRow, type Query, clockColumns, clockTable, momentOf } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";

/** The packet at its head and the moment, of one snapshot; null when there is none. */
export async function readState(
  sql: Query,
  desk: AppendDesk,
  packet: PacketId,
): Promise<Seen | null> {
  const [row] = await rowsOf(sql<(HeadRow & ClockRow)[]>`
    SELECT ${headColumns(sql)}, ${clockColumns(sql)}
    FROM packet_head h JOIN packet p ON p.id = h.packet, ${clockTable(sql)}
    WHERE h.packet = ${packet}`);
  if (row === undefined) return null;
  const { state, digest } = await desk.lineages.read(sql, headOf(row, desk.deployment));
  return { state, digest, moment: momentOf(row, desk.rate) };
}

type RevisionRow = Omit<Revision, "predecessor" | "digest" | "materialDigest"> & {
  readonly predecessor: Uint8Array | null;
  readonly digest: Uint8Array;
  readonly materialDigest: Uint8Array;
};

/** Revisions after a number, in order. */
export async function readRevisions(
  sql: Query,
  packet: PacketId,
  after: number,
  limit: number,
): Promise<Revision[]> {
  const rows = await rowsOf(sql<RevisionRow[]>`
    SELECT packet, number, predecessor, digest, header, body, cause, actor,
      actor_kind AS "actorKind", epoch, at, status, open_holds AS "openHolds",
      material_digest AS "materialDigest"
    FROM revision WHERE packet = ${packet} AND number > ${after}
    ORDER BY number LIMIT ${Math.min(limit, REVISIONS_PAGE_MAX)}`);
  return rows.map((row) => ({
    ...row,
    predecessor: hexOrNull(row.predecessor),
    digest: hex(row.digest),
    materialDigest: hex(row.materialDigest),
  }));
}

/** Heads in order of id. */
export async function readHeads(
  sql: Query,
  after: PacketId | null,
  limit: number,
): Promise<PacketHead[]> {
  const rows = await rowsOf(sql<(Omit<PacketHead, "digest"> & { readonly digest: Uint8Array })[]>`
    SELECT h.packet, h.exercise, h.train, p.preparer, h.number AS revision, h.digest, h.status
    FROM packet_head h JOIN packet p ON p.id = h.packet
    WHERE ${after}::uuid IS NULL OR h.packet > ${after}::uuid
    ORDER BY h.packet LIMIT ${Math.min(limit, REVISIONS_PAGE_MAX)}`);
  return rows.map((row) => ({ ...row, digest: hex(row.digest) }));
}
