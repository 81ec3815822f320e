import type { SharedEntryKind } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import type { Sources } from "#packet/source.ts";

/** Something that several packets share, about which is reported once (rule 3.6). */
export interface SharedSubject {
  readonly kind: SharedEntryKind;
  readonly name: Name;
}

/** The shared subjects that a packet with these sources depends on, each once. */
export function sharedSubjects(sources: Sources): SharedSubject[] {
  const enclaves = sources.REQUIRED_ENCLAVES.content.enclaves.map((item) => item.enclave);
  const people = new Set(sources.ROSTER.content.people.map((item) => item.person));
  people.add(sources.APPROVAL_LANE.content.owner);
  const components = new Set(sources.ROLLBACK_SCOPE.content.packages.map((item) => item.component));
  return [
    ...enclaves.map((name) => ({ kind: "ENCLAVE_REPORT" as const, name })),
    ...[...people].map((name) => ({ kind: "CREDENTIAL_REVOCATION" as const, name })),
    ...[...components].map((name) => ({ kind: "COMPONENT_STATE" as const, name })),
  ];
}
