import { type Entry, entrySubject } from "#packet/entry.ts";
import type { Fact, Occurrence, PacketOpened, SourceAccepted } from "#packet/fact.ts";
import type { Artifact, Manifest } from "#packet/manifest.ts";
import { Prerequisite } from "#packet/hold.ts";
import { type Name, compareNames } from "#packet/name.ts";
import { acceptanceOf } from "./acceptance.ts";
import type { Sources } from "#packet/source.ts";
import { CONCERNED_BY_SOURCE, type Cell, cellsOf, concernedByEntry } from "./cells.ts";
import { foldComponent } from "./components.ts";
import { type Sorted, sorted } from "./sorted.ts";
import type { DroppedArtifact, Facts, FrozenManifest } from "./state.ts";
import { takeOverWords } from "./words.ts";

/** Facts with one more fact folded in, and the cells that must be judged again. */
export interface Absorbed {
  readonly facts: Facts;
  readonly dirty: readonly Cell[];
}

/** The facts of a packet that has just opened; everything is to be judged. */
export function absorbOpening(occurrence: Occurrence<PacketOpened>): Absorbed {
  const { fact, actor } = occurrence;
  const manifest = freeze(fact.sources.MANIFEST.content, fact.sources.MANIFEST.version);
  const facts: Facts = {
    packet: fact.packet,
    train: fact.train,
    exercise: fact.exercise,
    preparer: actor.actor,
    succeeds: fact.succeeds,
    ...derivedFrom(fact.sources),
    bindings: fact.bindings,
    clock: fact.clock,
    evidence: sorted(),
    revoked: new Set(),
    components: new Map(),
    manifest,
    manifests: new Map([[manifest.version, manifest]]),
    dropped: new Map(),
    placements: new Map(),
    rejection: null,
  };
  const withEntries = fold(facts, fact.entries);
  return {
    facts: withEntries,
    dirty: Prerequisite.options.flatMap((item) => cellsOf(withEntries, item)),
  };
}

/** Folds any later fact in. Decisions and lapses leave the facts as they are. */
export function absorb(facts: Facts, occurrence: Occurrence): Absorbed {
  const { fact, actor } = occurrence;
  switch (fact.kind) {
    case "SOURCE_ACCEPTED":
      return absorbSource(facts, fact);
    case "ENTRIES_RECORDED":
      return absorbEntries(facts, fact.entries);
    case "PACKET_BOUND": {
      const bound = ["MANIFEST_BINDING", "REPRODUCIBILITY", "ROLLBACK_SCOPE"] as const;
      const dirty = bound.map((prerequisite) => ({ prerequisite, part: "" }));
      return { facts: { ...facts, bindings: fact.bindings }, dirty };
    }
    case "CLOCK_CHANGED":
      return {
        facts: { ...facts, clock: fact.clock },
        dirty: [{ prerequisite: "TIME", part: "" }],
      };
    case "PACKET_OPENED":
      throw new Error("a packet opens once, as revision 1");
    default:
      return {
        facts: absorbDecision(facts, fact, actor.actor),
        dirty: [{ prerequisite: "PLACED", part: "" }],
      };
  }
}

function absorbDecision(facts: Facts, fact: Fact, by: Name): Facts {
  switch (fact.kind) {
    case "OPERATOR_HOLD_PLACED": {
      const { placement, reason } = fact;
      const placed = { placement, reason, placedBy: by, released: false };
      return { ...facts, placements: new Map(facts.placements).set(placement, placed) };
    }
    case "OPERATOR_HOLD_RELEASED": {
      const placed = facts.placements.get(fact.placement);
      if (placed === undefined) return facts;
      const released = { ...placed, released: true };
      return { ...facts, placements: new Map(facts.placements).set(fact.placement, released) };
    }
    case "PACKET_REJECTED":
      return { ...facts, rejection: { reason: fact.reason, rejectedBy: by } };
    case "PACKET_RESUBMITTED":
      return { ...facts, rejection: null };
    default:
      return facts;
  }
}

function absorbEntries(facts: Facts, entries: readonly Entry[]): Absorbed {
  const folded = fold(facts, entries);
  return { facts: folded, dirty: entries.flatMap((entry) => concernedByEntry(folded, entry)) };
}

function absorbSource(before: Facts, { source, entries }: SourceAccepted): Absorbed {
  const sources: Sources = { ...before.sources, [source.kind]: source };
  let facts: Facts = { ...before, ...derivedFrom(sources) };
  if (source.kind === "MANIFEST") facts = refreeze(facts, sources);
  facts = fold(facts, entries);
  const concerned = CONCERNED_BY_SOURCE[source.kind];
  // The cells of before are judged again as well, so that what left the scope says nothing any more.
  const dirty = concerned.flatMap((item) => [...cellsOf(before, item), ...cellsOf(facts, item)]);
  return {
    facts,
    dirty: [...dirty, ...entries.flatMap((entry) => concernedByEntry(facts, entry))],
  };
}

type Derived = Pick<Facts, "sources" | "shifts"> & ReturnType<typeof acceptanceOf>;

function derivedFrom(sources: Sources): Derived {
  const shifts = sources.SHIFT_CALENDAR.content.shifts.toSorted((left, right) =>
    left.first === right.first
      ? compareNames(left.shift, right.shift)
      : left.first < right.first
        ? -1
        : 1,
  );
  return { sources, ...acceptanceOf(sources), shifts };
}

function freeze(manifest: Manifest, version: number): FrozenManifest {
  const byName = new Map<string, Artifact>();
  const byDigest = new Map<string, Artifact[]>();
  for (const artifact of manifest.artifacts) {
    byName.set(artifact.name, artifact);
    const alike = byDigest.get(artifact.digest);
    if (alike === undefined) byDigest.set(artifact.digest, [artifact]);
    else alike.push(artifact);
  }
  return { version, byName, byDigest };
}

/** Rule 4.2.4: what a new manifest drops counts as observed outside it, until a later one has it again. */
function refreeze(facts: Facts, sources: Sources): Facts {
  const manifest = freeze(sources.MANIFEST.content, sources.MANIFEST.version);
  const dropped = new Map<string, DroppedArtifact>();
  const isIn = ({ artifact, digest }: DroppedArtifact): boolean =>
    manifest.byName.get(artifact)?.digest === digest;
  const drop = (pair: DroppedArtifact): void => {
    if (!isIn(pair)) dropped.set(`${pair.artifact} ${pair.digest}`, pair);
  };
  for (const pair of facts.dropped.values()) drop(pair);
  for (const { name, digest } of facts.manifest.byName.values()) drop({ artifact: name, digest });
  const manifests = new Map(facts.manifests).set(manifest.version, manifest);
  return { ...facts, manifest, manifests, dropped };
}

/** Rule 4.3.1: keeps each reporter's newest entry on a subject, and their newest signed one, in ledger order. */
function fold(facts: Facts, entries: readonly Entry[]): Facts {
  if (entries.length === 0) return facts;
  const evidence: Sorted<readonly Entry[]> = facts.evidence.clone();
  let { revoked, components } = facts;
  for (const entry of entries) {
    const subject = entrySubject(entry);
    const earlier = evidence.get(subject) ?? [];
    const others = earlier.filter((other) => !takesPlaceOf(entry, other));
    evidence.set(subject, [...others, entry]);
    if (entry.kind === "CREDENTIAL_REVOCATION") revoked = new Set(revoked).add(entry.person);
    components = foldComponent(components, entry);
  }
  const folded: Facts = { ...facts, evidence, revoked, components };
  takeOverWords(facts, folded, entries);
  return folded;
}

/** Reading 26: an unsigned entry never takes the place of a signed one, which may be all that counts. */
function takesPlaceOf(entry: Entry, other: Entry): boolean {
  if (other.reporter !== entry.reporter) return false;
  return entry.signature !== undefined || other.signature === undefined;
}
