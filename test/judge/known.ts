import type {
  Artifact,
  Bindings,
  ClockState,
  Entry,
  Fact,
  Occurrence,
  PacketOpened,
  Sources,
} from "./shapes.ts";

/** Everything that a history tells, before anything is concluded from it. */
export interface Known {
  readonly train: string;
  readonly sources: Sources;
  /** Those in force at the last approval or rejection, or else at the opening (reading 15). */
  readonly decidedSources: Sources;
  /** Every manifest that the packet has known, oldest first. */
  readonly manifests: readonly { version: number; artifacts: readonly Artifact[] }[];
  readonly bindings: Bindings;
  /** Every entry in ledger order: the order of arrival in this packet's history. */
  readonly entries: readonly Entry[];
  readonly clock: ClockState;
  /** Placements not released. */
  readonly placements: readonly number[];
  /** Rejected and not resubmitted since. */
  readonly rejected: boolean;
  readonly withdrawn: boolean;
}

// The same history is looked at epoch after epoch: it is read once, and again when it has grown.
const read = new WeakMap<readonly Occurrence[], { length: number; known: Known }>();

/** Reads a history, which must begin with the packet's opening, from its beginning. */
export function knownFrom(history: readonly Occurrence[]): Known {
  const earlier = read.get(history);
  if (earlier?.length === history.length) return earlier.known;
  const known = readFromBeginning(history);
  read.set(history, { length: history.length, known });
  return known;
}

function readFromBeginning(history: readonly Occurrence[]): Known {
  const [first, ...rest] = history.map((occurrence) => occurrence.fact);
  if (first?.kind !== "PACKET_OPENED") throw new Error("a history begins with PACKET_OPENED");
  return rest.reduce(after, begun(first));
}

// A fact says the same after the same facts, whoever reads it: each is learned once, so that
// whatever else is asked about what is then known finds its own earlier answers.
const openings = new WeakMap<Fact, Known>();
const learned = new WeakMap<Known, WeakMap<Fact, Known>>();

function begun(fact: PacketOpened): Known {
  const known = openings.get(fact) ?? atOpening(fact);
  openings.set(fact, known);
  return known;
}

function after(known: Known, fact: Fact): Known {
  const next = learned.get(known) ?? new WeakMap<Fact, Known>();
  learned.set(known, next);
  const then = next.get(fact) ?? learn(known, fact);
  next.set(fact, then);
  return then;
}

function atOpening(fact: PacketOpened): Known {
  const manifest = fact.sources.MANIFEST;
  return {
    train: fact.train,
    sources: fact.sources,
    decidedSources: fact.sources,
    manifests: [{ version: manifest.version, artifacts: manifest.content.artifacts }],
    bindings: fact.bindings,
    entries: fact.entries,
    clock: fact.clock,
    placements: [],
    rejected: false,
    withdrawn: false,
  };
}

function learn(known: Known, fact: Fact): Known {
  switch (fact.kind) {
    case "PACKET_OPENED":
      throw new Error("a packet is opened once");
    case "SOURCE_ACCEPTED":
      return learnSource(known, fact);
    case "PACKET_BOUND":
      return { ...known, bindings: fact.bindings };
    case "ENTRIES_RECORDED":
      return { ...known, entries: [...known.entries, ...fact.entries] };
    case "OPERATOR_HOLD_PLACED":
      return { ...known, placements: [...known.placements, fact.placement] };
    case "OPERATOR_HOLD_RELEASED":
      return { ...known, placements: known.placements.filter((one) => one !== fact.placement) };
    case "PACKET_APPROVED":
      return { ...known, decidedSources: known.sources };
    case "PACKET_REJECTED":
      return { ...known, decidedSources: known.sources, rejected: true };
    case "PACKET_RESUBMITTED":
      return { ...known, rejected: false };
    case "PACKET_WITHDRAWN":
      return { ...known, withdrawn: true };
    case "CLOCK_CHANGED":
      return { ...known, clock: fact.clock };
    case "ESCALATION_ACKNOWLEDGED":
    case "EPOCH_REACHED":
      return known;
  }
}

function learnSource(known: Known, fact: Extract<Fact, { kind: "SOURCE_ACCEPTED" }>): Known {
  const { source } = fact;
  const { content } = source;
  const manifests =
    content.kind === "MANIFEST"
      ? [...known.manifests, { version: source.version, artifacts: content.artifacts }]
      : known.manifests;
  const sources: Sources = { ...known.sources, [source.kind]: source };
  return { ...known, sources, manifests, entries: [...known.entries, ...fact.entries] };
}
