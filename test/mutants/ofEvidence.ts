import type { Mutant } from "./mutant.ts";

/** Whose evidence counts: readings 26 and 27. */
export const OF_EVIDENCE: readonly Mutant[] = [
  {
    rule: "reading 26",
    what: "what is unsigned counts where its kind asks for signatures",
    file: "gate/evidence.ts",
    find: `if (lacksSignature(facts, entry)) return false;`,
    replace: ``,
  },
  {
    rule: "reading 26",
    what: "a person's own word needs no signature",
    file: "gate/evidence.ts",
    find: `if (lacksSignature(facts, entry)) return false;`,
    replace: `if (entry.kind !== "AVAILABILITY" && lacksSignature(facts, entry)) return false;`,
  },
  {
    rule: "reading 26",
    what: "one kind that asks for signatures asks for those of all",
    file: "gate/evidence.ts",
    find: `return facts.signedKinds.has(kind);`,
    replace: `return facts.signedKinds.size > 0 && kind !== "OBSERVATION";`,
  },
  {
    rule: "reading 26",
    what: "an unsigned word takes the place of a signed one",
    file: "gate/absorb.ts",
    find: `return entry.signature !== undefined || other.signature === undefined;`,
    replace: `return true;`,
  },
  {
    rule: "reading 26",
    what: "a signed word leaves the unsigned one before it standing",
    file: "gate/absorb.ts",
    find: `return entry.signature !== undefined || other.signature === undefined;`,
    replace: `return (entry.signature === undefined) === (other.signature === undefined);`,
  },
  {
    rule: "reading 26",
    what: "a signed word counts on beside its reporter's later one",
    file: "gate/evidence.ts",
    find: `if (entry.signature === undefined) return false;`,
    replace: `return false;`,
  },
  {
    rule: "reading 26",
    what: "a signed report need not say when it was so",
    file: "gate/decide/entries.ts",
    find: `if (report.signature === undefined || report.observedEpoch !== undefined) return [];`,
    replace: `if (index >= 0) return [];`,
  },
  {
    rule: "reading 26",
    what: "asking for signatures no longer is no looser policy",
    file: "gate/loosened.ts",
    find: `if (signed !== true) return [];`,
    replace: `if (signed !== undefined) return [];`,
  },
  {
    rule: "reading 27",
    what: "whoever is accepted for some subjects is accepted for all",
    file: "gate/evidence.ts",
    find: `return isListed(facts, entry.kind, entry.reporter) && isForSubject(facts, entry);`,
    replace: `return isListed(facts, entry.kind, entry.reporter);`,
  },
  {
    rule: "reading 27",
    what: "a quarantine of no location is taken from whoever is accepted for some",
    file: "gate/evidence.ts",
    find: `return name !== null && subjects.has(name);`,
    replace: `return name === null || subjects.has(name);`,
  },
  {
    rule: "reading 27",
    what: "an observation is its artifact's, and not its location's",
    file: "packet/entry.ts",
    find: `      return report.location;`,
    replace: `      return report.artifact;`,
  },
  {
    rule: "reading 27",
    what: "a person's own word about their shifts needs a listing",
    file: "gate/evidence.ts",
    find: `if (entry.kind === "AVAILABILITY" && entry.reporter === entry.person) return true;`,
    replace: ``,
  },
  {
    rule: "reading 27",
    what: "subjects narrow nobody of the kind that is listed first",
    file: "gate/acceptance.ts",
    find: "subjectsOfReporters.set(`${kind} ${reporter}`, new Set(subjects));",
    replace:
      "if (kind !== reporters.keys().next().value) subjectsOfReporters.set(`${kind} ${reporter}`, new Set(subjects));",
  },
];
