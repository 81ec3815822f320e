import type { Entry } from "#packet/entry.ts";
import type { SourceReceipt } from "#packet/source.ts";
import { readBody } from "#ledger/document.ts";
import { readEntry, receiptsIn } from "#ledger/factForm.ts";
import type { Numbered } from "./reports.ts";
import type { RevisionRow } from "./revisionRows.ts";
import { isShared } from "./sharedWatch.ts";

/** What the bodies of some revisions name. */
export interface Named {
  readonly receipts: readonly SourceReceipt[];
  /** Of shared entries. */
  readonly entries: readonly string[];
  readonly numbered: readonly Numbered[];
}

/** What must be looked up before these rows can be judged; rows that cannot be read name nothing. */
export function namedIn(rows: readonly RevisionRow[], exercise: boolean): Named {
  const receipts: SourceReceipt[] = [];
  const entries: string[] = [];
  const numbered: Numbered[] = [];
  for (const { body } of rows) {
    try {
      const { fact } = readBody(body);
      receipts.push(...receiptsIn(fact));
      if (!("entries" in fact)) continue;
      const read: Entry[] = fact.entries.map(readEntry);
      for (const each of read) {
        const { entry, reporter, reportNumber } = each;
        if (isShared(each)) entries.push(entry);
        if (reportNumber === null) continue;
        numbered.push({ entry, exercise, reporter, reportNumber: String(reportNumber) });
      }
    } catch {
      continue;
    }
  }
  return { receipts, entries, numbered };
}
