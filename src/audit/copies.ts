import type { PacketId } from "#packet/name.ts";
import { hex } from "#proof/digest.ts";
import { hexOrNull } from "#ledger/bytes.ts";
import type { Finding } from "./finding.ts";
import type { Judged } from "./judgementCheck.ts";
import type { RevisionRow } from "./revisionRows.ts";

/** A time as the documents write it; a text of its own for one that is none. */
export function timeText(time: Date): string {
  return Number.isNaN(time.getTime()) ? "no time" : time.toISOString();
}

/** The first column of a revision that is not a copy of what its bytes say; null when all are. */
export function copyFault(
  packet: PacketId,
  row: RevisionRow,
  { header, revised, folded }: Judged,
): Finding | null {
  const { actor } = revised.occurrence;
  const columns: readonly (readonly [string, unknown, unknown])[] = [
    ["predecessor", header.predecessor, hexOrNull(row.predecessor)],
    ["cause", header.cause, row.cause],
    ["actor", actor.actor, row.actor],
    ["actor_kind", header.actorKind, row.actorKind],
    ["epoch", header.epoch, row.epoch],
    ["at", header.at, timeText(row.at)],
    ["status", header.status, row.status],
    ["open_holds", header.openHolds, row.openHolds],
    ["steady_since", folded.state.steadySince, row.steadySince],
    ["material_digest", header.materialDigest, hex(row.materialDigest)],
    ["approves_number", header.approves?.revision ?? null, row.approvesNumber],
    ["approves_digest", header.approves?.digest ?? null, hexOrNull(row.approvesDigest)],
  ];
  return firstDifference({ table: "revision", packet, revision: row.number }, columns);
}

/** The first of these columns (name, expected, found) that is not what it should be. */
export function firstDifference(
  place: Finding["place"],
  columns: readonly (readonly [string, unknown, unknown])[],
): Finding | null {
  const differing = columns.find(([, expected, found]) => expected !== found);
  if (differing === undefined) return null;
  const [column, expected, found] = differing;
  return {
    place: { ...place, column },
    kind: "VALUE",
    expected: String(expected),
    found: String(found),
  };
}
