import type { EntryOf } from "./shapes.ts";
import { isGood, wordsOf } from "./words.ts";
import type { View } from "./words.ts";

interface Pair {
  readonly name: string;
  readonly digest: string;
}

function isSame(a: Pair, b: Pair): boolean {
  return a.name === b.name && a.digest === b.digest;
}

function textOf(pair: Pair): string {
  return `${pair.name} ${pair.digest}`;
}

// Reading 13: SEEN, or a GONE that has aged.
function locationsWhereSeen(view: View, pair: Pair): string[] {
  return wordsOf(view, "OBSERVATION")
    .filter((word) => isSame({ name: word.artifact, digest: word.digest }, pair))
    .filter((word) => !isGood(view, word))
    .map((word) => word.location);
}

function isInNewestManifest(view: View, pair: Pair): boolean {
  return view.known.sources.MANIFEST.content.artifacts.some((item) => isSame(item, pair));
}

// Reading 13: known since the opening; only those not in the newest manifest matter below.
function isDropped(view: View, pair: Pair): boolean {
  return view.known.manifests.some((manifest) =>
    manifest.artifacts.some((item) => isSame(item, pair)),
  );
}

function selectsByDigestOrManifest(view: View, word: EntryOf<"QUARANTINE">, pair: Pair): boolean {
  const { selector } = word;
  if (selector.by === "DIGEST") return selector.digest === pair.digest;
  if (selector.by === "LOCATION") return false;
  return view.known.manifests
    .filter((manifest) => manifest.version === selector.version)
    .some((manifest) => manifest.artifacts.some((item) => isSame(item, pair)));
}

function selectsLocation(word: EntryOf<"QUARANTINE">, location: string): boolean {
  return word.selector.by === "LOCATION" && word.selector.location === location;
}

function isKeptOut(view: View, pair: Pair): boolean {
  const inForce = wordsOf(view, "QUARANTINE").filter((word) => isGood(view, word));
  const everywhere = inForce.some((word) => selectsByDigestOrManifest(view, word, pair));
  if (everywhere) return true;
  if (isDropped(view, pair)) return false;
  return locationsWhereSeen(view, pair).every((location) =>
    inForce.some((word) => selectsLocation(word, location)),
  );
}

/** Rules 4.1.11 and 4.2.4, reading 13: pairs outside the newest manifest that no quarantine keeps out. */
export function artifactsNotQuarantined(view: View): string[] {
  const observed = wordsOf(view, "OBSERVATION")
    .map((word) => ({ name: word.artifact, digest: word.digest }))
    .filter((pair) => locationsWhereSeen(view, pair).length > 0);
  const known = view.known.manifests.flatMap((manifest) => manifest.artifacts);
  return [...observed, ...known]
    .filter((pair) => !isInNewestManifest(view, pair))
    .filter((pair) => !isKeptOut(view, pair))
    .map(textOf);
}

// Reading 5: an aged IN_FORCE that selects a manifest artifact still holds, so age is not asked.
function isManifestPairSelected(view: View, pair: Pair): boolean {
  const seenAt = locationsWhereSeen(view, pair);
  return wordsOf(view, "QUARANTINE")
    .filter((word) => word.status === "IN_FORCE")
    .some((word) =>
      word.selector.by === "DIGEST"
        ? word.selector.digest === pair.digest
        : seenAt.some((location) => selectsLocation(word, location)),
    );
}

/** Rule 4.1.11, reading 13: manifest pairs that a quarantine selects, aged or not. */
export function manifestArtifactsQuarantined(view: View): string[] {
  return view.known.sources.MANIFEST.content.artifacts
    .filter((pair) => isManifestPairSelected(view, pair))
    .map(textOf);
}
