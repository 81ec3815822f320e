import type { Entry, EntryKind, EntryOf, QuarantineSelector } from "#packet/entry.ts";
import { builder, governed, shared } from "../builder.ts";
import {
  AvailabilityStatusRef,
  CustodyStatusRef,
  EnclaveAvailabilityRef,
  EnclaveSealingRef,
  ObservationStatusRef,
  QuarantineStatusRef,
  SafeguardStatusRef,
} from "./contentEnums.ts";
import { ActorKindRef, EntryKindRef } from "../enums.ts";

export const EntryRef = builder.interfaceRef<Entry>("Entry");

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

const AvailabilityRef = builder.objectRef<EntryOf<"AVAILABILITY">>("Availability").implement({
  description: "A person's word about one shift.",
  interfaces: [EntryRef],
  fields: (t) => ({
    person: t.exposeString("person", { ...governed, description: "The person." }),
    shift: t.exposeString("shift", { ...governed, description: "The shift." }),
    status: t.expose("status", {
      ...shared,
      type: AvailabilityStatusRef,
      description: "Their word.",
    }),
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

type Selector<B extends QuarantineSelector["by"]> = Extract<QuarantineSelector, { by: B }>;

const SELECTORS = {
  DIGEST: builder.objectRef<Selector<"DIGEST">>("DigestSelector").implement({
    description: "Keeps out one digest, wherever it lies.",
    fields: (t) => ({
      digest: t.expose("digest", { ...governed, type: "Digest", description: "The digest." }),
    }),
  }),
  LOCATION: builder.objectRef<Selector<"LOCATION">>("LocationSelector").implement({
    description: "Keeps out whatever lies at one location.",
    fields: (t) => ({
      location: t.exposeString("location", { ...governed, description: "The location." }),
    }),
  }),
  MANIFEST: builder.objectRef<Selector<"MANIFEST">>("ManifestSelector").implement({
    description: "Keeps out what an earlier manifest had and the newest has not (rule 4.2.4).",
    fields: (t) => ({
      version: t.exposeInt("version", { ...shared, description: "The manifest's version." }),
    }),
  }),
};

const QuarantineSelectorRef = builder.unionType("QuarantineSelector", {
  description: "What a quarantine keeps out.",
  types: Object.values(SELECTORS),
  resolveType: ({ by }) => SELECTORS[by],
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

const ComponentReportRef = builder
  .objectRef<EntryOf<"COMPONENT_STATE">>("ComponentReport")
  .implement({
    description: "What a component then refused.",
    interfaces: [EntryRef],
    fields: (t) => ({
      component: t.exposeString("component", { ...governed, description: "The component." }),
      floor: t.expose("floor", {
        ...governed,
        type: "SafeInt",
        description: "The least security version number that it admits.",
      }),
      denied: t.expose("denied", {
        ...governed,
        complexity: 100,
        type: ["Digest"],
        description: "The digests that it denies.",
      }),
      trustedKeys: t.exposeStringList("trustedKeys", {
        ...governed,
        description: "The keys that it trusts; an empty list trusts every key.",
      }),
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
} as const satisfies Record<EntryKind, unknown>;

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
  }),
  resolveType: ({ kind }) => TYPES[kind],
});
