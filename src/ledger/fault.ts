import postgres from "postgres";
import type { Name, PacketId } from "#packet/name.ts";

/**
 * A packet's lineage does not say what its digests say, or cannot be read. The packet is
 * unreadable, which means held and CLOSED (rule 6.6), until somebody looks; others go on.
 */
export class LineageBroken extends Error {
  override readonly name = "LineageBroken";
  readonly packet: PacketId;
  /** The first revision that is wrong; null for one that the lineage does not let follow. */
  readonly revision: number | null;
  readonly expected: string;
  readonly found: string;

  constructor(
    at: { readonly packet: PacketId; readonly revision: number | null },
    expected: string,
    found: string,
    options?: ErrorOptions,
  ) {
    super(
      `revision ${at.revision ?? "after the head"} of packet ${at.packet} is broken: expected ${expected}, found ${found}`,
      options,
    );
    this.packet = at.packet;
    this.revision = at.revision;
    this.expected = expected;
    this.found = found;
  }
}

/** The log lacks a revision that it had to have: what was committed was taken away below the ledger. */
export class LogBroken extends Error {
  override readonly name = "LogBroken";

  constructor(found: string) {
    super(`the log is broken: ${found}`);
  }
}

/**
 * The database could not be asked, or did not answer, whether a change was recorded.
 * Asking again with the same idempotency key finds out, and does nothing twice.
 */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";

  constructor(asker: { readonly actor: Name; readonly key: string } | null, cause: unknown) {
    const again = asker === null ? "" : `: ask again with the key ${asker.key}`;
    super(`it is not known whether the change was recorded${again}`, { cause });
  }
}

/** SQLSTATEs that the database's own triggers raise. */
export const RAISED = {
  appendOnly: "HF081",
  lineage: "HF052",
  approval: "HF051",
  clock: "HF061",
  log: "HF082",
} as const;

/** Another transaction came first; looking again settles it. */
const RACES = new Set(["23505", "40001", "40P01", "55P03"]);

/** The connection or the server went away; the outcome is unknown until somebody looks. */
const LOSSES = new Set([
  "08000",
  "08003",
  "08006",
  "08007",
  "25P03",
  "25P04",
  "40003",
  "57P01",
  "57P02",
  "57P03",
  "57P05",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECTION_SILENT",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
]);

/**
 * The server is there and refuses for the time being: a standby, or one that is fenced (25006);
 * want of disk, memory, a setting or a connection (class 53); a database that takes no connections
 * (55000); a statement or a lock that took too long; or it is known to be away. Not asked again at once: postgres.js (3.4.9)
 * may never answer a statement that follows one whose sign-in was refused.
 */
const SHORTAGES = new Set([
  "25006",
  "53000",
  "53100",
  "53200",
  "53300",
  "53400",
  "55000",
  "55P03",
  "57014",
  "CONNECTION_AWAY",
]);

/** Whether the database refused a revision because of the rows that are there. */
export function isOfLineage(fault: unknown): boolean {
  const code = codeOf(fault);
  if (code === RAISED.lineage) return true;
  const constraint = fault instanceof postgres.PostgresError ? fault.constraint_name : undefined;
  return code === "23505" && constraint?.startsWith("revision_") === true;
}

/** What such a fault says of a packet. */
export function brokenBy(packet: PacketId, fault: unknown): LineageBroken {
  const found = fault instanceof Error ? fault.message : String(fault);
  return new LineageBroken({ packet, revision: null }, "a lineage that goes on", found, {
    cause: fault,
  });
}

/** The SQLSTATE or socket code of a fault; drizzle has it one level further down. */
export function codeOf(fault: unknown): string | null {
  for (let at = fault; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return null;
}

/** Whether looking again may succeed. */
export function isRace(fault: unknown): boolean {
  return RACES.has(codeOf(fault) ?? "");
}

/** Whether the server went away before it answered. */
export function isLoss(fault: unknown): boolean {
  return LOSSES.has(codeOf(fault) ?? "");
}

/** Whether nothing was done for want of something that may be there later. */
export function isShortage(fault: unknown): boolean {
  return SHORTAGES.has(codeOf(fault) ?? "");
}
