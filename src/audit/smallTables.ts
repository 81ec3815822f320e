import { COMPONENT_KINDS } from "#gate/dependencies.ts";
import type { Finding } from "./finding.ts";
import type { Findings } from "./findings.ts";
import type { Reading, Sql, Statement } from "./reading.ts";
import { arrayText } from "./reports.ts";

/** A rule about which rows there are: the first that breaks it, in words. */
interface Presence {
  readonly table: string;
  readonly kind: "MISSING" | "EXTRA";
  readonly expected: string;
  readonly broken: (sql: Sql) => Statement<{ row: string }>;
}

/** What is recorded of a component stands or falls together: each kind of it is locked with the others. */
const OF_COMPONENTS = arrayText(COMPONENT_KINDS);

const PRESENCES: readonly Presence[] = [
  missing(
    "train",
    "the train of each packet",
    (sql) => sql`
    SELECT p.train || ' of packet ' || p.id AS row FROM public.packet AS p WHERE NOT EXISTS (
      SELECT FROM public.train AS t WHERE t.exercise = p.exercise AND t.train = p.train) LIMIT 1`,
  ),
  missing(
    "train",
    "the train of each source",
    (sql) => sql`
    SELECT DISTINCT s.train AS row FROM public.source AS s WHERE NOT EXISTS (
      SELECT FROM public.train AS t WHERE t.exercise = s.exercise AND t.train = s.train) LIMIT 1`,
  ),
  missing(
    "train",
    "the train of each proposed lane",
    (sql) => sql`
    SELECT p.train AS row FROM public.lane_proposal AS p WHERE NOT EXISTS (
      SELECT FROM public.train AS t WHERE t.exercise = p.exercise AND t.train = p.train) LIMIT 1`,
  ),
  extra(
    "train",
    "trains with a source or a proposed lane",
    (sql) => sql`
    SELECT t.train AS row FROM public.train AS t
    WHERE NOT EXISTS (
        SELECT FROM public.source AS s WHERE s.exercise = t.exercise AND s.train = t.train)
      AND NOT EXISTS (
        SELECT FROM public.lane_proposal AS p WHERE p.exercise = t.exercise AND p.train = t.train)
    LIMIT 1`,
  ),
  missing(
    "shared_subject",
    "the subject of each report",
    (sql) => sql`
    SELECT r.kind || ' ' || r.name AS row FROM public.shared_report AS r WHERE NOT EXISTS (
      SELECT FROM public.shared_subject AS s
      WHERE s.exercise = r.exercise AND s.kind = r.kind AND s.name = r.name) LIMIT 1`,
  ),
  missing(
    "shared_subject",
    "the subject of each dependence",
    (sql) => sql`
    SELECT d.kind || ' ' || d.name AS row FROM public.packet_dependency AS d JOIN public.packet AS p
      ON p.id = d.packet WHERE NOT EXISTS (
      SELECT FROM public.shared_subject AS s
      WHERE s.exercise = p.exercise AND s.kind = d.kind AND s.name = d.name) LIMIT 1`,
  ),
  extra(
    "shared_subject",
    "subjects with a report or a dependent packet",
    (sql) => sql`
    SELECT s.kind || ' ' || s.name AS row FROM public.shared_subject AS s
    WHERE NOT EXISTS (SELECT FROM public.shared_report AS r
        WHERE r.exercise = s.exercise AND r.name = s.name AND (r.kind = s.kind
          OR r.kind::text = ANY(${OF_COMPONENTS}::text[]) AND s.kind::text = ANY(${OF_COMPONENTS}::text[])))
      AND NOT EXISTS (SELECT FROM public.packet_dependency AS d
        JOIN public.packet AS p ON p.id = d.packet
        WHERE p.exercise = s.exercise AND d.name = s.name AND (d.kind = s.kind
          OR d.kind::text = ANY(${OF_COMPONENTS}::text[]) AND s.kind::text = ANY(${OF_COMPONENTS}::text[])))
    LIMIT 1`,
  ),
  extra(
    "packet_dependency",
    "dependences of packets",
    (sql) => sql`
    SELECT d.packet || ' on ' || d.name AS row FROM public.packet_dependency AS d
    WHERE NOT EXISTS (SELECT FROM public.packet AS p WHERE p.id = d.packet) LIMIT 1`,
  ),
  extra(
    "packet_head",
    "heads of packets",
    (sql) => sql`
    SELECT h.packet::text AS row FROM public.packet_head AS h
    WHERE NOT EXISTS (SELECT FROM public.packet AS p WHERE p.id = h.packet) LIMIT 1`,
  ),
];

function missing(table: string, expected: string, broken: Presence["broken"]): Presence {
  return { table, kind: "MISSING", expected, broken };
}

function extra(table: string, expected: string, broken: Presence["broken"]): Presence {
  return { table, kind: "EXTRA", expected, broken };
}

/** What must be there for something else, and what must not be there without. */
export async function passOverPresences(reading: Reading, findings: Findings): Promise<void> {
  for (const { table, kind, expected, broken } of PRESENCES) {
    await findings.reading({ table }, async () => {
      const [first] = await reading.rows(broken);
      if (first === undefined) return;
      const finding: Finding = {
        place: { table, row: first.row },
        kind,
        expected,
        found: kind === "MISSING" ? "nothing" : first.row,
      };
      findings.add(finding);
    });
  }
}
