import type { PacketId } from "#packet/name.ts";
import { CUMULATIVE_KINDS } from "#gate/dependencies.ts";
import type { Finding } from "./finding.ts";
import type { Reading } from "./reading.ts";
import type { Dependence, ReportRow } from "./sharedWatch.ts";

/** A list of texts as Postgres reads an array. */
export function arrayText(values: readonly (string | number | bigint | null)[]): string {
  const quoted = values.map((value) => {
    if (value === null) return "NULL";
    return `"${String(value).replaceAll(/["\\]/g, "\\$&")}"`;
  });
  return `{${quoted.join()}}`;
}

/** The reports of these entries, by entry. */
export async function readReports(
  reading: Reading,
  entries: readonly string[],
): Promise<ReadonlyMap<string, ReportRow>> {
  if (entries.length === 0) return new Map();
  const list = arrayText([...new Set(entries)]);
  const rows = await reading.rows<ReportRow>(
    (sql) => sql`
      SELECT entry, seq, exercise, recorded_at AS "recordedAt", body FROM public.shared_report
      WHERE entry::text = ANY(${list}::text[]) AND entry = ANY(${list}::uuid[])`,
  );
  return new Map(rows.map((row) => [row.entry, row]));
}

/** An entry that an automated reporter gave a number. */
export interface Numbered {
  readonly entry: string;
  readonly exercise: boolean;
  readonly reporter: string;
  readonly reportNumber: string;
}

/** Rule 4.3.2: the entries whose number is not in the chain of their reporter. */
export async function numbersNotThere(
  reading: Reading,
  numbered: readonly Numbered[],
): Promise<readonly Numbered[]> {
  if (numbered.length === 0) return [];
  return reading.rows<Numbered>(
    (sql) => sql`
      SELECT e.entry, e.exercise, e.reporter, e.number::text AS "reportNumber" FROM unnest(
        ${arrayText(numbered.map((each) => each.entry))}::text[],
        ${arrayText(numbered.map((each) => String(each.exercise)))}::bool[],
        ${arrayText(numbered.map((each) => each.reporter))}::text[],
        ${arrayText(numbered.map((each) => each.reportNumber))}::int8[]
      ) AS e(entry, exercise, reporter, number)
      WHERE NOT EXISTS (SELECT FROM public.report_number AS n WHERE n.exercise = e.exercise
        AND n.reporter = e.reporter AND n.number = e.number)`,
  );
}

interface Counted {
  readonly at: bigint;
  readonly later: number;
  readonly firstCount: number;
  readonly firstSum: string;
}

/**
 * Rule 3.6: whether a packet was told every report while it depended on a subject, and at the
 * beginning the newest of each reporter, and the newest that they signed, or every one of a kind
 * whose every entry counts; the first that it was not.
 */
export async function dependenceFault(
  reading: Reading,
  packet: PacketId,
  exercise: boolean,
  dependences: readonly Dependence[],
): Promise<Finding | null> {
  if (dependences.length === 0) return null;
  const kinds = arrayText(dependences.map(({ subject }) => subject.kind));
  const names = arrayText(dependences.map(({ subject }) => subject.name));
  const since = arrayText(dependences.map((each) => each.since));
  const until = arrayText(dependences.map((each) => each.until));
  const cumulative = arrayText(CUMULATIVE_KINDS);
  const rows = await reading.rows<Counted>(
    (sql) => sql`
      SELECT s.at, (
          SELECT count(*)::int4 FROM public.shared_report AS r
          WHERE r.exercise = ${exercise} AND r.kind = s.kind AND r.name = s.name
            AND r.seq > s.since AND (s.until IS NULL OR r.seq <= s.until)
        ) AS later, f.count AS "firstCount", f.sum AS "firstSum"
      FROM unnest(
          ${kinds}::public.shared_kind[], ${names}::text[], ${since}::int8[], ${until}::int8[])
        WITH ORDINALITY AS s(kind, name, since, until, at)
      CROSS JOIN LATERAL (
        SELECT count(*)::int4 AS count, coalesce(sum(newest), 0)::text AS sum FROM (
          SELECT max(r.seq) AS newest FROM public.shared_report AS r
          WHERE r.exercise = ${exercise} AND r.kind = s.kind AND r.name = s.name
            AND r.seq <= s.since
          GROUP BY r.reporter, position('"signature":'::bytea IN r.body) > 0,
            CASE WHEN r.kind = ANY(${cumulative}::text[]::public.shared_kind[]) THEN r.seq END
        ) AS g
      ) AS f`,
  );
  for (const { at, later, firstCount, firstSum } of rows) {
    const dependence = dependences[Number(at) - 1];
    if (dependence === undefined) continue;
    const { subject, first } = dependence;
    const isTold = later === dependence.later;
    if (isTold && firstCount === first.count && firstSum === String(first.sum)) continue;
    return {
      place: { table: "shared_report", packet, row: `${subject.kind} ${subject.name}` },
      kind: "VALUE",
      expected: `${dependence.later} reports after ${first.count} first ones, as the packet was told`,
      found: `${later} after ${firstCount}`,
    };
  }
  return null;
}
