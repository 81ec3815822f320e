import type { EntryKind, EntryOf } from "#packet/entry.ts";
import { builder, governed, shared } from "../builder.ts";
import {
  CustodyStatusRef,
  EnclaveAvailabilityRef,
  EnclaveSealingRef,
  ObservationStatusRef,
  QuarantineStatusRef,
  SafeguardStatusRef,
} from "./contentEnums.ts";
import { ActorKindRef, EntryKindRef } from "../enums.ts";
import { AvailabilityRef } from "./availability.ts";
import { ComponentDeclarationRef, ComponentReportRef } from "./componentContent.ts";
import { EmergencyExerciseRef, EmergencyPlanRef } from "./emergencyContent.ts";
import { EntryRef } from "./entryRef.ts";
import { KeyRotationRef, ReleaseInitialisationRef } from "./rollbackEntries.ts";
import { keyOf } from "../packet/signature.ts";
import { QuarantineSelectorRef } from "./quarantineSelector.ts";

const artifact = { ...governed, description: "The artifact's name." } as const;
const digest = {
  ...governed,
  type: "Digest",
  description: "The manifest's digest that is spoken of.",
} as const;
const observed = {
  ...governed,
  type: "Digest",
  description: "The digest that was found.",
} as const;

const DigestConfirmationRef = builder
  .objectRef<EntryOf<"DIGEST_CONFIRMATION">>("DigestConfirmation")
  .implement({
    description: "Somebody hashed an artifact.",
    interfaces: [EntryRef],
    fields: (t) => ({
      artifact: t.exposeString("artifact", artifact),
      digest: t.expose("digest", digest),
      observed: t.expose("observed", observed),
    }),
  });

const ReproducibilityCheckRef = builder
  .objectRef<EntryOf<"REPRODUCIBILITY_CHECK">>("ReproducibilityCheck")
  .implement({
    description: "Somebody rebuilt an artifact from source.",
    interfaces: [EntryRef],
    fields: (t) => ({
      artifact: t.exposeString("artifact", artifact),
      digest: t.expose("digest", digest),
      observed: t.expose("observed", observed),
    }),
  });

const CustodyRef = builder.objectRef<EntryOf<"CUSTODY">>("Custody").implement({
  description: "Who holds a rollback package.",
  interfaces: [EntryRef],
  fields: (t) => ({
    package: t.exposeString("package", { ...governed, description: "The package." }),
    custodian: t.exposeString("custodian", { ...governed, description: "The custodian." }),
    status: t.expose("status", {
      ...shared,
      type: CustodyStatusRef,
      description: "Whether they hold it.",
    }),
    digest: t.expose("digest", {
      ...governed,
      type: "Digest",
      description: "The accepted digest that is spoken of.",
    }),
    observed: t.expose("observed", {
      ...governed,
      type: "Digest",
      description: "The digest that the custodian found; null when not verified.",
    }),
    seal: t.exposeString("seal", {
      ...governed,
      description: "The number of the seal; null when there is none.",
    }),
  }),
});

const SafeguardRef = builder.objectRef<EntryOf<"SAFEGUARD">>("Safeguard").implement({
  description: "Whether a safeguard of a publication target is engaged.",
  interfaces: [EntryRef],
  fields: (t) => ({
    target: t.exposeString("target", { ...governed, description: "The publication target." }),
    safeguard: t.exposeString("safeguard", { ...governed, description: "The safeguard." }),
    status: t.expose("status", {
      ...shared,
      type: SafeguardStatusRef,
      description: "Whether it works.",
    }),
  }),
});

const ObservationRef = builder.objectRef<EntryOf<"OBSERVATION">>("Observation").implement({
  description: "An artifact seen at, or gone from, a location.",
  interfaces: [EntryRef],
  fields: (t) => ({
    artifact: t.exposeString("artifact", artifact),
    digest: t.expose("digest", {
      ...governed,
      type: "Digest",
      description: "The digest of what was seen.",
    }),
    location: t.exposeString("location", { ...governed, description: "Where." }),
    status: t.expose("status", {
      ...shared,
      type: ObservationStatusRef,
      description: "Seen or gone.",
    }),
  }),
});

const QuarantineRef = builder.objectRef<EntryOf<"QUARANTINE">>("Quarantine").implement({
  description: "Something kept out, or no longer.",
  interfaces: [EntryRef],
  fields: (t) => ({
    selector: t.expose("selector", {
      ...governed,
      type: QuarantineSelectorRef,
      description: "What it keeps out.",
    }),
    status: t.expose("status", {
      ...shared,
      type: QuarantineStatusRef,
      description: "Whether it still does.",
    }),
  }),
});

const EnclaveReportRef = builder.objectRef<EntryOf<"ENCLAVE_REPORT">>("EnclaveReport").implement({
  description: "How an enclave is.",
  interfaces: [EntryRef],
  fields: (t) => ({
    enclave: t.exposeString("enclave", { ...governed, description: "The enclave." }),
    availability: t.expose("availability", {
      ...shared,
      type: EnclaveAvailabilityRef,
      description: "Whether it can be used.",
    }),
    sealing: t.expose("sealing", {
      ...shared,
      type: EnclaveSealingRef,
      description: "Whether it is sealed.",
    }),
    seal: t.exposeString("seal", {
      ...governed,
      description: "The number of the seal; null when it is not sealed.",
    }),
    measurement: t.expose("measurement", {
      ...governed,
      type: "Digest",
      description: "What it measured of itself.",
    }),
  }),
});

const CredentialRevocationRef = builder
  .objectRef<EntryOf<"CREDENTIAL_REVOCATION">>("CredentialRevocation")
  .implement({
    description: "From then on nothing rests on this person's credential.",
    interfaces: [EntryRef],
    fields: (t) => ({
      person: t.exposeString("person", { ...governed, description: "The person." }),
    }),
  });

const TYPES = {
  DIGEST_CONFIRMATION: DigestConfirmationRef,
  REPRODUCIBILITY_CHECK: ReproducibilityCheckRef,
  AVAILABILITY: AvailabilityRef,
  CUSTODY: CustodyRef,
  SAFEGUARD: SafeguardRef,
  OBSERVATION: ObservationRef,
  QUARANTINE: QuarantineRef,
  ENCLAVE_REPORT: EnclaveReportRef,
  CREDENTIAL_REVOCATION: CredentialRevocationRef,
  COMPONENT_STATE: ComponentReportRef,
  COMPONENT_DECLARATION: ComponentDeclarationRef,
  RELEASE_INITIALISATION: ReleaseInitialisationRef,
  KEY_ROTATION: KeyRotationRef,
  EMERGENCY_PLAN: EmergencyPlanRef,
  EMERGENCY_EXERCISE: EmergencyExerciseRef,
} as const satisfies Record<EntryKind, unknown>;

/** Says what every entry has, and which type each kind is. */
export function addEntryFields(): void {
  EntryRef.implement({
    description: "One reported fact about one subject, never edited.",
    fields: (t) => ({
      entry: t.expose("entry", { ...shared, type: "UUID", description: "The entry's id." }),
      kind: t.expose("kind", { ...shared, type: EntryKindRef, description: "What kind of fact." }),
      reporter: t.exposeString("reporter", { ...governed, description: "Who reported it." }),
      reporterKind: t.expose("reporterKind", {
        ...shared,
        type: ActorKindRef,
        description: "What kind of principal the reporter is.",
      }),
      observedEpoch: t.expose("observedEpoch", {
        ...shared,
        type: "Epoch",
        description: "When the fact was so; its age counts from here (rule 4.3.2).",
      }),
      recordedEpoch: t.expose("recordedEpoch", {
        ...shared,
        type: "Epoch",
        description: "When it was recorded.",
      }),
      reportNumber: t.expose("reportNumber", {
        ...governed,
        type: "ReportNumber",
        description: "An automated reporter's own count of its reports; null for a person's.",
      }),
      note: t.string({
        ...governed,
        description: "Words of the reporter, kept verbatim; null where nothing is said.",
        resolve: ({ note }) => note ?? null,
      }),
      signature: t.string({
        ...governed,
        description:
          "The reporter's own OpenSSH signature (PROTOCOL.sshsig) under the report; null where there is none.",
        resolve: ({ signature }) => signature ?? null,
      }),
      signatureKey: t.string({
        ...governed,
        description: "The fingerprint of the key that signed it, as `ssh-keygen -l` prints it.",
        resolve: ({ signature }) => (signature === undefined ? null : keyOf(signature)),
      }),
      isSigned: t.boolean({
        ...shared,
        description: "Whether its reporter's own signature is under it.",
        resolve: ({ signature }) => signature !== undefined,
      }),
    }),
    resolveType: ({ kind }) => TYPES[kind],
  });
}
