import type { Material } from "#packet/approval.ts";
import type { Remedy } from "#packet/hold.ts";
import type { Name } from "#packet/name.ts";
import { BoundKind, SourceKind } from "#packet/source.ts";
import { canonical } from "#proof/canonical.ts";
import { type Loosened, loosened } from "./loosened.ts";
import { withoutEnded } from "./material.ts";
import type { PacketState } from "./state.ts";
import { CLEARING, escalations, openHolds } from "./view.ts";

/** A version that was replaced by another. */
export interface VersionChange {
  readonly kind: SourceKind;
  readonly from: number;
  readonly to: number;
}

/** A part of the material that is no longer what the owner last decided on. */
export type MaterialPart = Exclude<keyof Material, "sources" | "bindings">;

/** Rule 5.6: what changed since the last decision, or since the opening. */
export interface Review {
  /** The revision that recorded the last decision, or revision 1. */
  readonly sinceRevision: number;
  readonly sources: readonly VersionChange[];
  readonly bindings: readonly VersionChange[];
  readonly material: readonly MaterialPart[];
  /** Every number of a policy that became looser, each to be marked to the owner. */
  readonly loosened: readonly Loosened[];
}

const PARTS: readonly MaterialPart[] = [
  "seating",
  "enclaves",
  "custody",
  "safeguards",
  "liftedQuarantines",
];

/** What the owner has to look at anew. Shifts that have ended are no change. */
export function reviewOf(state: PacketState): Review {
  const { reviewed, facts, material } = state;
  const known = withoutEnded(reviewed.material, facts, state.epoch);
  const changed = (kind: SourceKind, from: number, to: number): VersionChange[] =>
    from === to ? [] : [{ kind, from, to }];
  return {
    sinceRevision: reviewed.revision,
    sources: SourceKind.options.flatMap((kind) =>
      changed(kind, reviewed.sources[kind].version, facts.sources[kind].version),
    ),
    bindings: BoundKind.options.flatMap((kind) =>
      changed(kind, reviewed.bindings[kind], facts.bindings[kind]),
    ),
    material: PARTS.filter((part) => canonical(known[part]) !== canonical(material[part])),
    loosened: loosened(reviewed.sources, facts.sources),
  };
}

/** Something that waits for somebody. */
export interface Waiting {
  readonly what: "DECISION" | "CLEARING";
  /** Who can: the owner, or for a hold its remedy. */
  readonly who: "APPROVAL_OWNER" | Remedy;
  /** By name where the lane names somebody. */
  readonly named: Name | null;
  /** How many holds wait for them; none for a decision. */
  readonly holds: number;
}

/** Rule 5.6: a packet that is ready stays in its owner's work list until decided; holds wait for whoever can clear them. */
export function waitingFor(state: PacketState): Waiting[] {
  if (state.closing !== null) return [];
  if (state.status === "READY_FOR_APPROVAL") {
    const { owner } = state.facts.sources.APPROVAL_LANE.content;
    return [{ what: "DECISION", who: "APPROVAL_OWNER", named: owner, holds: 0 }];
  }
  const authorities = new Map(escalations(state).map((item) => [item.hold, item.authority]));
  const waiting = new Map<string, Waiting>();
  for (const hold of openHolds(state)) {
    const who = CLEARING[hold.code].remedy;
    const named = who === "UPSTREAM_AUTHORITY" ? (authorities.get(hold) ?? null) : null;
    const key = `${who} ${named ?? ""}`;
    const earlier = waiting.get(key)?.holds ?? 0;
    waiting.set(key, { what: "CLEARING", who, named, holds: earlier + 1 });
  }
  return [...waiting.values()];
}
