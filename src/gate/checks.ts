import type { EntryOf } from "#packet/entry.ts";
import type { Epoch, Epochs } from "#packet/epoch.ts";
import type { Finding, HoldCode } from "#packet/hold.ts";
import type { Artifact } from "#packet/manifest.ts";
import { Notes, acceptedOfEach, entriesOf, isFresh } from "./evidence.ts";
import type { Facts, Verdict } from "./state.ts";

/** One way of checking an artifact: by hashing it, or by building it again. */
interface Check {
  readonly kind: "DIGEST_CONFIRMATION" | "REPRODUCIBILITY_CHECK";
  /** How many distinct reporters must agree. */
  readonly needed: number;
  readonly ageMax: Epochs;
  readonly missing: HoldCode;
  readonly stale: HoldCode;
  readonly mismatch: HoldCode;
  /** What agreeing reporters are called in a sentence. */
  readonly noun: string;
}

/** The name of an artifact among the subjects: re-freezing another digest makes another artifact. */
export function artifactSubject(artifact: { name: string; digest: string }): string {
  return `${artifact.name} ${artifact.digest}`;
}

/** Rule 4.1.8, one artifact: confirmed by a hash, newly enough, and by nobody denied. */
export function judgeDigest(facts: Facts, epoch: Epoch, artifact: Artifact): Verdict {
  return judgeCheck(facts, epoch, artifact, {
    kind: "DIGEST_CONFIRMATION",
    needed: 1,
    ageMax: facts.sources.FRESHNESS_POLICY.content.digestMaxAge,
    missing: "DIGEST_CONFIRMATION_MISSING",
    stale: "DIGEST_CONFIRMATION_STALE",
    mismatch: "DIGEST_MISMATCH",
    noun: "confirmation",
  });
}

/** Rule 4.1.3, one artifact: rebuilt alike by enough rebuilders, newly enough, and by nobody otherwise. */
export function judgeReproducibility(facts: Facts, epoch: Epoch, artifact: Artifact): Verdict {
  return judgeCheck(facts, epoch, artifact, {
    kind: "REPRODUCIBILITY_CHECK",
    needed: facts.sources.REPRODUCIBILITY_POLICY.content.minRebuilders,
    ageMax: facts.sources.FRESHNESS_POLICY.content.reproducibilityMaxAge,
    missing: "REPRODUCIBILITY_REFERENCE_MISSING",
    stale: "REPRODUCIBILITY_REFERENCE_STALE",
    mismatch: "REPRODUCIBILITY_MISMATCH",
    noun: "agreeing rebuild",
  });
}

type CheckEntry = EntryOf<Check["kind"]>;

function judgeCheck(facts: Facts, epoch: Epoch, artifact: Artifact, check: Check): Verdict {
  const notes = new Notes(facts, epoch);
  const entries: readonly CheckEntry[] = entriesOf(facts, check.kind, artifact.name);
  const agreeing: CheckEntry[] = [];
  const disagreeing: CheckEntry[] = [];
  for (const entry of acceptedOfEach(facts, entries)) {
    // Rule 4.3.3: what speaks of another digest is absent, not mismatched.
    if (entry.digest !== artifact.digest) continue;
    (entry.observed === entry.digest ? agreeing : disagreeing).push(entry);
  }
  for (const entry of agreeing) notes.goodNews(entry, check.ageMax);
  notes.unaccepted(entries);
  const holds = lacking(agreeing, epoch, artifact, check);
  if (disagreeing.length > 0) holds.push(disagreement(disagreeing, artifact, check));
  return { holds, advisories: notes.advisories, due: notes.due };
}

function lacking(
  agreeing: readonly CheckEntry[],
  epoch: Epoch,
  artifact: Artifact,
  check: Check,
): Finding[] {
  const now = { epoch, ageless: false };
  const fresh = agreeing.filter((entry) => isFresh(entry, check.ageMax, now)).length;
  if (fresh >= check.needed) return [];
  const stale = agreeing.length >= check.needed;
  const found = stale ? `too old to count (more than ${check.ageMax} epochs)` : "not there";
  const why = `${artifact.name}: ${check.needed} ${check.noun} needed, what would be enough is ${found}`;
  const evidence = agreeing.map((entry) => entry.entry);
  const code = stale ? check.stale : check.missing;
  return [{ code, subject: artifactSubject(artifact), why, evidence, byAge: stale }];
}

function disagreement(
  disagreeing: readonly CheckEntry[],
  artifact: Artifact,
  check: Check,
): Finding {
  const who = disagreeing.map((entry) => entry.reporter).join(", ");
  const why = `${artifact.name}: ${who} found another digest than the manifest has`;
  const evidence = disagreeing.map((entry) => entry.entry);
  return { code: check.mismatch, subject: artifactSubject(artifact), why, evidence, byAge: false };
}
