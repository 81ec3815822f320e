import type { Approval } from "#packet/approval.ts";
import type { Hold } from "#packet/hold.ts";
import { entrySubject } from "#packet/entry.ts";
import type { Fact } from "#packet/fact.ts";
import { BoundKind, SourceKind } from "#packet/source.ts";
import type { PacketState } from "#gate/state.ts";
import type { Revised } from "#gate/revise.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { hex } from "#proof/digest.ts";
import { MerkleMap } from "#proof/merkleMap.ts";
import { sealLeaf } from "#proof/saltedLeaf.ts";
import { arranged } from "./arranged.ts";
import { receiptOf } from "./factForm.ts";

/** The parts of the packet document, each a Merkle map of salted leaves (decision 1). */
export const SECTIONS = ["decisions", "entries", "holds", "sources"] as const;
export type Section = (typeof SECTIONS)[number];

/** The sections beside a packet's state; versions share what they have in common. */
export type Sections = { readonly [S in Section]: MerkleMap };

/** What a packet starts from. */
export const NO_SECTIONS: Sections = {
  decisions: MerkleMap.empty,
  entries: MerkleMap.empty,
  holds: MerkleMap.empty,
  sources: MerkleMap.empty,
};

/** One leaf to be set: every value says at which revision it was. */
export interface Leaf {
  readonly section: Section;
  readonly subject: string;
  readonly value: object;
}

/** The sections after one more revision; only what it changed is sealed anew. */
export function nextSections(
  sections: Sections,
  salt: Uint8Array,
  before: PacketState | null,
  revised: Revised,
): Sections {
  const next: Record<Section, MerkleMap> = { ...sections };
  const { revision } = revised.state;
  for (const { section, subject, value } of changedLeaves(before, revised)) {
    const bytes = canonicalBytes(arranged({ ...value, revision }));
    const { key, commitment } = sealLeaf(salt, section, subject, bytes);
    next[section] = next[section].set(key, commitment);
  }
  return next;
}

const roots = new WeakMap<MerkleMap, string>();

/** A root in hexadecimal digits; most revisions leave most sections as they are. */
function rootOf(map: MerkleMap): string {
  const known = roots.get(map);
  if (known !== undefined) return known;
  const root = hex(map.root());
  roots.set(map, root);
  return root;
}

/** The roots in hexadecimal digits. */
export function rootsOf(sections: Sections): Record<Section, string> {
  const root = (section: Section): string => rootOf(sections[section]);
  return {
    decisions: root("decisions"),
    entries: root("entries"),
    holds: root("holds"),
    sources: root("sources"),
  };
}

/** What a revision changes in the document, without the number of the revision. */
export function changedLeaves(before: PacketState | null, revised: Revised): Leaf[] {
  const { state, occurrence, opened, cleared, outOfScope, amended } = revised;
  const holds = [...opened, ...cleared, ...outOfScope, ...amended];
  return [
    ...factLeaves(occurrence.fact, state),
    ...holds.map(holdLeaf),
    ...decisionLeaves(revised),
    ...standingLeaf(before?.approval ?? null, state.approval),
  ];
}

function factLeaves(fact: Fact, state: PacketState): Leaf[] {
  switch (fact.kind) {
    case "PACKET_OPENED":
      return [
        identityLeaf(state),
        sourceLeaf("CLOCK", fact.clock),
        ...SourceKind.options.map((kind) => sourceLeaf(kind, receiptOf(fact.sources[kind]))),
        ...bindingLeaves(state),
        ...fact.entries.map(entryLeaf),
      ];
    case "SOURCE_ACCEPTED":
      return [sourceLeaf(fact.source.kind, receiptOf(fact.source)), ...fact.entries.map(entryLeaf)];
    case "PACKET_BOUND":
      return bindingLeaves(state);
    case "ENTRIES_RECORDED":
      return fact.entries.map(entryLeaf);
    case "CLOCK_CHANGED":
      return [sourceLeaf("CLOCK", fact.clock)];
    default:
      return [];
  }
}

function identityLeaf({ facts }: PacketState): Leaf {
  const { train, preparer, succeeds } = facts;
  return sourceLeaf("PACKET", { train, preparer, succeeds });
}

function bindingLeaves({ facts }: PacketState): Leaf[] {
  return BoundKind.options.map((kind) =>
    sourceLeaf(`BINDING ${kind}`, { kind, version: facts.bindings[kind] }),
  );
}

function sourceLeaf(subject: string, value: object): Leaf {
  return { section: "sources", subject, value };
}

/**
 * Each reporter's newest entry on a subject has a leaf: for some kinds all of them count (rule
 * 4.3.1); and so has their newest signed one, which an unsigned one does not replace.
 */
function entryLeaf(
  entry: Parameters<typeof entrySubject>[0] & { readonly reporter: string },
): Leaf {
  const signed = entry.signature === undefined ? "" : " SIGNED";
  const subject = `${entrySubject(entry)} ${entry.reporter}${signed}`;
  return { section: "entries", subject, value: entry };
}

function holdLeaf(hold: Hold): Leaf {
  return { section: "holds", subject: `${hold.code} ${hold.subject}`, value: hold };
}

/** What people decided, by the number of the revision that records it. */
function decisionLeaves({ state, occurrence }: Revised): Leaf[] {
  const { fact, actor, epoch } = occurrence;
  switch (fact.kind) {
    case "OPERATOR_HOLD_PLACED":
    case "OPERATOR_HOLD_RELEASED":
    case "ESCALATION_ACKNOWLEDGED":
    case "PACKET_APPROVED":
    case "PACKET_REJECTED":
    case "PACKET_RESUBMITTED":
    case "PACKET_WITHDRAWN":
      return [
        { section: "decisions", subject: String(state.revision), value: { fact, actor, epoch } },
      ];
    default:
      return [];
  }
}

/** The approval and how it stands, under one subject (rule 5.4). */
function standingLeaf(before: Approval | null, approval: Approval | null): Leaf[] {
  if (approval === null) return [];
  const isAsBefore =
    approval.recordedIn === before?.recordedIn && approval.standing === before.standing;
  if (isAsBefore) return [];
  const { material: _, ...recorded } = approval;
  return [{ section: "decisions", subject: "APPROVAL", value: recorded }];
}
