import type { SharedEntry } from "#packet/entry.ts";
import type { Name, PacketId } from "#packet/name.ts";
import {
  COMPONENT_KINDS,
  CUMULATIVE_KINDS,
  type SharedSubject,
  rememberedAs,
} from "#gate/dependencies.ts";
import { parseStored } from "#proof/readCanonical.ts";
import { type StoredEntry, readEntry } from "./factForm.ts";
import type { Query } from "./moment.ts";
import { arrayOf, columnsOf } from "./arrays.ts";
import { rowsOf } from "./rowsOf.ts";

/** Shared subjects of real packets, or of exercises (rule 2.3). */
export interface Subjects {
  readonly exercise: boolean;
  readonly subjects: readonly SharedSubject[];
}

/** The newest report on each shared subject asked about, by each reporter, in the order of the ledger. */
export interface SharedState {
  readonly entries: readonly SharedEntry[];
}

/**
 * Locks shared subjects, in one order everywhere: for a report alone, or for a packet that
 * comes to depend on them together with others that do (decision 3). Whoever reads afterwards
 * sees every report that was committed before.
 */
export async function lockSubjects(
  tx: Query,
  { exercise, subjects }: Subjects,
  mode: "REPORT" | "DEPEND",
): Promise<void> {
  if (subjects.length === 0) return;
  await tx`
    INSERT INTO shared_subject (exercise, kind, name)
    SELECT DISTINCT ${exercise}::bool, s.kind, s.name FROM ${subjectTable(tx, subjects)}
    ORDER BY s.kind, s.name ON CONFLICT DO NOTHING`;
  await tx`
    SELECT FROM shared_subject AS t JOIN ${subjectTable(tx, subjects)} USING (kind, name)
    WHERE t.exercise = ${exercise} ORDER BY t.kind, t.name
    ${mode === "REPORT" ? tx`FOR UPDATE OF t` : tx`FOR SHARE OF t`}`;
}

/**
 * The newest report on each of these subjects by each reporter, and the newest that they signed, in
 * the order of the ledger; of a kind whose every entry counts, all of them. Only a member's name is
 * followed by a colon in canonical JSON.
 */
export async function readReports(
  sql: Query,
  { exercise, subjects }: Subjects,
): Promise<SharedEntry[]> {
  if (subjects.length === 0) return [];
  const rows = await rowsOf(sql<{ body: Uint8Array }[]>`
    SELECT newest.body FROM (
      SELECT DISTINCT ON (each.kind, each.name, each.reporter, each.signed, each.place)
        each.seq, each.body
      FROM (
        SELECT r.kind, r.name, r.reporter, r.seq, r.body, ${isSigned(sql)} AS signed,
          ${placeOf(sql)} AS place
        FROM shared_report AS r JOIN ${subjectTable(sql, subjects)} USING (kind, name)
        WHERE r.exercise = ${exercise}
      ) AS each
      ORDER BY each.kind, each.name, each.reporter, each.signed, each.place, each.seq DESC
    ) AS newest ORDER BY newest.seq`);
  return rows.map(({ body }) => {
    const stored: unknown = parseStored(body);
    return readEntry(stored as StoredEntry) as SharedEntry;
  });
}

function isSigned(sql: Query) {
  return sql`position('"signature":'::bytea IN r.body) > 0`;
}

/** What tells the entries of a kind apart of which none takes the place of another. */
function placeOf(sql: Query) {
  const kinds = arrayOf(sql, "text", CUMULATIVE_KINDS);
  return sql`CASE WHEN r.kind = ANY(${kinds}::text[]::shared_kind[]) THEN r.seq END`;
}

/** Remembers where to look for packets that depend on these subjects. */
export async function rememberDependencies(
  tx: Query,
  packet: PacketId,
  subjects: readonly SharedSubject[],
): Promise<void> {
  if (subjects.length === 0) return;
  await tx`
    INSERT INTO packet_dependency (packet, kind, name)
    SELECT DISTINCT ${packet}::uuid, s.kind, s.name
    FROM ${subjectTable(tx, subjects.map(rememberedAs))}
    ORDER BY s.kind, s.name ON CONFLICT DO NOTHING`;
}

/** Packets that are not CLOSED and may depend on any of these subjects. */
export async function findDependents(
  tx: Query,
  { exercise, subjects }: Subjects,
): Promise<PacketId[]> {
  if (subjects.length === 0) return [];
  const rows = await rowsOf(tx<{ packet: PacketId }[]>`
    SELECT DISTINCT d.packet
    FROM packet_dependency AS d
      JOIN ${subjectTable(tx, subjects.map(rememberedAs))} USING (kind, name)
      JOIN packet_head AS h ON h.packet = d.packet
    WHERE h.exercise = ${exercise} AND NOT h.closed`);
  return rows.map((row) => row.packet);
}

/** Every component that somebody spoke of or a packet ever depended on, in order of name, or the one of this name. */
export async function readComponents(
  sql: Query,
  exercise: boolean,
  named: Name | null,
): Promise<Name[]> {
  const kinds = arrayOf(sql, "text", COMPONENT_KINDS);
  const rows = await rowsOf(sql<{ name: Name }[]>`
    SELECT DISTINCT name FROM shared_subject
    WHERE exercise = ${exercise} AND kind = ANY(${kinds}::text[]::shared_kind[])
      AND (${named}::text IS NULL OR name = ${named}::text)
    ORDER BY name`);
  return rows.map(({ name }) => name);
}

function subjectTable(sql: Query, subjects: readonly SharedSubject[]) {
  const column = columnsOf(sql, subjects);
  return sql`unnest(
    ${column("text", ({ kind }) => kind)}::shared_kind[],
    ${column("text", ({ name }) => name)}::text[]
  ) AS s(kind, name)`;
}
