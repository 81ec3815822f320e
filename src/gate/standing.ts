import type { ApprovalStanding } from "#packet/approval.ts";

/** What bears on an approval at one revision. */
export interface Bearing {
  readonly isRejected: boolean;
  readonly isRevoked: boolean;
  /** The material is the approved one, ended shifts dropped from both. */
  readonly isCovered: boolean;
  readonly isOpenedOtherwiseThanByAge: boolean;
  readonly openHolds: number;
}

/** Rules 5.4 and 5.5: LAPSED is for good; age alone suspends, and refreshed evidence restores. */
export function nextStanding(standing: ApprovalStanding, bearing: Bearing): ApprovalStanding {
  if (standing === "LAPSED" || bearing.isRejected || bearing.isRevoked || !bearing.isCovered)
    return "LAPSED";
  if (bearing.isOpenedOtherwiseThanByAge) return "LAPSED";
  return bearing.openHolds > 0 ? "SUSPENDED" : "STANDING";
}
