import type { Name, PacketId } from "#packet/name.ts";
import {
  type AcceptedSource,
  SourceKind,
  type SourceReceipt,
  type Sources,
} from "#packet/source.ts";
import { sourceDigest } from "./bytes.ts";
import type { TrainKey, TrainState } from "./ledger.ts";
import { SOURCE_VERSIONS_PAGE_MAX } from "./limits.ts";
import type { Query } from "./moment.ts";
import type { SourceShelf } from "./sourceShelf.ts";
import { rowsOf } from "./rowsOf.ts";

/** Takes the train's lock, so that openings and acceptances of one train come one after the other. */
export async function lockTrain(tx: Query, { exercise, train }: TrainKey): Promise<void> {
  await tx`INSERT INTO train (exercise, train) VALUES (${exercise}, ${train}) ON CONFLICT DO NOTHING`;
  await tx`SELECT FROM train WHERE exercise = ${exercise} AND train = ${train} FOR UPDATE`;
}

/** What is known of a train now. */
export async function readTrain(
  sql: Query,
  shelf: SourceShelf,
  key: TrainKey,
  newPacket: PacketId,
): Promise<TrainState> {
  const packets = await rowsOf(sql<{ packet: PacketId; preparer: Name; closed: boolean }[]>`
    SELECT h.packet, p.preparer, h.closed
    FROM packet_head h JOIN packet p ON p.id = h.packet
    WHERE h.exercise = ${key.exercise} AND h.train = ${key.train}`);
  const open = packets.find((row) => !row.closed);
  return {
    ...key,
    sources: await newestSources(sql, shelf, key),
    openPacket: open?.packet ?? null,
    preparer: open?.preparer ?? null,
    closedPackets: new Set(packets.filter((row) => row.closed).map((row) => row.packet)),
    newPacket,
  };
}

/** Whether every kind has been accepted. */
export function isComplete(sources: Partial<Sources>): sources is Sources {
  return SourceKind.options.every((kind) => sources[kind] !== undefined);
}

interface ReceiptRow extends Omit<SourceReceipt, "digest"> {
  readonly digest: Uint8Array;
}

/** What to select for a {@link ReceiptRow}. */
function receiptColumns(sql: Query) {
  return sql`kind, version, digest, accepted_by AS "acceptedBy", proposed_by AS "proposedBy",
    accepted_epoch AS "acceptedEpoch"`;
}

async function newestSources(
  sql: Query,
  shelf: SourceShelf,
  { exercise, train }: TrainKey,
): Promise<Partial<Sources>> {
  const rows = await rowsOf(sql<ReceiptRow[]>`
    SELECT DISTINCT ON (kind) ${receiptColumns(sql)} FROM source
    WHERE exercise = ${exercise} AND train = ${train} ORDER BY kind, version DESC`);
  const sources = await withContents(sql, shelf, rows);
  return Object.fromEntries(sources.map((source) => [source.kind, source]));
}

/** One accepted version, the newest when `version` is null; null when there is none. */
export async function readSource(
  sql: Query,
  shelf: SourceShelf,
  { exercise, train }: TrainKey,
  kind: SourceKind,
  version: number | null,
): Promise<AcceptedSource | null> {
  const rows = await rowsOf(sql<ReceiptRow[]>`
    SELECT ${receiptColumns(sql)} FROM source
    WHERE exercise = ${exercise} AND train = ${train} AND kind = ${kind}
      AND (${version}::int4 IS NULL OR version = ${version}::int4)
    ORDER BY version DESC LIMIT 1`);
  const [source] = await withContents(sql, shelf, rows);
  return source ?? null;
}

/** What is recorded of the versions after one, in order. */
export async function readSourceVersions(
  sql: Query,
  { exercise, train }: TrainKey,
  kind: SourceKind,
  afterVersion: number,
  limit: number,
): Promise<SourceReceipt[]> {
  const rows = await rowsOf(sql<ReceiptRow[]>`
    SELECT ${receiptColumns(sql)} FROM source
    WHERE exercise = ${exercise} AND train = ${train} AND kind = ${kind}
      AND version > ${afterVersion}
    ORDER BY version LIMIT ${Math.min(limit, SOURCE_VERSIONS_PAGE_MAX)}`);
  return rows.map((row) => ({ ...row, digest: sourceDigest(row.digest) }));
}

async function withContents(
  sql: Query,
  shelf: SourceShelf,
  rows: readonly ReceiptRow[],
): Promise<AcceptedSource[]> {
  const receipts = rows.map((row) => ({ ...row, digest: sourceDigest(row.digest) }));
  const resolve = await shelf.fetch(sql, receipts);
  return receipts.map(resolve);
}
