import type { Epoch } from "#packet/epoch.ts";
import type { Finding, Hold, HoldCode, Prerequisite } from "#packet/hold.ts";
import { compareNames } from "#packet/name.ts";
import { hasLeftScope } from "./leaving.ts";
import type { Sorted } from "./sorted.ts";
import type { Facts, PacketState } from "./state.ts";

/** A hold's place in the register. */
function holdKey(hold: { code: HoldCode; subject: string }): string {
  return `${hold.code} ${hold.subject}`;
}

/** The codes of the B rows: while one is open the packet is ESCALATED (rule 3.1). */
export const UPSTREAM_CODES: ReadonlySet<HoldCode> = new Set([
  "OUTAGE_NOT_STANDING",
  "MANIFEST_BINDING_STALE",
  "BRANCH_BINDING_STALE",
  "REPRODUCIBILITY_POLICY_STALE",
  "REPRODUCIBILITY_REFERENCE_MISSING",
  "REPRODUCIBILITY_REFERENCE_STALE",
  "REPRODUCIBILITY_MISMATCH",
  "ROLLBACK_SCOPE_STALE",
  "ROLLBACK_INADMISSIBLE",
  "ROLLBACK_COMPONENT_DEVIATION",
]);

/** What one cell said before and says now. */
export interface Rejudged {
  readonly prerequisite: Prerequisite;
  readonly before: readonly Finding[];
  readonly now: readonly Finding[];
}

/** How a revision changes the register; each list is in order of code, then subject. */
export interface RegisterChange {
  readonly register: Sorted<Hold>;
  readonly opened: readonly Hold[];
  readonly cleared: readonly Hold[];
  readonly outOfScope: readonly Hold[];
  /** Open before and after, with new evidence or another sentence: no transition (rule 4.2.2). */
  readonly amended: readonly Hold[];
  /** True when a hold opened for which age alone is not the reason. */
  readonly openedOtherwiseThanByAge: boolean;
}

interface Change {
  readonly key: string;
  readonly prerequisite: Prerequisite;
  readonly finding: Finding | null;
}

/** Rules 4.2.2 and 4.2.3: opens what is newly found, ends what is no longer found, and keeps the rest as it is. */
export function changeRegister(
  before: PacketState | null,
  empty: Sorted<Hold>,
  facts: Facts,
  at: { readonly revision: number; readonly epoch: Epoch },
  rejudged: readonly Rejudged[],
): RegisterChange {
  const changes = changesOf(rejudged);
  const register =
    changes.length === 0 && before !== null ? before.register : (before?.register ?? empty).clone();
  let ordinal = before?.openings ?? 0;
  const lists = {
    opened: [] as Hold[],
    cleared: [] as Hold[],
    outOfScope: [] as Hold[],
    amended: [] as Hold[],
  };
  let openedOtherwiseThanByAge = false;
  for (const { key, prerequisite, finding } of changes) {
    const hold = register.get(key);
    if (finding === null) {
      if (hold?.status !== "OPEN") continue;
      const status = hasLeftScope(facts, at.epoch, hold) ? "OUT_OF_SCOPE" : "CLEARED";
      const ended: Hold = { ...hold, status, endedRevision: at.revision, endedEpoch: at.epoch };
      register.set(key, ended);
      (status === "CLEARED" ? lists.cleared : lists.outOfScope).push(ended);
    } else if (hold?.status === "OPEN") {
      if (isSameGround(hold, finding)) continue;
      const amended: Hold = { ...hold, why: finding.why, evidence: finding.evidence };
      register.set(key, amended);
      lists.amended.push(amended);
    } else {
      ordinal += 1;
      const opened = openHold(finding, prerequisite, ordinal, at);
      register.set(key, opened);
      lists.opened.push(opened);
      openedOtherwiseThanByAge ||= !finding.byAge;
    }
  }
  return { register, ...lists, openedOtherwiseThanByAge };
}

/** What to do for each hold concerned, in one order however the cells were visited. */
function changesOf(rejudged: readonly Rejudged[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { prerequisite, before } of rejudged) {
    for (const finding of before) {
      const key = holdKey(finding);
      changes.set(key, { key, prerequisite, finding: null });
    }
  }
  for (const { prerequisite, now } of rejudged) {
    for (const finding of now) {
      const key = holdKey(finding);
      changes.set(key, { key, prerequisite, finding });
    }
  }
  return [...changes.values()].toSorted((left, right) => compareNames(left.key, right.key));
}

function openHold(
  finding: Finding,
  prerequisite: Prerequisite,
  ordinal: number,
  at: { readonly revision: number; readonly epoch: Epoch },
): Hold {
  const { code, subject, why, evidence } = finding;
  const since = {
    sinceRevision: at.revision,
    sinceEpoch: at.epoch,
    endedRevision: null,
    endedEpoch: null,
  };
  return { code, subject, prerequisite, ordinal, status: "OPEN", why, evidence, ...since };
}

function isSameGround(hold: Hold, finding: Finding): boolean {
  return (
    hold.why === finding.why &&
    hold.evidence.length === finding.evidence.length &&
    hold.evidence.every((entry, index) => entry === finding.evidence[index])
  );
}
