import type { EntryOf } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Finding } from "#packet/hold.ts";
import type { EntryId } from "#packet/name.ts";
import { artifactSubject } from "./checks.ts";
import { Notes, countingOf, entriesOf, isAccepted, isFresh } from "./evidence.ts";
import { startingWith } from "./sorted.ts";
import type { DroppedArtifact, Facts, Verdict } from "./state.ts";

type Quarantine = EntryOf<"QUARANTINE">;
type Observation = EntryOf<"OBSERVATION">;

/** True when the newest manifest has exactly this pair. */
function isInManifest(facts: Facts, pair: DroppedArtifact): boolean {
  return facts.manifest.byName.get(pair.artifact)?.digest === pair.digest;
}

function quarantineBy(facts: Facts, selector: string): Quarantine | undefined {
  const word = countingOf(facts, "QUARANTINE", selector);
  return word?.status === "IN_FORCE" ? word : undefined;
}

/** The quarantines that select the pair wherever it is: by its digest, or by a manifest that has it. */
function quarantinesAnywhere(facts: Facts, pair: DroppedArtifact): Quarantine[] {
  const selectors = [`DIGEST ${pair.digest}`];
  if (!isInManifest(facts, pair)) {
    for (const manifest of facts.manifests.values()) {
      if (manifest.byName.get(pair.artifact)?.digest !== pair.digest) continue;
      selectors.push(`MANIFEST ${manifest.version}`);
    }
  }
  return selectors.flatMap((selector) => quarantineBy(facts, selector) ?? []);
}

/** Every place with an observation of the pair, by the counting word there. */
function observationsOf(facts: Facts, pair: DroppedArtifact): Observation[] {
  return startingWith(facts.evidence, `OBSERVATION ${pair.artifact} ${pair.digest} `).flatMap(
    ([, entries]) => {
      const word = entries.findLast((entry) => isAccepted(facts, entry));
      return word?.kind === "OBSERVATION" ? [word] : [];
    },
  );
}

/** The pairs that rule 4.1.11 has something to say about: seen, dropped, or quarantined though in the manifest. */
export function pairsOfConcern(facts: Facts): Map<string, DroppedArtifact> {
  const pairs = new Map(facts.dropped);
  const add = (pair: DroppedArtifact): void => {
    pairs.set(`${pair.artifact} ${pair.digest}`, { artifact: pair.artifact, digest: pair.digest });
  };
  for (const [, entries] of startingWith(facts.evidence, "OBSERVATION ")) {
    const [entry] = entries;
    if (entry?.kind === "OBSERVATION") add(entry);
  }
  for (const [, entries] of startingWith(facts.evidence, "QUARANTINE DIGEST ")) {
    const [entry] = entries;
    if (entry?.kind !== "QUARANTINE" || entry.selector.by !== "DIGEST") continue;
    const { digest } = entry.selector;
    for (const artifact of facts.manifest.byDigest.get(digest) ?? [])
      add({ artifact: artifact.name, digest });
  }
  return pairs;
}

/** Rule 4.1.11, one pair of name and digest. */
export function judgePair(facts: Facts, epoch: Epoch, pair: DroppedArtifact): Verdict {
  const notes = new Notes(facts, epoch);
  const observations = observationsOf(facts, pair);
  noteObservations(facts, pair, observations, notes);
  const holds = isInManifest(facts, pair)
    ? quarantinedManifestArtifact(facts, epoch, pair, observations)
    : notQuarantined(facts, epoch, pair, observations, notes);
  return { holds, advisories: notes.advisories, due: notes.due };
}

function noteObservations(
  facts: Facts,
  pair: DroppedArtifact,
  words: readonly Observation[],
  notes: Notes,
): void {
  const { absenceMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  for (const word of words) {
    if (word.status === "GONE") notes.goodNews(word, absenceMaxAge);
  }
  const prefix = `OBSERVATION ${pair.artifact} ${pair.digest} `;
  for (const [, entries] of startingWith(facts.evidence, prefix)) notes.unaccepted(entries);
}

function isSeen(facts: Facts, word: Observation, epoch: Epoch, ageless: boolean): boolean {
  const { absenceMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  return word.status === "SEEN" || !isFresh(word, absenceMaxAge, { epoch, ageless });
}

function notQuarantined(
  facts: Facts,
  epoch: Epoch,
  pair: DroppedArtifact,
  observations: readonly Observation[],
  notes: Notes,
): Finding[] {
  const { quarantineMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  const anywhere = quarantinesAnywhere(facts, pair);
  const local = observations.flatMap(
    (word) => quarantineBy(facts, `LOCATION ${word.location}`) ?? [],
  );
  for (const word of [...anywhere, ...local])
    notes.lookAgain(word.observedEpoch + quarantineMaxAge + 1n);
  const open = openPlaces(facts, epoch, pair, observations, false);
  if (open.length === 0) return [];
  const byAge = openPlaces(facts, epoch, pair, observations, true).length === 0;
  const why = `${pair.artifact} is outside the frozen manifest and no quarantine in force selects it ${open.join(", ")}`;
  const evidence: EntryId[] = observations.map((word) => word.entry);
  return [
    {
      code: "ARTIFACT_NOT_QUARANTINED",
      subject: `${pair.artifact} ${pair.digest}`,
      why,
      evidence,
      byAge,
    },
  ];
}

/** Where the pair is loose: at locations where it is seen, or anywhere once a manifest dropped it. */
function openPlaces(
  facts: Facts,
  epoch: Epoch,
  pair: DroppedArtifact,
  observations: readonly Observation[],
  ageless: boolean,
): string[] {
  const { quarantineMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  const isInForce = (word: Quarantine | undefined): boolean =>
    word !== undefined && isFresh(word, quarantineMaxAge, { epoch, ageless });
  if (quarantinesAnywhere(facts, pair).some(isInForce)) return [];
  const places = observations
    .filter((word) => isSeen(facts, word, epoch, ageless))
    .filter((word) => !isInForce(quarantineBy(facts, `LOCATION ${word.location}`)))
    .map((word) => `at ${word.location}`);
  const isDropped = facts.dropped.has(`${pair.artifact} ${pair.digest}`);
  return isDropped ? ["where the earlier manifest left it", ...places] : places;
}

function quarantinedManifestArtifact(
  facts: Facts,
  epoch: Epoch,
  pair: DroppedArtifact,
  observations: readonly Observation[],
): Finding[] {
  const seen = observations.filter((word) => isSeen(facts, word, epoch, false));
  const local = seen.flatMap((word) => quarantineBy(facts, `LOCATION ${word.location}`) ?? []);
  const words = [...quarantinesAnywhere(facts, pair), ...local];
  if (words.length === 0) return [];
  const ageless = observations
    .filter((word) => isSeen(facts, word, epoch, true))
    .flatMap((word) => quarantineBy(facts, `LOCATION ${word.location}`) ?? []);
  const byAge = quarantinesAnywhere(facts, pair).length + ageless.length === 0;
  const subject = artifactSubject({ name: pair.artifact, digest: pair.digest });
  const why = `${pair.artifact} is in the frozen manifest and a quarantine in force selects it`;
  const evidence = words.map((word) => word.entry);
  return [{ code: "MANIFEST_ARTIFACT_QUARANTINED", subject, why, evidence, byAge }];
}

/** Rule 4.2.4: what is kept out is always shown. */
export function judgeSelectors(facts: Facts, epoch: Epoch): Verdict {
  const notes = new Notes(facts, epoch);
  const { quarantineMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  for (const [subject] of startingWith(facts.evidence, "QUARANTINE ")) {
    const selector = subject.slice("QUARANTINE ".length);
    notes.unaccepted(entriesOf(facts, "QUARANTINE", selector));
    const word = quarantineBy(facts, selector);
    if (word === undefined) continue;
    notes.goodNews(word, quarantineMaxAge);
    if (!isFresh(word, quarantineMaxAge, { epoch, ageless: false })) continue;
    notes.advise("QUARANTINE_IN_FORCE", selector, `a quarantine keeps out ${selector}`, [word]);
  }
  return { holds: [], advisories: notes.advisories, due: notes.due };
}

/** Rule 5.4: the selectors whose newest word is LIFTED, in order. */
export function liftedQuarantines(facts: Facts): string[] {
  return startingWith(facts.evidence, "QUARANTINE ").flatMap(([subject]) => {
    const selector = subject.slice("QUARANTINE ".length);
    return countingOf(facts, "QUARANTINE", selector)?.status === "LIFTED" ? [selector] : [];
  });
}
