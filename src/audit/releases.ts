import type { Entry } from "#packet/entry.ts";
import type { Release } from "#packet/rollback.ts";
import type { SourceContent } from "#packet/source.ts";
import { releaseFaults } from "#proof/releaseStatement.ts";

/** A release that is not signed by whom it says. */
export interface UnprovenRelease {
  /** Where in the content or entry. */
  readonly member: string;
  readonly expected: string;
  readonly found: string;
}

/** The first release of an accepted source that is not signed by whom it says; null where there is none. */
export function unprovenInSource(content: SourceContent): UnprovenRelease | null {
  if (content.kind !== "ROLLBACK_SCOPE") return null;
  for (const part of ["packages", "trainReleases"] as const) {
    for (const [at, { component, release }] of content[part].entries()) {
      const unproven = unprovenRelease(component, release, `${part}.${at}.release`);
      if (unproven !== null) return unproven;
    }
  }
  return null;
}

/** The same of an entry. */
export function unprovenInEntry(entry: Entry): UnprovenRelease | null {
  if (entry.kind !== "RELEASE_INITIALISATION") return null;
  return unprovenRelease(entry.component, entry.release, "release");
}

function unprovenRelease(
  component: string,
  release: Release,
  member: string,
): UnprovenRelease | null {
  const [fault] = releaseFaults(component, release);
  if (fault === undefined) return null;
  const expected = `each key of signedBy to have signed release ${release.release} of ${component}`;
  return { member: `${member}.${fault.path.join(".")}`, expected, found: fault.why };
}
