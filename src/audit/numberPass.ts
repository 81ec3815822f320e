import type { Name } from "#packet/name.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import type { StoredEntry } from "#ledger/factForm.ts";
import { timeText } from "./copies.ts";
import type { Findings } from "./findings.ts";
import type { NumberUses } from "./numberUses.ts";
import type { Reading } from "./reading.ts";

interface NumberRow {
  readonly exercise: boolean;
  readonly reporter: Name;
  readonly number: bigint;
  readonly previous: bigint | null;
}

/**
 * Rule 4.3.2: each reporter's numbers are one rising chain, and each was given once: with one list
 * of entries of one packet, or with one report on shared subjects.
 */
export async function passOverNumbers(
  reading: Reading,
  findings: Findings,
  uses: NumberUses,
): Promise<void> {
  await passOverGiven(reading, findings, uses);
  await findings.reading({ table: "report_number" }, async () => {
    const pages = reading.stream<NumberRow>(
      (sql) => sql`
        SELECT exercise, reporter, number, previous FROM public.report_number
        ORDER BY exercise, reporter, number`,
    );
    let before: NumberRow | null = null;
    for await (const page of pages) {
      for (const row of page) {
        uses.recorded(row.exercise, row.reporter, row.number);
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
    for (const { reporter, given, recorded } of uses.faults()) {
      findings.add({
        place: { table: "report_number", row: reporter, column: "number" },
        kind: "GAP",
        expected: `each of ${recorded} numbers given once`,
        found: `${given} reports with a number`,
      });
    }
  });
}

interface GivenRow {
  readonly entry: string;
  readonly exercise: boolean;
  readonly reporter: Name;
  readonly body: Uint8Array;
  readonly recordedAt: Date;
}

/** The last number that a reporter gave, and when. */
interface Given {
  readonly number: bigint;
  readonly at: string;
}

/** The numbers that were given with reports on shared subjects: one with all that one report says. */
async function passOverGiven(
  reading: Reading,
  findings: Findings,
  uses: NumberUses,
): Promise<void> {
  const last = new Map<string, Given>();
  await findings.reading({ table: "shared_report" }, async () => {
    const pages = reading.stream<GivenRow>(
      (sql) => sql`
        SELECT entry, exercise, reporter, body, recorded_at AS "recordedAt" FROM public.shared_report
        WHERE position('"reportNumber":"'::bytea IN body) > 0 ORDER BY seq`,
    );
    for await (const page of pages) {
      for (const row of page) {
        const number = numberIn(row);
        if (number === null) {
          uses.lose();
          continue;
        }
        const { exercise, reporter } = row;
        const key = `${exercise} ${reporter}`;
        const before = last.get(key);
        const at = timeText(row.recordedAt);
        last.set(key, { number, at });
        if (before?.number === number && before.at === at) continue;
        uses.gave(exercise, reporter, number);
        if (before === undefined || number > before.number) continue;
        findings.add({
          place: { table: "shared_report", row: `entry ${row.entry}`, column: "body.reportNumber" },
          kind: "GAP",
          expected: `a number of ${reporter} after ${before.number}`,
          found: String(number),
        });
      }
    }
  });
}

/** Null where the bytes cannot be read, which is told where every report is looked at by itself. */
function numberIn({ body }: GivenRow): bigint | null {
  try {
    const stored: unknown = readCanonical(body);
    const { reportNumber } = stored as StoredEntry;
    return reportNumber === null ? null : BigInt(reportNumber);
  } catch {
    return null;
  }
}
