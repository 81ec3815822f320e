import { PERMISSIONS, type Verb, entitle } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import {
  type Fact,
  type FactKind,
  HOLDFAST,
  type Occurrence,
  type PacketOpened,
} from "#packet/fact.ts";
import { ApprovalRefused, InvalidInput, Refusal } from "#packet/refusal.ts";
import { type AcceptedSource, Bindings } from "#packet/source.ts";
import { decideApprove, decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import type { Asking } from "#gate/decide/asking.ts";
import {
  bindingFaults,
  decideAcknowledge,
  decideBind,
  decidePlace,
  decideRelease,
  decideResubmit,
  preparerDuties,
} from "#gate/decide/packet.ts";
import { confirmationDuties, laneDuties } from "#gate/decide/source.ts";
import type { PacketState } from "#gate/state.ts";
import type { MemberFault } from "./finding.ts";
import type { SteadyDigests } from "./steadyDigests.ts";

type Steady = Pick<SteadyDigests, "digestOf" | "epochOf">;

/**
 * Why a decision that stands in the lineage was not to be had, decided again by the gate from the
 * packet before it (rules 2.1, 3.5, 3.8, 5.1 and 5.3); null when it was. What roles somebody had
 * then is not recorded: where a role alone entitles, it is taken to have been there.
 */
export function entitlementFault(
  head: PacketState,
  occurrence: Occurrence,
  steady: Steady,
): MemberFault | null {
  const { fact, actor, epoch } = occurrence;
  const doubt = head.facts.clock.frozen ? "EPOCH_FROZEN" : null;
  const asking: Asking = { actor: { ...actor, roles: ["RELEASE_SECURITY"] }, epoch, doubt };
  const stranger = strangerFault(occurrence);
  if (stranger !== null) return stranger;
  if (fact.kind === "SOURCE_ACCEPTED") {
    const why = whyNotAccepted(head, fact.source, asking);
    return why === null ? null : notToBeHad("body.fact", why);
  }
  const decided = decideAgain(head, fact, asking, steady);
  return (
    refusalFault(decided) ??
    placementFault(fact, decided) ??
    ("bindings" in fact ? bindingsFault(fact.bindings) : null)
  );
}

/** Rule 2.1: the same of whoever opened a packet, and what they bound it to. */
export function openingFault(occurrence: Occurrence<PacketOpened>): MemberFault | null {
  const { bindings, sources } = occurrence.fact;
  return (
    strangerFault(occurrence) ??
    refusalFault(preparerDuties(sources, occurrence)) ??
    refusalFault(new InvalidInput(bindingFaults(bindings, sources))) ??
    bindingsFault(bindings)
  );
}

/** What the gate would have decided; null for what it decides nothing about. */
function decideAgain(
  head: PacketState,
  fact: Fact,
  asking: Asking,
  steady: Steady,
): Fact | Refusal | null {
  switch (fact.kind) {
    case "PACKET_APPROVED": {
      const { revision, digest, signature } = fact;
      const named = { revision, digest, recordedDigest: steady.digestOf(revision) };
      const namedEpoch = steady.epochOf(revision);
      const signed = signature === undefined ? null : { signature, namedEpoch };
      return decideApprove(head, named, asking, signed);
    }
    case "PACKET_REJECTED": {
      const { reason, signature } = fact;
      if (signature === undefined) return decideReject(head, reason, asking);
      const { revision } = signature;
      const recordedDigest = steady.digestOf(revision);
      const signed = { signature, namedEpoch: steady.epochOf(revision), recordedDigest };
      return decideReject(head, reason, asking, signed);
    }
    case "PACKET_WITHDRAWN":
      return decideWithdraw(head, fact.reason, asking);
    case "PACKET_BOUND":
      return decideBind(head, fact.bindings);
    case "PACKET_RESUBMITTED":
      return asPerson(asking.actor, "packetResubmit") ?? decideResubmit(head, fact.answer, asking);
    case "OPERATOR_HOLD_PLACED":
      return asPerson(asking.actor, "operatorHoldPlace") ?? decidePlace(head, fact.reason);
    case "OPERATOR_HOLD_RELEASED": {
      const { placement, reason } = fact;
      const system = asPerson(asking.actor, "operatorHoldRelease");
      return system ?? decideRelease(head, placement, reason);
    }
    case "ESCALATION_ACKNOWLEDGED":
      return asPerson(asking.actor, "escalationAcknowledge") ?? decideAcknowledge(head, fact.note);
    default:
      return null;
  }
}

/** Rule 5.3: why a system may not do it, whatever its roles. */
function asPerson(actor: Actor, verb: Verb): Refusal | null {
  return entitle({ ...actor, roles: PERMISSIONS[verb].roles }, verb);
}

/** What happens by itself: whoever asks for anything else has another name. */
const OF_ITSELF: readonly FactKind[] = ["CLOCK_CHANGED", "EPOCH_REACHED"];

function strangerFault({ fact, actor }: Occurrence): MemberFault | null {
  if (actor.actor !== HOLDFAST.actor || OF_ITSELF.includes(fact.kind)) return null;
  const expected = "somebody who may ask for it";
  return { kind: "ENTITLEMENT", member: "body.actor", expected, found: HOLDFAST.actor };
}

function notToBeHad(member: string, found: string): MemberFault {
  return { kind: "ENTITLEMENT", member, expected: "a decision that may be made", found };
}

function refusalFault(decided: Fact | Refusal | null): MemberFault | null {
  if (decided instanceof ApprovalRefused) {
    return notToBeHad("body.fact", decided.reasons.map((reason) => reason.code).join(", "));
  }
  if (decided instanceof InvalidInput) {
    const [first] = decided.faults;
    return first === undefined
      ? null
      : notToBeHad(["body.fact", ...first.path].join("."), first.message);
  }
  return decided instanceof Refusal ? notToBeHad("body.fact", decided.code) : null;
}

/** Rule 3.5: each placement is its own subject, so that a release releases no other. */
function placementFault(fact: Fact, decided: Fact | Refusal | null): MemberFault | null {
  if (fact.kind !== "OPERATOR_HOLD_PLACED" || decided === null) return null;
  if (!("placement" in decided) || decided.placement === fact.placement) return null;
  const expected = `placement ${decided.placement}`;
  const found = `placement ${fact.placement}`;
  return { kind: "GAP", member: "body.fact.placement", expected, found };
}

/** Of every bound kind one version, from 1. */
function bindingsFault(bindings: Bindings): MemberFault | null {
  const fault = Bindings.safeParse(bindings).error?.issues[0];
  if (fault === undefined) return null;
  return notToBeHad(["body.fact.bindings", ...fault.path.map(String)].join("."), fault.message);
}

/** Rule 2.1: who accepted a source, against the lane that stood before it. */
function whyNotAccepted(
  { facts }: PacketState,
  source: AcceptedSource,
  asking: Asking,
): string | null {
  const { acceptedBy, acceptedEpoch, proposedBy } = source;
  if (acceptedBy !== asking.actor.actor) return `accepted by ${acceptedBy} and not by the actor`;
  if (acceptedEpoch !== asking.epoch) return `accepted at epoch ${acceptedEpoch}`;
  const newest = facts.sources[source.kind].version;
  if (source.version !== newest + 1) return `version ${source.version} after version ${newest}`;
  if (source.content.kind === "APPROVAL_LANE") {
    if (proposedBy === null) return "a lane that nobody proposed";
    const proposing = { ...asking, actor: { ...asking.actor, actor: proposedBy } };
    const faults = [
      laneDuties(source.content, facts.preparer, proposing),
      laneDuties(source.content, facts.preparer, asking),
      confirmationDuties(proposedBy, asking),
    ];
    return faults.find((fault) => fault !== null)?.code ?? null;
  }
  const { authorities } = facts.sources.APPROVAL_LANE.content;
  const authority = authorities.find((item) => item.kind === source.kind)?.authority;
  return authority === acceptedBy ? null : "NOT_THE_AUTHORITY";
}
