import type { Known } from "./known.ts";
import type { Entry, EntryOf, QuarantineSelector, Sources } from "./shapes.ts";

/** What is known, at an epoch; `ageless` as though every age limit were endless (reading 17). */
export interface View {
  readonly known: Known;
  readonly epoch: bigint;
  readonly ageless: boolean;
  /** Every reporter's newest entry on every subject, in ledger order. */
  readonly newest: readonly Entry[];
  /** Those of them that count (readings 1 to 3). */
  readonly words: readonly Entry[];
}

const said = new WeakMap<Known, Pick<View, "newest" | "words">>();
const views = new WeakMap<Known, Map<bigint, View>>();

/** Looks at what is known as of an epoch: the same view whoever looks, so that answers are kept by it. */
export function viewAt(known: Known, epoch: bigint): View {
  const byEpoch = views.get(known) ?? new Map<bigint, View>();
  views.set(known, byEpoch);
  const words = said.get(known) ?? wordsIn(known);
  said.set(known, words);
  const view = byEpoch.get(epoch) ?? { known, epoch, ageless: false, ...words };
  byEpoch.set(epoch, view);
  return view;
}

function wordsIn(known: Known): Pick<View, "newest" | "words"> {
  const newest = newestOfEachReporter(known.entries);
  return { newest, words: countingOf(known.sources, known.entries) };
}

const unaged = new WeakMap<View, View>();

/** The same, had nothing aged (reading 17). */
export function hadNothingAged(view: View): View {
  const known = unaged.get(view);
  if (known !== undefined) return known;
  const without = { ...view, ageless: true };
  unaged.set(view, without);
  return without;
}

/** A quarantine's selector as it stands in subjects. */
export function selectorText(selector: QuarantineSelector): string {
  if (selector.by === "DIGEST") return `DIGEST ${selector.digest}`;
  if (selector.by === "LOCATION") return `LOCATION ${selector.location}`;
  return `MANIFEST ${selector.version}`;
}

/** An entry's subject: its kind, then what it is about (decision record 0020, Subjects). */
export function subjectOf(entry: Entry): string {
  switch (entry.kind) {
    case "DIGEST_CONFIRMATION":
    case "REPRODUCIBILITY_CHECK":
      return `${entry.kind} ${entry.artifact}`;
    case "AVAILABILITY":
      return `${entry.kind} ${entry.shift} ${entry.person}`;
    case "CUSTODY":
      return `${entry.kind} ${entry.package} ${entry.custodian}`;
    case "SAFEGUARD":
      return `${entry.kind} ${entry.target} ${entry.safeguard}`;
    case "OBSERVATION":
      return `${entry.kind} ${entry.artifact} ${entry.digest} ${entry.location}`;
    case "QUARANTINE":
      return `${entry.kind} ${selectorText(entry.selector)}`;
    case "ENCLAVE_REPORT":
      return `${entry.kind} ${entry.enclave}`;
    case "CREDENTIAL_REVOCATION":
      return `${entry.kind} ${entry.person}`;
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
      return `${entry.kind} ${entry.component}`;
    case "RELEASE_INITIALISATION":
      return `${entry.kind} ${entry.component} ${entry.release.digest}`;
    case "KEY_ROTATION":
      return `${entry.kind} ${entry.component} ${entry.outgoing} ${entry.incoming}`;
    case "EMERGENCY_PLAN":
    case "EMERGENCY_EXERCISE":
      return `${entry.kind} DEPLOYMENT`;
  }
}

/** Keeps the last entry of each key, in the order of the entries kept. */
function lastOfEach(entries: readonly Entry[], key: (entry: Entry) => string): Entry[] {
  const last = new Map<string, Entry>();
  for (const entry of entries) {
    const name = key(entry);
    last.delete(name);
    last.set(name, entry);
  }
  return [...last.values()];
}

// Reading 1: for each subject and reporter only the newest entry is kept.
function newestOfEachReporter(entries: readonly Entry[]): Entry[] {
  return lastOfEach(entries, (entry) => `${subjectOf(entry)} ${entry.reporter}`);
}

// Reading 1: every reporter's confirmation, check and component report counts beside the others'
// (reading 6), of everything else only the newest word on its subject. Reading 26: what does not
// count for want of a signature takes the place of nothing that does.
function countingOf(sources: Sources, entries: readonly Entry[]): Entry[] {
  const accepted = entries.filter((entry) => isByAcceptedReporter(sources, entry));
  return lastOfEach(accepted, (entry) => {
    const each =
      entry.kind === "DIGEST_CONFIRMATION" ||
      entry.kind === "REPRODUCIBILITY_CHECK" ||
      entry.kind === "COMPONENT_STATE" ||
      entry.kind === "EMERGENCY_EXERCISE";
    return each ? `${subjectOf(entry)} ${entry.reporter}` : subjectOf(entry);
  });
}

// Reading 3: who may report these at all is said by their role.
const ENTITLED: readonly Entry["kind"][] = [
  "CREDENTIAL_REVOCATION",
  "COMPONENT_STATE",
  "COMPONENT_DECLARATION",
  "RELEASE_INITIALISATION",
  "KEY_ROTATION",
  "EMERGENCY_PLAN",
];

/** Rule 2.2, readings 2, 3, 26 and 27: whether the entry counts by who reported it, signed or not. */
export function isByAcceptedReporter(sources: Sources, entry: Entry): boolean {
  if (ENTITLED.includes(entry.kind)) return true;
  // Decision record 0085: an exercise is whose it is.
  if (entry.kind === "EMERGENCY_EXERCISE") return entry.person === entry.reporter;
  if (entry.reporter === sources.APPROVAL_LANE.content.owner) return false;
  const ofKind = sources.ACCEPTED_REPORTERS.content.accepted.filter(
    (item) => item.kind === entry.kind,
  );
  // Reading 26: a person's own word about their shifts is asked for a signature as well.
  if (ofKind.some((item) => item.signed === true) && entry.signature === undefined) return false;
  if (entry.kind === "AVAILABILITY" && entry.reporter === entry.person) return true;
  const listed = ofKind.some(
    (item) =>
      item.reporters.includes(entry.reporter) &&
      (item.subjects ?? [])
        .filter((limited) => limited.reporter === entry.reporter)
        .every((limited) => limited.subjects.some((subject) => subject === ownerOf(entry))),
  );
  if (entry.kind !== "REPRODUCIBILITY_CHECK") return listed;
  return listed && sources.REPRODUCIBILITY_POLICY.content.rebuilders.includes(entry.reporter);
}

// Reading 27: the name in a subject that says whose it is.
function ownerOf(entry: Entry): string | null {
  switch (entry.kind) {
    case "DIGEST_CONFIRMATION":
    case "REPRODUCIBILITY_CHECK":
      return entry.artifact;
    case "AVAILABILITY":
    case "CREDENTIAL_REVOCATION":
    case "EMERGENCY_EXERCISE":
      return entry.person;
    case "EMERGENCY_PLAN":
      return null;
    case "CUSTODY":
      return entry.package;
    case "SAFEGUARD":
      return entry.target;
    case "OBSERVATION":
      return entry.location;
    case "QUARANTINE":
      return entry.selector.by === "LOCATION" ? entry.selector.location : null;
    case "ENCLAVE_REPORT":
      return entry.enclave;
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
    case "RELEASE_INITIALISATION":
    case "KEY_ROTATION":
      return entry.component;
  }
}

// The same words are asked for over and over: they are told apart by kind once.
const byKind = new WeakMap<readonly Entry[], Map<Entry["kind"], Entry[]>>();

/** The counting words of one kind. */
export function wordsOf<K extends Entry["kind"]>(view: View, kind: K): readonly EntryOf<K>[] {
  const known = byKind.get(view.words) ?? new Map<Entry["kind"], Entry[]>();
  byKind.set(view.words, known);
  const words = known.get(kind) ?? view.words.filter((entry) => entry.kind === kind);
  known.set(kind, words);
  return words as EntryOf<K>[];
}

/** Readings 4 and 5: how old the entry may grow if it is good news, null if it is none. */
export function limitOfGoodNews(sources: Sources, entry: Entry): bigint | null {
  const limits = sources.FRESHNESS_POLICY.content;
  switch (entry.kind) {
    case "DIGEST_CONFIRMATION":
      return agreesWithManifest(sources, entry) ? limits.digestMaxAge : null;
    case "REPRODUCIBILITY_CHECK":
      return agreesWithManifest(sources, entry) ? limits.reproducibilityMaxAge : null;
    case "ENCLAVE_REPORT":
      return wouldBeFit(sources, entry) ? limits.attestationMaxAge : null;
    case "AVAILABILITY":
      return entry.status === "COMMITTED" ? limits.availabilityMaxAge : null;
    case "CUSTODY":
      return isSoundCustody(sources, entry) ? limits.custodyMaxAge : null;
    case "SAFEGUARD":
      return entry.status === "ENGAGED" ? limits.safeguardMaxAge : null;
    case "QUARANTINE":
      return entry.status === "IN_FORCE" ? limits.quarantineMaxAge : null;
    case "OBSERVATION":
      return entry.status === "GONE" ? limits.absenceMaxAge : null;
    case "EMERGENCY_EXERCISE":
      return sources.APPROVAL_LANE.content.emergencyAccess?.maxAgeEpochs ?? null;
    case "CREDENTIAL_REVOCATION":
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
    case "RELEASE_INITIALISATION":
    case "KEY_ROTATION":
    case "EMERGENCY_PLAN":
      return null;
  }
}

function agreesWithManifest(
  sources: Sources,
  entry: EntryOf<"DIGEST_CONFIRMATION" | "REPRODUCIBILITY_CHECK">,
): boolean {
  const speaksOfIt = sources.MANIFEST.content.artifacts.some(
    (artifact) => artifact.name === entry.artifact && artifact.digest === entry.digest,
  );
  return speaksOfIt && entry.observed === entry.digest;
}

function wouldBeFit(sources: Sources, report: EntryOf<"ENCLAVE_REPORT">): boolean {
  const accepted = sources.REQUIRED_ENCLAVES.content.enclaves.some(
    (item) => item.enclave === report.enclave && item.measurement === report.measurement,
  );
  return accepted && report.availability === "AVAILABLE" && report.sealing === "SEALED";
}

function isSoundCustody(sources: Sources, entry: EntryOf<"CUSTODY">): boolean {
  const speaksOfIt = sources.ROLLBACK_SCOPE.content.packages.some(
    (item) => item.package === entry.package && item.release.digest === entry.digest,
  );
  const verified = entry.observed === entry.digest && entry.seal !== null;
  return speaksOfIt && verified && entry.status === "HELD";
}

/** Rule 4.3.4: good news that has not aged out; at exactly its limit it still counts. */
export function isGood(view: View, entry: Entry): boolean {
  const limit = limitOfGoodNews(view.known.sources, entry);
  if (limit === null) return false;
  return view.ageless || view.epoch - entry.observedEpoch <= limit;
}

/** Rule 3.6, reading 3: a revoked credential is revoked for good, whoever reported it. */
export function isRevoked(view: View, person: string): boolean {
  return wordsOf(view, "CREDENTIAL_REVOCATION").some((entry) => entry.person === person);
}
