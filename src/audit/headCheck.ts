import type { Epoch } from "#packet/epoch.ts";
import type { PacketId } from "#packet/name.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { nextDue } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import { hex } from "#proof/digest.ts";
import type { Folded } from "#ledger/draft.ts";
import { firstDifference } from "./copies.ts";
import type { Finding } from "./finding.ts";
import type { HeadRow } from "./lineagePass.ts";

/** How often advisories may come due between two revisions before nobody counts them any more. */
const DUES_MAX = 10_000;

/** What a packet's head row says otherwise than the lineage that it is the end of. */
export function headFault(
  packet: PacketId,
  head: HeadRow | undefined,
  { identity, state, digest }: Folded,
  epoch: Epoch,
): Finding | null {
  const place = { table: "packet_head", packet };
  if (head === undefined) {
    const found = "nothing";
    return { place, kind: "MISSING", expected: `revision ${state.revision}`, found };
  }
  const fault = firstDifference(place, [
    ["number", state.revision, head.number],
    ["digest", digest, hex(head.digest)],
    ["status", state.status, head.status],
    ["closed", state.closing !== null, head.closed],
    ["exercise", identity.exercise, head.exercise],
    ["train", identity.train, head.train],
  ]);
  if (fault !== null) return fault;
  const dues = duesOf(state, epoch);
  if (dues.includes(head.nextDue)) return null;
  return {
    place: { ...place, column: "next_due" },
    kind: "VALUE",
    expected: dues.map(String).join(" or "),
    found: String(head.nextDue),
  };
}

/**
 * What the head may say comes due next: it is set anew when only advisories came due, which no
 * revision tells, so it depends on when somebody last looked.
 */
function duesOf(state: PacketState, epoch: Epoch): (Epoch | null)[] {
  const dues: (Epoch | null)[] = [];
  let at = state.epoch;
  while (dues.length < DUES_MAX) {
    const { lapses, view } = reachEpoch(state, at);
    if (lapses.length > 0) break;
    const due = nextDue(view);
    dues.push(due);
    if (due === null || due > epoch) break;
    at = due;
  }
  return dues;
}
