import { type SharedEntry, entrySubject } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { type StoredEntry, readEntry } from "#ledger/factForm.ts";
import { type NewestBy, sharedFaults } from "#gate/decide/entries.ts";
import { sharedSubjectOf } from "#gate/dependencies.ts";
import { numberingFault } from "./entryCheck.ts";
import { type FindingKind, faultText } from "./finding.ts";
import type { Findings } from "./findings.ts";
import type { Ground } from "./ground.ts";
import type { Signatures } from "./signatures.ts";
import type { Reading } from "./reading.ts";
import { numbersNotThere } from "./reports.ts";
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
        FROM public.shared_report ORDER BY exercise, kind, name, seq`,
    );
    let before: WholeReport | null = null;
    let told = new ToldSubject();
    for await (const page of pages) {
      const missing = await numbersMissing(reading, page);
      for (const row of page) {
        if (!isOfSame(before, row)) told = new ToldSubject();
        const fault =
          reportFault(before, row, epoch) ??
          told.fault(row) ??
          missing.get(row.entry) ??
          signedFault(row);
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

function isOfSame(before: WholeReport | null, row: WholeReport): before is WholeReport {
  return before?.exercise === row.exercise && before.kind === row.kind && before.name === row.name;
}

/** One shared subject as the reports up to here tell it. */
class ToldSubject {
  /** The newest entry of each reporter by subject (rule 4.3.1): one of a release or key is its own. */
  readonly #newest = new Map<string, SharedEntry>();
  readonly #newestSigned = new Map<string, SharedEntry>();

  /** Rule 4.3.2: why this report could not be recorded next, in its reporter's own name. */
  fault({ body, recordedEpoch }: WholeReport): Fault | null {
    try {
      const stored: unknown = readCanonical(body);
      const entry = readEntry(stored as StoredEntry);
      return isShared(entry) ? this.#fault(entry, recordedEpoch) : null;
    } catch (fault) {
      return ["FORM", "body", "a shared entry", faultText(fault)];
    }
  }

  #fault(entry: SharedEntry, epoch: bigint): Fault | null {
    const { reporter, reporterKind, reportNumber } = entry;
    const unnumbered = numberingFault(reporterKind, reportNumber);
    if (unnumbered !== null) {
      return ["VALUE", "body.reportNumber", unnumbered.expected, unnumbered.found];
    }
    const newest: NewestBy = (subject, _reporter, only) =>
      (only === undefined ? this.#newest : this.#newestSigned).get(`${subject} ${reporter}`);
    const reporting = { actor: { actor: reporter, kind: reporterKind }, epoch };
    const [first] = sharedFaults(newest, [entry], reporting);
    const key = `${entrySubject(entry)} ${reporter}`;
    this.#newest.set(key, entry);
    if (entry.signature !== undefined) this.#newestSigned.set(key, entry);
    if (first === undefined) return null;
    const column = `body.${first.path.at(-1)}`;
    return ["ENTITLEMENT", column, "a report that may be recorded", first.message];
  }
}

function reportFault(before: WholeReport | null, row: WholeReport, epoch: bigint): Fault | null {
  if (isOfSame(before, row) && before.seq >= row.seq) {
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
