import { z } from "zod";
import { ActorKind } from "./actor.ts";
import { ComponentDeclaration, ComponentReport } from "./component.ts";
import { EMERGENCY_SUBJECT } from "./emergency.ts";
import { type EmergencyExercise, EmergencyPlan } from "./emergencyReport.ts";
import { Epoch, ReportNumber } from "./epoch.ts";
import { ArtifactName, Digest, Id, Name } from "./name.ts";
import { observed } from "./observed.ts";
import { KeyRotation, ReleaseInitialisation } from "./rollback.ts";

/** Facts about one packet's own subjects (rule 4.3.1). */
const PacketEntryKind = z.enum([
  "DIGEST_CONFIRMATION",
  "REPRODUCIBILITY_CHECK",
  "AVAILABILITY",
  "CUSTODY",
  "SAFEGUARD",
  "OBSERVATION",
  "QUARANTINE",
]);

/** Facts about subjects that several packets share (rule 3.6). */
export const SharedEntryKind = z.enum([
  "ENCLAVE_REPORT",
  "CREDENTIAL_REVOCATION",
  "COMPONENT_STATE",
  "COMPONENT_DECLARATION",
  "RELEASE_INITIALISATION",
  "KEY_ROTATION",
  "EMERGENCY_PLAN",
  "EMERGENCY_EXERCISE",
]);
export type SharedEntryKind = z.infer<typeof SharedEntryKind>;

/** Every kind of readiness entry. */
export const EntryKind = z.enum([...PacketEntryKind.options, ...SharedEntryKind.options]);
export type EntryKind = z.infer<typeof EntryKind>;

/**
 * The kinds that count from whoever may report them: who that is, their role says (reading 3), or the
 * product, which records them itself (ADR 0085).
 */
export const EntitledKind = EntryKind.extract([
  "CREDENTIAL_REVOCATION",
  "COMPONENT_STATE",
  "COMPONENT_DECLARATION",
  "RELEASE_INITIALISATION",
  "KEY_ROTATION",
  "EMERGENCY_PLAN",
  "EMERGENCY_EXERCISE",
]);
export type EntitledKind = z.infer<typeof EntitledKind>;

/** The kinds that count only from accepted reporters (rule 2.2). */
export const ReportedKind = EntryKind.exclude(EntitledKind.options);
export type ReportedKind = z.infer<typeof ReportedKind>;

/** Somebody hashed the artifact. `digest` is the manifest's that is spoken of, `observed` the one found. */
const DigestConfirmation = z.strictObject({
  kind: z.literal("DIGEST_CONFIRMATION"),
  artifact: ArtifactName,
  digest: Digest,
  observed: Digest,
  ...observed,
});

/** Somebody rebuilt the artifact from source. `observed` is the digest of the rebuilt one. */
const ReproducibilityCheck = z.strictObject({
  ...DigestConfirmation.shape,
  kind: z.literal("REPRODUCIBILITY_CHECK"),
});

/** A person's word about one shift. */
const Availability = z.strictObject({
  kind: z.literal("AVAILABILITY"),
  person: Name,
  shift: Name,
  status: z.enum(["COMMITTED", "WITHDRAWN"]),
  ...observed,
});

/** Who holds a rollback package. A HELD one without a recorded seal or verified digest does not count. */
const Custody = z.strictObject({
  kind: z.literal("CUSTODY"),
  package: Name,
  custodian: Name,
  status: z.enum(["HELD", "RELEASED"]),
  /** The accepted digest that is spoken of. */
  digest: Digest,
  observed: Digest.nullable(),
  seal: Name.nullable(),
  ...observed,
});

const Safeguard = z.strictObject({
  kind: z.literal("SAFEGUARD"),
  target: Name,
  safeguard: Name,
  status: z.enum(["ENGAGED", "DISENGAGED"]),
  ...observed,
});

/** An artifact seen at, or gone from, a location. */
const Observation = z.strictObject({
  kind: z.literal("OBSERVATION"),
  artifact: ArtifactName,
  digest: Digest,
  location: Name,
  status: z.enum(["SEEN", "GONE"]),
  ...observed,
});

/** What a quarantine keeps out: one digest, one location, or a manifest version without the newest manifest (rule 4.2.4). */
export const QuarantineSelector = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("DIGEST"), digest: Digest }),
  z.strictObject({ by: z.literal("LOCATION"), location: Name }),
  z.strictObject({ by: z.literal("MANIFEST"), version: z.int().min(1) }),
]);
export type QuarantineSelector = z.infer<typeof QuarantineSelector>;

const Quarantine = z.strictObject({
  kind: z.literal("QUARANTINE"),
  selector: QuarantineSelector,
  status: z.enum(["IN_FORCE", "LIFTED"]),
  ...observed,
});

const sealed = "a SEALED enclave needs the number of its seal, an UNSEALED one has none";

const EnclaveReport = z
  .strictObject({
    kind: z.literal("ENCLAVE_REPORT"),
    enclave: Name,
    availability: z.enum(["AVAILABLE", "UNAVAILABLE"]),
    sealing: z.enum(["SEALED", "UNSEALED"]),
    seal: Name.nullable(),
    measurement: Digest,
    ...observed,
  })
  .refine((report) => (report.sealing === "SEALED") === (report.seal !== null), {
    path: ["seal"],
    message: sealed,
  });

/** From now on nothing rests on this person's credential. There is no way back but another credential. */
const CredentialRevocation = z.strictObject({
  kind: z.literal("CREDENTIAL_REVOCATION"),
  person: Name,
  ...observed,
});

/** What a reporter says about one of the packet's own subjects. */
export const PacketReport = z.discriminatedUnion("kind", [
  DigestConfirmation,
  ReproducibilityCheck,
  Availability,
  Custody,
  Safeguard,
  Observation,
  Quarantine,
]);
export type PacketReport = z.output<typeof PacketReport>;

/** What somebody may say about a shared subject. */
export const SharedReport = z.discriminatedUnion("kind", [
  EnclaveReport,
  CredentialRevocation,
  ComponentReport,
  ComponentDeclaration,
  ReleaseInitialisation,
  KeyRotation,
  EmergencyPlan,
]);
/** The same, and what the product says of its own use. */
export type SharedReport = z.output<typeof SharedReport> | EmergencyExercise;

export type Report = PacketReport | SharedReport;

/** What the server adds to a report when it becomes an entry. */
const Receipt = z.strictObject({
  entry: Id,
  reporter: Name,
  reporterKind: ActorKind,
  observedEpoch: Epoch,
  recordedEpoch: Epoch,
  reportNumber: ReportNumber.nullable(),
});
export type Receipt = z.output<typeof Receipt>;

/** A readiness entry: one reported fact about one subject, never edited. */
export type EntryOf<K extends EntryKind> = Extract<Report, { kind: K }> & Receipt;
export type Entry = { [K in EntryKind]: EntryOf<K> }[EntryKind];
export type SharedEntry = { [K in SharedEntryKind]: EntryOf<K> }[SharedEntryKind];

/**
 * What a reporter said, and signs: without what the server added, and without the signature itself.
 */
export function saidIn(report: Report | Entry): object {
  const {
    entry: _entry,
    reporter: _reporter,
    reporterKind: _reporterKind,
    recordedEpoch: _recordedEpoch,
    reportNumber: _reportNumber,
    signature: _signature,
    ...said
  } = report as Report & Partial<Receipt>;
  return said;
}

/**
 * The one name among those of a subject (rule 4.3.1) that says whose it is: an artifact, a person, a
 * package, a target, an enclave or a component. An observation is its location's, as what may be
 * seen there is not known before; null for a quarantine that is not of a location, and for a plan.
 */
export function nameOfSubject(report: Report): ArtifactName | null {
  switch (report.kind) {
    case "DIGEST_CONFIRMATION":
    case "REPRODUCIBILITY_CHECK":
      return report.artifact;
    case "AVAILABILITY":
    case "CREDENTIAL_REVOCATION":
    case "EMERGENCY_EXERCISE":
      return report.person;
    case "EMERGENCY_PLAN":
      return null;
    case "CUSTODY":
      return report.package;
    case "SAFEGUARD":
      return report.target;
    case "OBSERVATION":
      return report.location;
    case "QUARANTINE":
      return report.selector.by === "LOCATION" ? report.selector.location : null;
    case "ENCLAVE_REPORT":
      return report.enclave;
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
    case "RELEASE_INITIALISATION":
    case "KEY_ROTATION":
      return report.component;
  }
}

/** One text for a selector, as it stands in subjects. */
function selectorKey(selector: QuarantineSelector): string {
  if (selector.by === "DIGEST") return `DIGEST ${selector.digest}`;
  if (selector.by === "LOCATION") return `LOCATION ${selector.location}`;
  return `MANIFEST ${selector.version}`;
}

/**
 * The subject of an entry (rule 4.3.1) as one text, parts apart by a space, which no name holds.
 * The confirmer, the rebuilder and whoever exercised are the reporter, so those subjects are told apart
 * by reporter as well.
 */
export function entrySubject(report: Report): string {
  switch (report.kind) {
    case "DIGEST_CONFIRMATION":
    case "REPRODUCIBILITY_CHECK":
      return `${report.kind} ${report.artifact}`;
    case "AVAILABILITY":
      return `AVAILABILITY ${report.shift} ${report.person}`;
    case "CUSTODY":
      return `CUSTODY ${report.package} ${report.custodian}`;
    case "SAFEGUARD":
      return `SAFEGUARD ${report.target} ${report.safeguard}`;
    case "OBSERVATION":
      return `OBSERVATION ${report.artifact} ${report.digest} ${report.location}`;
    case "QUARANTINE":
      return `QUARANTINE ${selectorKey(report.selector)}`;
    case "ENCLAVE_REPORT":
      return `ENCLAVE_REPORT ${report.enclave}`;
    case "CREDENTIAL_REVOCATION":
      return `CREDENTIAL_REVOCATION ${report.person}`;
    case "COMPONENT_STATE":
    case "COMPONENT_DECLARATION":
      return `${report.kind} ${report.component}`;
    case "RELEASE_INITIALISATION":
      return `${report.kind} ${report.component} ${report.release.digest}`;
    case "KEY_ROTATION":
      return `${report.kind} ${report.component} ${report.outgoing} ${report.incoming}`;
    case "EMERGENCY_PLAN":
    case "EMERGENCY_EXERCISE":
      return `${report.kind} ${EMERGENCY_SUBJECT}`;
  }
}
