import type { Actor } from "#packet/actor.ts";
import type { ClockDoubt } from "#packet/approval.ts";
import type { Report } from "#packet/entry.ts";
import type { Fact } from "#packet/fact.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Bindings } from "#packet/source.ts";
import type { Asking } from "#gate/decide/asking.ts";
import { decideApprove, decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import { decidePlace, decideRelease, decideResubmit } from "#gate/decide/packet.ts";
import { reachEpoch } from "#gate/lapse.ts";
import type { Revised } from "#gate/revise.ts";
import { advisories, openHolds } from "#gate/view.ts";
import type { Desk } from "./desk.ts";
import { digestOfRevision } from "./named.ts";
import { OWNER, person } from "./train.ts";

/** What people do at the desk, and what they read there. */

export const owner = person(OWNER, "APPROVAL_OWNER");
export const preparer = person("pia", "PREPARER");
export const security = person("rex", "RELEASE_SECURITY");

export function asking(desk: Desk, actor: Actor, doubt: ClockDoubt | null = null): Asking {
  return { actor, epoch: desk.epoch, doubt };
}

/** Records what was decided; a refusal is a fault of the test. */
export function record(desk: Desk, decided: Fact | Refusal, actor: Actor): Revised {
  if (decided instanceof Refusal) throw new Error(decided.message);
  const revised = desk.append(decided, actor);
  if (revised === null) throw new Error("the packet is closed");
  return revised;
}

/** Reports what must not be refused. */
export function tell(desk: Desk, reports: readonly Report[], reporter = "probe"): Revised {
  const revised = desk.report(reports, reporter);
  if (revised === null) throw new Error("the report was refused");
  return revised;
}

/** What becomes of an approval of this revision, by its right digest. */
export function askApproval(
  desk: Desk,
  revision = desk.state.revision,
  actor = owner,
  doubt: ClockDoubt | null = null,
) {
  const digest = digestOfRevision(revision);
  const named = { revision, digest, recordedDigest: digest };
  return decideApprove(desk.state, named, asking(desk, actor, doubt));
}

export function approve(desk: Desk, revision = desk.state.revision): Revised {
  return record(desk, askApproval(desk, revision), owner);
}

export function reject(desk: Desk, reason = "not yet"): Revised {
  return record(desk, decideReject(desk.state, reason, asking(desk, owner)), owner);
}

export function resubmit(desk: Desk, answer = "mended"): Revised {
  return record(desk, decideResubmit(desk.state, answer, asking(desk, preparer)), preparer);
}

export function place(desk: Desk, reason = "worried"): Revised {
  return record(desk, decidePlace(desk.state, reason), security);
}

export function release(desk: Desk, placement: number): Revised {
  return record(desk, decideRelease(desk.state, placement, "settled"), security);
}

export function withdraw(desk: Desk): Revised {
  return record(desk, decideWithdraw(desk.state, "over", asking(desk, security)), security);
}

/** Binds the packet to the newest of everything, but for what is named. */
export function bind(desk: Desk, changed: Partial<Bindings> = {}): Revised {
  const { sources } = desk.state.facts;
  const bindings = {
    TRUSTED_BRANCH: sources.TRUSTED_BRANCH.version,
    MANIFEST: sources.MANIFEST.version,
    REPRODUCIBILITY_POLICY: sources.REPRODUCIBILITY_POLICY.version,
    ROLLBACK_SCOPE: sources.ROLLBACK_SCOPE.version,
    ...changed,
  };
  return record(desk, { kind: "PACKET_BOUND", bindings }, preparer);
}

/** Holds and advisories as `CODE SUBJECT`, in their order. */
export function named(items: readonly { code: string; subject: string }[]): string[] {
  return items.map(({ code, subject }) => `${code} ${subject}`);
}

export function open(desk: Desk): string[] {
  return named(openHolds(desk.state));
}

/** The advisories of the present epoch. */
export function shown(desk: Desk): string[] {
  return named(advisories(reachEpoch(desk.state, desk.epoch).view));
}

/** How the approval stands, or null while there is none. */
export function standing(desk: Desk): string | null {
  return desk.state.approval?.standing ?? null;
}
