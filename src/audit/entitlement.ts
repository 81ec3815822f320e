import type { Entry } from "#packet/entry.ts";
import type { Occurrence } from "#packet/fact.ts";
import { ApprovalRefused, Refusal } from "#packet/refusal.ts";
import type { AcceptedSource } from "#packet/source.ts";
import { decideApprove, decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import type { Asking } from "#gate/decide/asking.ts";
import { confirmationDuties, laneDuties } from "#gate/decide/source.ts";
import type { PacketState } from "#gate/state.ts";
import type { SteadyDigests } from "./steadyDigests.ts";

/**
 * Why a decision that stands in the lineage was not to be had, decided again by the gate from the
 * packet before it (rules 2.1, 5.1 and 5.3); null when it was. What roles somebody had then is not
 * recorded: where a role alone entitles, it is taken to have been there.
 */
export function whyNotEntitled(
  head: PacketState,
  { fact, actor, epoch }: Occurrence,
  steady: Pick<SteadyDigests, "digestOf" | "epochOf">,
): string | null {
  const doubt = head.facts.clock.frozen ? "EPOCH_FROZEN" : null;
  const asking: Asking = { actor: { ...actor, roles: ["RELEASE_SECURITY"] }, epoch, doubt };
  const entries = "entries" in fact ? fact.entries : [];
  const foreign = entries.find(isForeignExercise);
  if (foreign !== undefined) return `${foreign.entry} is an exercise of somebody else's`;
  switch (fact.kind) {
    case "PACKET_APPROVED": {
      const { revision, digest, signature } = fact;
      const named = { revision, digest, recordedDigest: steady.digestOf(revision) };
      const namedEpoch = steady.epochOf(revision);
      const signed = signature === undefined ? null : { signature, namedEpoch };
      return reasonsOf(decideApprove(head, named, asking, signed));
    }
    case "PACKET_REJECTED": {
      const { reason, signature } = fact;
      if (signature === undefined) return reasonsOf(decideReject(head, reason, asking));
      const { revision } = signature;
      const recordedDigest = steady.digestOf(revision);
      const signed = { signature, namedEpoch: steady.epochOf(revision), recordedDigest };
      return reasonsOf(decideReject(head, reason, asking, signed));
    }
    case "PACKET_WITHDRAWN":
      return reasonsOf(decideWithdraw(head, fact.reason, asking));
    case "SOURCE_ACCEPTED":
      return whyNotAccepted(head, fact.source, asking);
    default:
      return null;
  }
}

/** ADR 0085: nobody reports that somebody else used the emergency path. */
function isForeignExercise(entry: Entry): boolean {
  return entry.kind === "EMERGENCY_EXERCISE" && entry.person !== entry.reporter;
}

function reasonsOf(decided: object): string | null {
  if (decided instanceof ApprovalRefused) {
    return decided.reasons.map((reason) => reason.code).join(", ");
  }
  return decided instanceof Refusal ? decided.code : null;
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
