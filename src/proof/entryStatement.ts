import { type CanonicalValue, canonicalBytes } from "./canonical.ts";
import { isEpochText, membersOf } from "./statementForm.ts";

const FORMAT = "holdfast/entry/1";

/** The namespace in which reports are signed (PROTOCOL.sshsig). */
export const ENTRY_NAMESPACE = "entry@holdfast";

/** What a reporter signs of one report (rule 2.2). */
export interface EntryStatement {
  readonly deployment: string;
  /** True for practice, which never meets what is real (rule 2.3). */
  readonly exercise: boolean;
  /** Null for a report on a subject that several packets share. */
  readonly packet: string | null;
  /** What is said, without the signature; it names the epoch at which it was so. */
  readonly report: CanonicalValue;
  readonly reporter: string;
  /** An automated reporter's own count of its reports; null for a person's. */
  readonly reportNumber: bigint | null;
}

/** The exact bytes that are signed: canonical JSON (RFC 8785), without a line feed at the end. */
export function entryStatementBytes(statement: EntryStatement): Uint8Array {
  const { deployment, exercise, packet, report, reporter, reportNumber } = statement;
  const format = FORMAT;
  return canonicalBytes({
    deployment,
    exercise,
    format,
    packet,
    report,
    reportNumber,
    reporter,
  });
}

/** Reads what {@link entryStatementBytes} wrote; null for anything else. Numbers of 64 bits in the report are texts. */
export function readEntryStatement(bytes: Uint8Array): EntryStatement | null {
  const members = membersOf(bytes);
  if (members === null) return null;
  const { deployment, exercise, packet, report, reporter, reportNumber } = members;
  if (typeof deployment !== "string" || typeof reporter !== "string") return null;
  if (typeof exercise !== "boolean") return null;
  if (packet !== null && typeof packet !== "string") return null;
  if (reportNumber !== null && !isEpochText(reportNumber)) return null;
  if (typeof report !== "object" || report === null || Array.isArray(report)) return null;
  const statement: EntryStatement = {
    deployment,
    exercise,
    packet,
    report: report as CanonicalValue,
    reporter,
    reportNumber: reportNumber === null ? null : BigInt(reportNumber),
  };
  // Whatever was passed over shows here.
  return Buffer.compare(entryStatementBytes(statement), bytes) === 0 ? statement : null;
}
