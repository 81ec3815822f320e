import type { HoldCode } from "#packet/hold.ts";
import type { EntriesRecorded, Occurrence } from "#packet/fact.ts";
import type { Name, PacketId } from "#packet/name.ts";
import { type Preview, preview } from "./preview.ts";
import type { PacketState } from "./state.ts";

/** What a packet would lose with credentials that are revoked. */
export interface PacketImpact extends Preview {
  readonly packet: PacketId;
  /** The shifts of the rest of the window whose seats could no longer all be filled. */
  readonly shiftsLosingQuorum: readonly Name[];
  /** Whether its approval would lapse for good. */
  readonly approvalLapses: boolean;
  /** Its owner, if they could no longer decide; else null. */
  readonly approverCutOff: Name | null;
}

const QUORUM_CODES: ReadonlySet<HoldCode> = new Set([
  "SIGNER_QUORUM_MISSING",
  "CUSTODY_GROUPS_MISSING",
]);

/** What revoking these people would do to one packet, as {@link preview} judges it; null where it would do nothing. */
export function revocationImpact(
  state: PacketState,
  occurrence: Occurrence<EntriesRecorded>,
): PacketImpact | null {
  const foreseen = preview(state, occurrence);
  if (foreseen === null) return null;
  const { owner } = state.facts.sources.APPROVAL_LANE.content;
  const revoked = occurrence.fact.entries.flatMap((entry) =>
    entry.kind === "CREDENTIAL_REVOCATION" ? [entry.person] : [],
  );
  const approverCutOff = revoked.includes(owner) && !state.facts.revoked.has(owner) ? owner : null;
  const { opened, cleared, outOfScope, materialChanged } = foreseen;
  const { standingBefore, standingAfter } = foreseen;
  const isNothing =
    opened.length + cleared.length + outOfScope.length === 0 &&
    !materialChanged &&
    standingBefore === standingAfter &&
    approverCutOff === null;
  if (isNothing) return null;
  return {
    ...foreseen,
    packet: state.facts.packet,
    shiftsLosingQuorum: opened
      .filter(({ code }) => QUORUM_CODES.has(code))
      .map(({ subject }) => subject),
    approvalLapses: standingBefore !== "LAPSED" && standingAfter === "LAPSED",
    approverCutOff,
  };
}
