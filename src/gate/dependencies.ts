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
    ...[...components].flatMap(ofComponent),
  ];
}

/** What is recorded of a component, each kind apart. */
export function ofComponent(name: Name): SharedSubject[] {
  return COMPONENT_KINDS.map((kind) => ({ kind, name }));
}

/** The kinds of entry about a component. */
export const COMPONENT_KINDS = [
  "COMPONENT_STATE",
  "COMPONENT_DECLARATION",
  "RELEASE_INITIALISATION",
  "KEY_ROTATION",
] as const satisfies SharedEntryKind[];

/**
 * The kinds whose every entry counts, whoever reported it and whatever was reported since: a packet
 * is told all of them when it begins to depend on the component.
 */
export const CUMULATIVE_KINDS = [
  "RELEASE_INITIALISATION",
  "KEY_ROTATION",
] as const satisfies SharedEntryKind[];

/**
 * The subject under which a packet's dependence on this one is remembered. All that is said of a
 * component is looked for under its state, so that a kind of entry that was not yet there when a
 * packet was opened reaches it as well.
 */
export function rememberedAs({ kind, name }: SharedSubject): SharedSubject {
  const kinds: readonly SharedEntryKind[] = COMPONENT_KINDS;
  return { kind: kinds.includes(kind) ? "COMPONENT_STATE" : kind, name };
}
