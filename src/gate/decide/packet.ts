import type {
  EscalationAcknowledged,
  Occurrence,
  OperatorHoldPlaced,
  OperatorHoldReleased,
  PacketBound,
  PacketOpened,
  PacketResubmitted,
} from "#packet/fact.ts";
import type { PacketReport } from "#packet/entry.ts";
import type { PacketId } from "#packet/name.ts";
import {
  DutiesNotSeparate,
  type Fault,
  InvalidInput,
  Refusal,
  SourcesMissing,
  TrainHasPacket,
  UnknownPacket,
  UnknownPlacement,
  WrongStatus,
} from "#packet/refusal.ts";
import { type Bindings, BoundKind, SourceKind, type Sources } from "#packet/source.ts";
import { absorbOpening } from "../absorb.ts";
import type { PacketState } from "../state.ts";
import type { Asking } from "./asking.ts";
import { type Receiving, decideEntries } from "./entries.ts";

/** Versions that have never been accepted cannot be bound to; older ones can, and hold. */
export function bindingFaults(bindings: Bindings, sources: Sources): Fault[] {
  return BoundKind.options.flatMap((kind) => {
    const newest = sources[kind].version;
    if (bindings[kind] <= newest) return [];
    return [
      {
        path: ["bindings", kind],
        message: `does not exist: the newest accepted version is ${newest}`,
      },
    ];
  });
}

/** Bind the packet to accepted versions. */
export function decideBind(head: PacketState, bindings: Bindings): PacketBound | Refusal {
  const faults = bindingFaults(bindings, head.facts.sources);
  return faults.length > 0 ? new InvalidInput(faults) : { kind: "PACKET_BOUND", bindings };
}

/** What is known of a train when a packet is to be opened for it. */
export interface TrainToOpen {
  readonly sources: Partial<Sources>;
  readonly openPacket: PacketId | null;
  /** The packet to succeed: null when none was named, undefined when it is not a closed packet of this train. */
  readonly succeeds: PacketId | null | undefined;
}

/** What a packet is to be opened with. */
export interface Opening {
  readonly bindings: Bindings;
  readonly entries: readonly PacketReport[];
}

type Identity = Pick<PacketOpened, "packet" | "train" | "exercise" | "clock">;

/** Rule 3.3: scope, bindings and first entries together. The reports on shared subjects are the ledger's to add. */
export function decideOpen(
  train: TrainToOpen,
  identity: Identity,
  { bindings, entries }: Opening,
  receiving: Receiving,
): PacketOpened | Refusal {
  const fact = openingFact(train, identity, bindings, receiving);
  if (fact instanceof Refusal) return fact;
  const { actor, epoch } = receiving;
  const { facts } = absorbOpening({ fact, actor, epoch });
  const recorded = decideEntries({ facts }, entries, receiving);
  return recorded instanceof Refusal ? recorded : { ...fact, entries: recorded.entries };
}

function openingFact(
  train: TrainToOpen,
  identity: Identity,
  bindings: Bindings,
  asking: Asking,
): PacketOpened | Refusal {
  const { sources, openPacket, succeeds } = train;
  if (!isComplete(sources)) {
    return new SourcesMissing(SourceKind.options.filter((kind) => sources[kind] === undefined));
  }
  if (openPacket !== null) return new TrainHasPacket();
  if (succeeds === undefined) return new UnknownPacket();
  const duties = preparerDuties(sources, asking);
  if (duties !== null) return duties;
  const faults = bindingFaults(bindings, sources);
  if (faults.length > 0) return new InvalidInput(faults);
  return { kind: "PACKET_OPENED", ...identity, succeeds, bindings, sources, entries: [] };
}

function isComplete(sources: Partial<Sources>): sources is Sources {
  return SourceKind.options.every((kind) => sources[kind] !== undefined);
}

/** Rule 2.1: whoever made the lane, or is the owner it names, does not prepare the packet. */
export function preparerDuties(
  sources: Sources,
  { actor }: Pick<Occurrence, "actor">,
): Refusal | null {
  const lane = sources.APPROVAL_LANE;
  if (lane.content.owner === actor.actor) {
    return new DutiesNotSeparate(
      "the approval owner cannot prepare the packet that they decide on",
    );
  }
  if (lane.proposedBy === actor.actor || lane.acceptedBy === actor.actor) {
    return new DutiesNotSeparate(
      "who proposed or confirmed the approval lane cannot prepare its packet",
    );
  }
  return null;
}

/** Rule 3.5: anybody entitled may place an operator hold at once. */
export function decidePlace(head: PacketState, reason: string): OperatorHoldPlaced {
  return { kind: "OPERATOR_HOLD_PLACED", placement: head.facts.placements.size + 1, reason };
}

/** Rule 3.5: an operator hold is released with a reason; nothing else is touched. */
export function decideRelease(
  head: PacketState,
  placement: number,
  reason: string,
): OperatorHoldReleased | Refusal {
  if (head.facts.placements.get(placement)?.released !== false)
    return new UnknownPlacement(placement);
  return { kind: "OPERATOR_HOLD_RELEASED", placement, reason };
}

/** Rule 3.8: acknowledging is recorded and clears nothing. */
export function decideAcknowledge(
  head: PacketState,
  note: string,
): EscalationAcknowledged | Refusal {
  if (head.status !== "ESCALATED")
    return new WrongStatus(head.status, "there is no escalation to acknowledge");
  return { kind: "ESCALATION_ACKNOWLEDGED", note };
}

/** Rule 3.5: a preparer answers the owner's rejection, and is not the owner. */
export function decideResubmit(
  head: PacketState,
  answer: string,
  { actor }: Asking,
): PacketResubmitted | Refusal {
  if (head.facts.rejection === null)
    return new WrongStatus(head.status, "no rejection waits for an answer");
  if (actor.actor === head.facts.sources.APPROVAL_LANE.content.owner) {
    return new DutiesNotSeparate("the approval owner cannot answer their own rejection");
  }
  return { kind: "PACKET_RESUBMITTED", answer };
}
