import { EMERGENCY_SUBJECT } from "#packet/emergency.ts";
import type { SharedEntryKind, SharedReport } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import type { Sources } from "#packet/source.ts";

/** Something that several packets share, about which is reported once (rule 3.6). */
export interface SharedSubject {
  readonly kind: SharedEntryKind;
  readonly name: Name;
}

/** The shared subject that a report speaks of. */
export function sharedSubjectOf(report: SharedReport): SharedSubject {
  switch (report.kind) {
    case "ENCLAVE_REPORT":
      return { kind: report.kind, name: report.enclave };
    case "CREDENTIAL_REVOCATION":
      return { kind: report.kind, name: report.person };
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
    case "RELEASE_INITIALISATION":
    case "KEY_ROTATION":
      return { kind: report.kind, name: report.component };
    case "EMERGENCY_PLAN":
    case "EMERGENCY_EXERCISE":
      return { kind: report.kind, name: EMERGENCY_SUBJECT };
  }
}

/** One text for a shared subject. */
export function subjectKey({ kind, name }: SharedSubject): string {
  return `${kind} ${name}`;
}

/** The shared subjects that a packet with these sources depends on, each once. */
export function sharedSubjects(sources: Sources): SharedSubject[] {
  const enclaves = sources.REQUIRED_ENCLAVES.content.enclaves.map((item) => item.enclave);
  const people = new Set(sources.ROSTER.content.people.map((item) => item.person));
  people.add(sources.APPROVAL_LANE.content.owner);
  const components = new Set(sources.ROLLBACK_SCOPE.content.packages.map((item) => item.component));
  const asksForExercises = sources.APPROVAL_LANE.content.emergencyAccess !== undefined;
  const emergency = asksForExercises ? (["EMERGENCY_PLAN", "EMERGENCY_EXERCISE"] as const) : [];
  return [
    ...enclaves.map((name) => ({ kind: "ENCLAVE_REPORT" as const, name })),
    ...[...people].map((name) => ({ kind: "CREDENTIAL_REVOCATION" as const, name })),
    ...[...components].flatMap(ofComponent),
    ...emergency.map((kind) => ({ kind, name: EMERGENCY_SUBJECT })),
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
