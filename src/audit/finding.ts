import type { PacketId } from "#packet/name.ts";

/**
 * What is wrong, by kind:
 *
 * - `DIGEST`: bytes do not have the digest that is recorded beside them.
 * - `FORM`: bytes are not the canonical form of what they should be.
 * - `GAP`: a number of a sequence is left out, or there twice.
 * - `LINK`: what a row names as the one before it is another.
 * - `IDENTITY`: a document of another deployment, packet or number, or of an exercise.
 * - `COMMITMENT`: a body is not the one that its header commits to.
 * - `ORDER`: something comes before or after what it must not.
 * - `TRANSITION`: holds opened, ended or amended otherwise than the rules have it.
 * - `ENTITLEMENT`: somebody decided who may not, or what may not be decided.
 * - `VALUE`: a value is not the one that is derived again.
 * - `MISSING`: what must be there is not.
 * - `EXTRA`: there is what nothing accounts for.
 * - `SCHEMA`: the database's own guards are not those that the product made.
 * - `UNREADABLE`: the database could not read its own rows.
 * - `SIGNATURE`: a checkpoint, decision or entry is not signed by whom it should be.
 * - `SIGNER`: a signature is by a key that is not listed for whoever is said to have signed.
 * - `CHECKPOINT`: the log is not the one that a checkpoint was signed for.
 */
export const FINDING_KINDS = [
  "DIGEST",
  "FORM",
  "GAP",
  "LINK",
  "IDENTITY",
  "COMMITMENT",
  "ORDER",
  "TRANSITION",
  "ENTITLEMENT",
  "VALUE",
  "MISSING",
  "EXTRA",
  "SCHEMA",
  "UNREADABLE",
  "SIGNATURE",
  "SIGNER",
  "CHECKPOINT",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Where something is wrong. */
export interface Place {
  /** The table; or `schema`, `checkpoint`, or a file of a bundle. */
  readonly table: string;
  readonly packet?: PacketId;
  readonly revision?: number;
  /** A position of the log, in decimal. */
  readonly position?: string;
  /** The row in words, where it is no packet's. */
  readonly row?: string;
  /** The column, or the member of a document. */
  readonly column?: string;
}

/** One thing that is wrong. */
export interface Finding {
  readonly place: Place;
  readonly kind: FindingKind;
  readonly expected: string;
  readonly found: string;
}

/** What is wrong with a member of a document. */
export interface MemberFault extends Omit<Finding, "place"> {
  /** The members and list places that lead there, apart by points. */
  readonly member: string;
}

/** A place in words. */
function placeText({ table, packet, revision, position, row, column }: Place): string {
  const parts = [column === undefined ? table : `${table}.${column}`];
  if (packet !== undefined) parts.push(`packet ${packet}`);
  if (revision !== undefined) parts.push(`revision ${revision}`);
  if (position !== undefined) parts.push(`position ${position}`);
  if (row !== undefined) parts.push(row);
  return parts.join(", ");
}

/** A finding on one line. */
export function findingText({ place, kind, expected, found }: Finding): string {
  return `${kind} at ${placeText(place)}: expected ${expected}, found ${found}`;
}

/** A fault of any kind, in a few words for `found`. */
export function faultText(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
