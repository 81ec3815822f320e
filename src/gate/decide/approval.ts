import type { PacketApproved, PacketRejected, PacketWithdrawn } from "#packet/fact.ts";
import {
  AlreadyApproved,
  ApprovalRefused,
  ClockInDoubt,
  CredentialRevoked,
  DigestUnknown,
  Held,
  NotEntitled,
  NotTheOwner,
  PacketClosed,
  type Refusal,
  StaleRevision,
  SystemCannotDecide,
} from "#packet/refusal.ts";
import type { PacketState } from "../state.ts";
import { openHolds } from "../view.ts";
import type { Asking } from "./asking.ts";

/** The revision that an approval names. */
export interface NamedRevision {
  readonly revision: number;
  readonly digest: string;
  /** The digest that the ledger has under this number; null when it has no such revision. */
  readonly recordedDigest: string | null;
}

/** Rule 5.1: the owner approves one exact revision. Otherwise nothing is written and every reason is given. */
export function decideApprove(
  head: PacketState,
  named: NamedRevision,
  asking: Asking,
): PacketApproved | Refusal {
  const reasons = [
    ...ownerReasons(head, asking),
    ...statusReasons(head),
    ...revisionReasons(head, named),
    ...(asking.doubt === null ? [] : [new ClockInDoubt(asking.doubt)]),
  ];
  if (reasons.length > 0) return new ApprovalRefused(reasons);
  return { kind: "PACKET_APPROVED", revision: named.revision, digest: named.digest };
}

/** Rules 5.1 and 5.3: a person, the owner whom the newest lane names, with an unrevoked credential. */
function ownerReasons({ facts }: PacketState, { actor }: Asking): Refusal[] {
  const reasons: Refusal[] = [];
  if (actor.kind === "SYSTEM") reasons.push(new SystemCannotDecide());
  if (actor.actor !== facts.sources.APPROVAL_LANE.content.owner) reasons.push(new NotTheOwner());
  if (facts.revoked.has(actor.actor)) reasons.push(new CredentialRevoked());
  return reasons;
}

function statusReasons(head: PacketState): Refusal[] {
  if (head.closing !== null) return [new PacketClosed()];
  if (head.status === "APPROVED")
    return [new AlreadyApproved(head.approval?.revision ?? head.revision)];
  if (head.openHolds === 0) return [];
  return [new Held(openHolds(head).map(({ code, subject }) => ({ code, subject })))];
}

function revisionReasons(head: PacketState, named: NamedRevision): Refusal[] {
  if (named.recordedDigest !== named.digest)
    return [new DigestUnknown(named.revision, named.digest)];
  if (named.revision < head.steadySince)
    return [new StaleRevision(named.revision, head.steadySince)];
  return [];
}

/** Rule 5.3: the owner may reject in any open state, with a reason. */
export function decideReject(
  head: PacketState,
  reason: string,
  asking: Asking,
): PacketRejected | Refusal {
  const [first] = ownerReasons(head, asking);
  if (first !== undefined) return first;
  return { kind: "PACKET_REJECTED", reason };
}

/** Rule 5.3: only the owner or release security withdraws, and never a system. */
export function decideWithdraw(
  head: PacketState,
  reason: string,
  asking: Asking,
): PacketWithdrawn | Refusal {
  const { actor } = asking;
  if (actor.kind === "SYSTEM") return new SystemCannotDecide();
  if (head.facts.revoked.has(actor.actor)) return new CredentialRevoked();
  const isOwner = actor.actor === head.facts.sources.APPROVAL_LANE.content.owner;
  if (!isOwner && !actor.roles.includes("RELEASE_SECURITY"))
    return new NotEntitled("withdraw this packet");
  return { kind: "PACKET_WITHDRAWN", reason };
}
