import type { Name } from "#packet/name.ts";
import {
  DutiesNotSeparate,
  NotTheAuthority,
  PolicyUnmeetable,
  type Refusal,
  SourcesMissing,
} from "#packet/refusal.ts";
import type { ApprovalLane, SourceContent, SourceProposal, Sources } from "#packet/source.ts";
import type { TimeMapping } from "#packet/epoch.ts";
import { mapCalendar, mapWindow } from "#recovery/mapping.ts";
import { shortage } from "../seats.ts";
import type { Asking } from "./asking.ts";

/** Rule 2.1: only the authority that the lane names accepts a source of its kind. */
export function decideSource(
  sources: Partial<Sources>,
  proposal: SourceProposal,
  mapping: TimeMapping,
  { actor }: Asking,
): SourceContent | Refusal {
  const lane = sources.APPROVAL_LANE?.content;
  if (lane === undefined) return new SourcesMissing(["APPROVAL_LANE"]);
  const authority = lane.authorities.find((item) => item.kind === proposal.kind)?.authority;
  if (authority !== actor.actor) return new NotTheAuthority(proposal.kind);
  return contentOf(sources, proposal, mapping);
}

/** Rules 4.2.6 and 6.3: what would be accepted: times become epochs, and no policy is accepted that nobody could meet. */
export function contentOf(
  sources: Partial<Sources>,
  proposal: SourceProposal,
  mapping: TimeMapping,
): SourceContent | Refusal {
  const unmeetable = unmeetableBy(sources, proposal);
  if (unmeetable !== null) return unmeetable;
  if (proposal.kind === "SHIFT_CALENDAR") return mapCalendar(proposal, mapping);
  return proposal.kind === "SHIPMENT_WINDOW" ? mapWindow(proposal, mapping) : proposal;
}

/** Rule 4.2.6; a roster is never refused on these grounds, because leaving people out must always be possible. */
function unmeetableBy(
  sources: Partial<Sources>,
  proposal: SourceProposal,
): PolicyUnmeetable | null {
  const people = sources.ROSTER?.content.people;
  if (people === undefined) return null;
  if (proposal.kind === "QUORUM_POLICY") {
    const short = shortage(proposal, people);
    if (short === "SEATS") {
      return new PolicyUnmeetable(
        ["source", "seats"],
        `the ${people.length} people of the roster cannot fill these seats at once`,
      );
    }
    if (short === "GROUPS") {
      const message = "the roster's signers cannot fill the seats from so many custody groups";
      return new PolicyUnmeetable(["source", "minCustodyGroups"], message);
    }
  }
  if (proposal.kind === "ROLLBACK_SCOPE") {
    const custodians = people.filter((person) => person.roles.includes("CUSTODIAN")).length;
    if (custodians < proposal.minCustodians) {
      const message = `asks for more than the ${custodians} custodians of the roster`;
      return new PolicyUnmeetable(["source", "minCustodians"], message);
    }
  }
  return null;
}

/** Rule 2.1: proposing or confirming a lane is for release security, never for the owner it names or the packet's preparer. */
export function laneDuties(
  lane: ApprovalLane,
  preparer: Name | null,
  { actor }: Asking,
): DutiesNotSeparate | null {
  if (actor.actor === lane.owner) {
    return new DutiesNotSeparate("the owner whom a lane names can neither propose nor confirm it");
  }
  if (actor.actor === preparer) {
    return new DutiesNotSeparate("the packet's preparer can neither propose nor confirm its lane");
  }
  return null;
}

/** Rule 2.1: one proposes, another confirms. */
export function confirmationDuties(proposedBy: Name, { actor }: Asking): DutiesNotSeparate | null {
  if (proposedBy !== actor.actor) return null;
  return new DutiesNotSeparate("who proposed a lane cannot confirm it");
}
