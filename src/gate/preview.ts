import type { ApprovalStanding, PacketStatus } from "#packet/approval.ts";
import type { Occurrence } from "#packet/fact.ts";
import type { Hold } from "#packet/hold.ts";
import { reachEpoch } from "./lapse.ts";
import { revise } from "./revise.ts";
import type { PacketState } from "./state.ts";

/** What a change would do were it recorded (rule 4.2.7). */
export interface Preview {
  readonly status: PacketStatus;
  readonly opened: readonly Hold[];
  readonly cleared: readonly Hold[];
  readonly outOfScope: readonly Hold[];
  readonly materialChanged: boolean;
  /** The approval's standing before and after; null while there is no approval. */
  readonly standingBefore: ApprovalStanding | null;
  readonly standingAfter: ApprovalStanding | null;
}

/** Evaluates a change without recording it; the packet given stays as it is. Null when the packet is closed by then. */
export function preview(state: PacketState, occurrence: Occurrence): Preview | null {
  const { head } = reachEpoch(state, occurrence.epoch);
  if (head.closing !== null) return null;
  const { state: after, opened, cleared, outOfScope, materialChanged } = revise(head, occurrence);
  return {
    status: after.status,
    opened,
    cleared,
    outOfScope,
    materialChanged,
    standingBefore: head.approval?.standing ?? null,
    standingAfter: after.approval?.standing ?? null,
  };
}
