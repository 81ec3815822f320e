import type { EngagedSafeguard } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Finding } from "#packet/hold.ts";
import type { Artifact } from "#packet/manifest.ts";
import { artifactSubject } from "./checks.ts";
import { Notes, countingOf, entriesOf, isFresh } from "./evidence.ts";
import type { Facts, Verdict } from "./state.ts";

/** Rule 4.1.9: every artifact names at least one target, and only targets of the accepted scope. */
export function judgePublicationScope(facts: Facts): Verdict {
  const known = new Set(facts.sources.PUBLICATION_SCOPE.content.targets.map((item) => item.target));
  const holds: Finding[] = [];
  for (const artifact of facts.manifest.byName.values()) {
    const isScoped =
      artifact.targets.length > 0 && artifact.targets.every((target) => known.has(target));
    if (!isScoped) holds.push(ambiguous(artifact, known));
  }
  return { holds, advisories: [], due: null };
}

function ambiguous(artifact: Artifact, known: ReadonlySet<string>): Finding {
  const foreign = artifact.targets.filter((target) => !known.has(target));
  const why =
    foreign.length === 0
      ? `${artifact.name} names no publication target`
      : `${artifact.name} names ${foreign.join(", ")}, which the publication scope does not have`;
  const subject = artifactSubject(artifact);
  return { code: "PUBLICATION_SCOPE_AMBIGUOUS", subject, why, evidence: [], byAge: false };
}

/** Every target with each safeguard that the scope requires for it. */
function required(facts: Facts): EngagedSafeguard[] {
  return facts.sources.PUBLICATION_SCOPE.content.targets.flatMap(({ target, safeguards }) =>
    safeguards.map((safeguard) => ({ target, safeguard })),
  );
}

function isReportedEngaged(facts: Facts, item: EngagedSafeguard): boolean {
  return countingOf(facts, "SAFEGUARD", `${item.target} ${item.safeguard}`)?.status === "ENGAGED";
}

/** Rule 4.1.10: every required safeguard newly enough reported ENGAGED. */
export function judgeSafeguards(facts: Facts, epoch: Epoch): Verdict {
  const notes = new Notes(facts, epoch);
  const { safeguardMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  const holds = required(facts).flatMap(({ target, safeguard }): Finding[] => {
    const subject = `${target} ${safeguard}`;
    notes.unaccepted(entriesOf(facts, "SAFEGUARD", subject));
    const word = countingOf(facts, "SAFEGUARD", subject);
    const engaged = word?.status === "ENGAGED";
    if (engaged) notes.goodNews(word, safeguardMaxAge);
    if (engaged && isFresh(word, safeguardMaxAge, { epoch, ageless: false })) return [];
    const found = engaged
      ? `reported engaged more than ${safeguardMaxAge} epochs ago`
      : "not reported engaged";
    const why = `safeguard ${safeguard} of target ${target} is ${found}`;
    const evidence = word === undefined ? [] : [word.entry];
    return [{ code: "PUBLICATION_SAFEGUARD_MISSING", subject, why, evidence, byAge: engaged }];
  });
  return { holds, advisories: notes.advisories, due: notes.due };
}

/** Rule 5.4: the safeguards of the scope that are engaged, whatever the report's age. */
export function engagedSafeguards(facts: Facts): EngagedSafeguard[] {
  return required(facts).filter((item) => isReportedEngaged(facts, item));
}
