import type { Name } from "#packet/name.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { type StoredEntry, readEntry } from "#ledger/factForm.ts";
import { COMPONENT_KINDS, sharedSubjectOf } from "#gate/dependencies.ts";
import { type Finding, type FindingKind, faultText } from "./finding.ts";
import type { Findings } from "./findings.ts";
import type { Ground } from "./ground.ts";
import type { Signatures } from "./signatures.ts";
import type { Reading, Sql, Statement } from "./reading.ts";
import { arrayText, numbersNotThere } from "./reports.ts";
import { isShared } from "./sharedWatch.ts";

interface WholeReport {
  readonly entry: string;
  readonly seq: bigint;
  readonly exercise: boolean;
  readonly kind: string;
  readonly name: Name;
  readonly reporter: Name;
  readonly body: Uint8Array;
  readonly recordedEpoch: bigint;
  readonly recordedAt: Date;
}

/** Every report on a shared subject by itself: its columns are copies of its bytes. */
export async function passOverReports(
  reading: Reading,
  findings: Findings,
  { deployment, epoch }: Pick<Ground, "deployment" | "epoch">,
  signatures: Signatures,
): Promise<void> {
  const signedFault = ({ exercise, body }: WholeReport): Fault | null => {
    try {
      const stored: unknown = readCanonical(body);
      const whose = { deployment, exercise, packet: "" };
      const fault = signatures.entryFault(whose, readEntry(stored as StoredEntry), "body");
      return fault === null ? null : [fault.kind, fault.member, fault.expected, fault.found];
    } catch (fault) {
      return ["FORM", "body.signature", "an SSH signature", faultText(fault)];
    }
  };
  await findings.reading({ table: "shared_report" }, async () => {
    const pages = reading.stream<WholeReport>(
      (sql) => sql`
        SELECT entry, seq, exercise, kind, name, reporter, body,
          recorded_epoch AS "recordedEpoch", recorded_at AS "recordedAt"
        FROM shared_report ORDER BY exercise, kind, name, seq`,
    );
    let before: WholeReport | null = null;
    for await (const page of pages) {
      const missing = await numbersMissing(reading, page);
      for (const row of page) {
        const fault = reportFault(before, row, epoch) ?? missing.get(row.entry) ?? signedFault(row);
        before = row;
        if (fault === null) continue;
        const [kind, column, expected, what] = fault;
        const place = { table: "shared_report", row: `entry ${row.entry}`, column };
        findings.add({ place, kind, expected, found: what });
      }
    }
  });
}

type Fault = readonly [FindingKind, string, string, string];

function reportFault(before: WholeReport | null, row: WholeReport, epoch: bigint): Fault | null {
  const isSame =
    before?.exercise === row.exercise && before.kind === row.kind && before.name === row.name;
  if (isSame && before.seq >= row.seq) {
    return ["GAP", "seq", `more than ${before.seq}`, String(row.seq)];
  }
  try {
    const stored: unknown = readCanonical(row.body);
    const entry = readEntry(stored as StoredEntry);
    if (!isShared(entry)) return ["FORM", "body", "a shared entry", entry.kind];
    const told: readonly (readonly [string, string, string])[] = [
      ["entry", entry.entry, row.entry],
      ["kind", entry.kind, row.kind],
      ["name", sharedSubjectOf(entry).name, row.name],
      ["reporter", entry.reporter, row.reporter],
      ["recorded_epoch", String(entry.recordedEpoch), String(row.recordedEpoch)],
    ];
    const differing = told.find(([, expected, found]) => expected !== found);
    if (differing !== undefined) return ["VALUE", ...differing];
  } catch (fault) {
    return ["FORM", "body", "a shared entry", faultText(fault)];
  }
  if (row.recordedEpoch > epoch) {
    return ["ORDER", "recorded_epoch", `at most ${epoch}`, String(row.recordedEpoch)];
  }
  return Number.isNaN(row.recordedAt.getTime()) ? ["FORM", "recorded_at", "a time", "none"] : null;
}

/** Rule 4.3.2: a report with a number has it from the chain of its reporter. */
async function numbersMissing(
  reading: Reading,
  page: readonly WholeReport[],
): Promise<ReadonlyMap<string, Fault>> {
  const numbered = page.flatMap(({ entry, exercise, reporter, body }) => {
    try {
      const stored: unknown = readCanonical(body);
      const { reportNumber } = stored as StoredEntry;
      return reportNumber === null ? [] : [{ entry, exercise, reporter, reportNumber }];
    } catch {
      return [];
    }
  });
  const rows = await numbersNotThere(reading, numbered);
  return new Map(
    rows.map(({ entry, reportNumber: number }) => [
      entry,
      ["MISSING", "body", `the number ${number} in report_number`, "nothing"],
    ]),
  );
}

interface NumberRow {
  readonly exercise: boolean;
  readonly reporter: Name;
  readonly number: bigint;
  readonly previous: bigint | null;
}

/** Rule 4.3.2: each reporter's numbers are one rising chain. */
export async function passOverNumbers(reading: Reading, findings: Findings): Promise<void> {
  await findings.reading({ table: "report_number" }, async () => {
    const pages = reading.stream<NumberRow>(
      (sql) => sql`
        SELECT exercise, reporter, number, previous FROM report_number
        ORDER BY exercise, reporter, number`,
    );
    let before: NumberRow | null = null;
    for await (const page of pages) {
      for (const row of page) {
        const isSame = before?.exercise === row.exercise && before.reporter === row.reporter;
        const previous = isSame ? (before?.number ?? null) : null;
        before = row;
        if (row.previous === previous && row.number > (previous ?? 0n)) continue;
        findings.add({
          place: {
            table: "report_number",
            row: `${row.reporter}, number ${row.number}`,
            column: "previous",
          },
          kind: "LINK",
          expected: String(previous),
          found: String(row.previous),
        });
      }
    }
  });
}

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
    SELECT p.train || ' of packet ' || p.id AS row FROM packet AS p WHERE NOT EXISTS (
      SELECT FROM train AS t WHERE t.exercise = p.exercise AND t.train = p.train) LIMIT 1`,
  ),
  missing(
    "train",
    "the train of each source",
    (sql) => sql`
    SELECT DISTINCT s.train AS row FROM source AS s WHERE NOT EXISTS (
      SELECT FROM train AS t WHERE t.exercise = s.exercise AND t.train = s.train) LIMIT 1`,
  ),
  missing(
    "train",
    "the train of each proposed lane",
    (sql) => sql`
    SELECT p.train AS row FROM lane_proposal AS p WHERE NOT EXISTS (
      SELECT FROM train AS t WHERE t.exercise = p.exercise AND t.train = p.train) LIMIT 1`,
  ),
  extra(
    "train",
    "trains with a source or a proposed lane",
    (sql) => sql`
    SELECT t.train AS row FROM train AS t
    WHERE NOT EXISTS (
        SELECT FROM source AS s WHERE s.exercise = t.exercise AND s.train = t.train)
      AND NOT EXISTS (
        SELECT FROM lane_proposal AS p WHERE p.exercise = t.exercise AND p.train = t.train)
    LIMIT 1`,
  ),
  missing(
    "shared_subject",
    "the subject of each report",
    (sql) => sql`
    SELECT r.kind || ' ' || r.name AS row FROM shared_report AS r WHERE NOT EXISTS (
      SELECT FROM shared_subject AS s
      WHERE s.exercise = r.exercise AND s.kind = r.kind AND s.name = r.name) LIMIT 1`,
  ),
  missing(
    "shared_subject",
    "the subject of each dependence",
    (sql) => sql`
    SELECT d.kind || ' ' || d.name AS row FROM packet_dependency AS d JOIN packet AS p
      ON p.id = d.packet WHERE NOT EXISTS (
      SELECT FROM shared_subject AS s
      WHERE s.exercise = p.exercise AND s.kind = d.kind AND s.name = d.name) LIMIT 1`,
  ),
  extra(
    "shared_subject",
    "subjects with a report or a dependent packet",
    (sql) => sql`
    SELECT s.kind || ' ' || s.name AS row FROM shared_subject AS s
    WHERE NOT EXISTS (SELECT FROM shared_report AS r
        WHERE r.exercise = s.exercise AND r.name = s.name AND (r.kind = s.kind
          OR r.kind::text = ANY(${OF_COMPONENTS}::text[]) AND s.kind::text = ANY(${OF_COMPONENTS}::text[])))
      AND NOT EXISTS (SELECT FROM packet_dependency AS d JOIN packet AS p ON p.id = d.packet
        WHERE p.exercise = s.exercise AND d.name = s.name AND (d.kind = s.kind
          OR d.kind::text = ANY(${OF_COMPONENTS}::text[]) AND s.kind::text = ANY(${OF_COMPONENTS}::text[])))
    LIMIT 1`,
  ),
  extra(
    "packet_dependency",
    "dependences of packets",
    (sql) => sql`
    SELECT d.packet || ' on ' || d.name AS row FROM packet_dependency AS d
    WHERE NOT EXISTS (SELECT FROM packet AS p WHERE p.id = d.packet) LIMIT 1`,
  ),
  extra(
    "packet_head",
    "heads of packets",
    (sql) => sql`
    SELECT h.packet::text AS row FROM packet_head AS h
    WHERE NOT EXISTS (SELECT FROM packet AS p WHERE p.id = h.packet) LIMIT 1`,
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
