import type { EntryKind, ReportedKind } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import type { Sources } from "#packet/source.ts";

/** Whose entries count, as the rules look it up (rule 2.2). */
interface Acceptance {
  readonly reporters: ReadonlyMap<ReportedKind, ReadonlySet<Name>>;
  readonly signedKinds: ReadonlySet<EntryKind>;
  readonly subjectsOfReporters: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Reads the newest accepted reporters; the owner of the newest lane is none. */
export function acceptanceOf(sources: Sources): Acceptance {
  const { owner } = sources.APPROVAL_LANE.content;
  const reporters = new Map<ReportedKind, ReadonlySet<Name>>();
  const signedKinds = new Set<EntryKind>();
  const subjectsOfReporters = new Map<string, ReadonlySet<string>>();
  for (const accepted of sources.ACCEPTED_REPORTERS.content.accepted) {
    const { kind } = accepted;
    reporters.set(kind, new Set(accepted.reporters.filter((name) => name !== owner)));
    if (accepted.signed === true) signedKinds.add(kind);
    for (const { reporter, subjects } of accepted.subjects ?? []) {
      subjectsOfReporters.set(`${kind} ${reporter}`, new Set(subjects));
    }
  }
  return { reporters, signedKinds, subjectsOfReporters };
}
