import type { Epoch } from "#packet/epoch.ts";
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
import type { DecisionSignature, RejectionSignature } from "#packet/signature.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import type { PacketState } from "../state.ts";
import { openHolds } from "../view.ts";
import type { Asking } from "./asking.ts";

/** The revision that a decision names. */
export interface NamedRevision {
  readonly revision: number;
  readonly digest: string;
  /** The digest that the ledger has under this number; null when it has no such revision. */
  readonly recordedDigest: string | null;
}

/** A signature under a decision. By whom it is, and over what, is found elsewhere. */
interface SignedBy<S extends DecisionSignature> {
  readonly signature: S;
  /** The epoch of the revision that it names; null when there is no such revision. */
  readonly namedEpoch: Epoch | null;
}

/** Rule 5.1: the owner approves one exact revision. Otherwise nothing is written and every reason is given. */
export function decideApprove(
  head: PacketState,
  named: NamedRevision,
  asking: Asking,
  signed: SignedBy<DecisionSignature> | null = null,
): PacketApproved | Refusal {
  const reasons = [
    ...ownerReasons(head, asking),
    ...statusReasons(head),
    ...revisionReasons(head, named),
    ...(asking.doubt === null ? [] : [new ClockInDoubt(asking.doubt)]),
    ...(signed === null ? [] : signatureReasons(signed, asking)),
  ];
  if (reasons.length > 0) return new ApprovalRefused(reasons);
  const { revision, digest } = named;
  const signature = signed === null ? {} : { signature: signed.signature };
  return { kind: "PACKET_APPROVED", revision, digest, ...signature };
}

/** The statement was prepared when its revision was there, and not later than it is taken. */
function signatureReasons(
  { signature, namedEpoch }: SignedBy<DecisionSignature>,
  { epoch }: Asking,
): Refusal[] {
  if (signature.epoch > epoch) {
    return [new SignatureInvalid(`its epoch lies in the future: the epoch is ${epoch}`)];
  }
  if (namedEpoch === null || signature.epoch >= namedEpoch) return [];
  return [
    new SignatureInvalid(`its epoch lies before that of its revision, which is ${namedEpoch}`),
  ];
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

/** A signed rejection: what was signed of which revision. */
export interface SignedRejection extends SignedBy<RejectionSignature> {
  /** The digest that the ledger has under the number that the signature names. */
  readonly recordedDigest: string | null;
}

/**
 * Rule 5.3: the owner may reject in any open state, with a reason. It needs no signature, so that
 * nothing keeps a packet from being held; what is signed must be about what is still there.
 */
export function decideReject(
  head: PacketState,
  reason: string,
  asking: Asking,
  signed: SignedRejection | null = null,
): PacketRejected | Refusal {
  const [first] = [
    ...ownerReasons(head, asking),
    ...(signed === null ? [] : rejectionReasons(head, signed, asking)),
  ];
  if (first !== undefined) return first;
  const signature = signed === null ? {} : { signature: signed.signature };
  return { kind: "PACKET_REJECTED", reason, ...signature };
}

function rejectionReasons(head: PacketState, signed: SignedRejection, asking: Asking): Refusal[] {
  const { revision, digest } = signed.signature;
  const named = { revision, digest, recordedDigest: signed.recordedDigest };
  return [...revisionReasons(head, named), ...signatureReasons(signed, asking)];
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
