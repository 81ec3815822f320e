import { builder } from "../builder.ts";
import {
  AvailabilityStatusRef,
  CustodyStatusRef,
  EnclaveAvailabilityRef,
  EnclaveSealingRef,
  ObservationStatusRef,
  QuarantineStatusRef,
  SafeguardStatusRef,
} from "../content/contentEnums.ts";
import { ComponentDeclarationInput, ComponentReportInput } from "./componentInput.ts";
import { emergencyFields } from "./emergencyInput.ts";
import { type InputFields, observedFields } from "./observedInput.ts";
import { KeyRotationInput, ReleaseInitialisationInput } from "./rotationInput.ts";

/** A member of a `@oneOf` type. */
const one = { required: false } as const;

/** Null in the domain when it is not given. */
const absentIsNull = { required: false, extensions: { absent: "NULL" } } as const;

function comparisonFields(t: InputFields) {
  return {
    artifact: t.string({ description: "The artifact's name in the manifest." }),
    digest: t.field({ type: "Digest", description: "The manifest's digest that is spoken of." }),
    observed: t.field({ type: "Digest", description: "The digest that was found." }),
    ...observedFields(t),
  };
}

const DigestConfirmationInput = builder.inputType("DigestConfirmationInput", {
  description: "Somebody hashed an artifact.",
  fields: comparisonFields,
});

const ReproducibilityCheckInput = builder.inputType("ReproducibilityCheckInput", {
  description: "Somebody rebuilt an artifact from source.",
  fields: comparisonFields,
});

const AvailabilityInput = builder.inputType("AvailabilityInput", {
  description: "A person's word about one shift.",
  fields: (t) => ({
    person: t.string({ description: "The person, by the roster's name." }),
    shift: t.string({ description: "The shift, by the calendar's name." }),
    status: t.field({ type: AvailabilityStatusRef, description: "Their word." }),
    ...observedFields(t),
  }),
});

const CustodyInput = builder.inputType("CustodyInput", {
  description:
    "Who holds a rollback package; one without a seal or a verified digest does not count.",
  fields: (t) => ({
    package: t.string({ description: "The package, by the rollback scope's name." }),
    custodian: t.string({ description: "The custodian, by the roster's name." }),
    status: t.field({ type: CustodyStatusRef, description: "Whether they hold it." }),
    digest: t.field({ type: "Digest", description: "The accepted digest that is spoken of." }),
    observed: t.field({
      ...absentIsNull,
      type: "Digest",
      description: "The digest that the custodian found; left out when not verified.",
    }),
    seal: t.string({
      ...absentIsNull,
      description: "The number of the seal; left out when there is none.",
    }),
    ...observedFields(t),
  }),
});

const SafeguardInput = builder.inputType("SafeguardInput", {
  description: "Whether a safeguard of a publication target is engaged.",
  fields: (t) => ({
    target: t.string({ description: "The publication target." }),
    safeguard: t.string({ description: "The safeguard, by the publication scope's name." }),
    status: t.field({ type: SafeguardStatusRef, description: "Whether it works." }),
    ...observedFields(t),
  }),
});

const ObservationInput = builder.inputType("ObservationInput", {
  description: "An artifact seen at, or gone from, a location.",
  fields: (t) => ({
    artifact: t.string({ description: "The artifact's name." }),
    digest: t.field({ type: "Digest", description: "The digest of what was seen." }),
    location: t.string({ description: "Where." }),
    status: t.field({ type: ObservationStatusRef, description: "Seen or gone." }),
    ...observedFields(t),
  }),
});

const QuarantineSelectorInput = builder.inputType("QuarantineSelectorInput", {
  description: "What a quarantine keeps out: exactly one of these.",
  isOneOf: true,
  extensions: { discriminator: "by" },
  fields: (t) => ({
    digest: t.field({
      ...one,
      type: "Digest",
      extensions: { wraps: "digest" },
      description: "One digest, wherever it lies.",
    }),
    location: t.string({
      ...one,
      extensions: { wraps: "location" },
      description: "Whatever lies at this location.",
    }),
    manifest: t.int({
      ...one,
      extensions: { wraps: "version" },
      description: "What this version of the manifest had and the newest has not (rule 4.2.4).",
    }),
  }),
});

const QuarantineInput = builder.inputType("QuarantineInput", {
  description: "Something kept out, or no longer.",
  fields: (t) => ({
    selector: t.field({ type: QuarantineSelectorInput, description: "What it keeps out." }),
    status: t.field({ type: QuarantineStatusRef, description: "Whether it still does." }),
    ...observedFields(t),
  }),
});

const EnclaveReportInput = builder.inputType("EnclaveReportInput", {
  description: "How an enclave is.",
  fields: (t) => ({
    enclave: t.string({ description: "The enclave." }),
    availability: t.field({
      type: EnclaveAvailabilityRef,
      description: "Whether it can be used.",
    }),
    sealing: t.field({ type: EnclaveSealingRef, description: "Whether it is sealed." }),
    seal: t.string({
      ...absentIsNull,
      description: "The number of the seal; exactly a SEALED enclave has one.",
    }),
    measurement: t.field({ type: "Digest", description: "What it measured of itself." }),
    ...observedFields(t),
  }),
});

const CredentialRevocationInput = builder.inputType("CredentialRevocationInput", {
  description: "From now on nothing rests on this person's credential; there is no way back.",
  fields: (t) => ({
    person: t.string({ description: "The person." }),
    ...observedFields(t),
  }),
});

const EmergencyPlanInput = builder.inputType("EmergencyPlanInput", {
  description:
    "How the deployment is reached when nothing else answers; it takes the place of the last.",
  fields: (t) => ({ ...emergencyFields(t), ...observedFields(t) }),
});

export const PacketReportInput = builder.inputType("PacketReportInput", {
  description: "What a reporter says about one of the packet's own subjects: exactly one of these.",
  isOneOf: true,
  extensions: { discriminator: "kind" },
  fields: (t) => ({
    digestConfirmation: t.field({
      ...one,
      type: DigestConfirmationInput,
      description: "An artifact was hashed.",
    }),
    reproducibilityCheck: t.field({
      ...one,
      type: ReproducibilityCheckInput,
      description: "An artifact was rebuilt.",
    }),
    availability: t.field({
      ...one,
      type: AvailabilityInput,
      description: "A word about a shift.",
    }),
    custody: t.field({ ...one, type: CustodyInput, description: "A package is held or not." }),
    safeguard: t.field({
      ...one,
      type: SafeguardInput,
      description: "A safeguard is engaged or not.",
    }),
    observation: t.field({
      ...one,
      type: ObservationInput,
      description: "An artifact was seen or is gone.",
    }),
    quarantine: t.field({
      ...one,
      type: QuarantineInput,
      description: "Something is kept out, or no longer.",
    }),
  }),
});

export const SharedReportInput = builder.inputType("SharedReportInput", {
  description:
    "What a reporter says about a subject that several packets share: exactly one of these.",
  isOneOf: true,
  extensions: { discriminator: "kind" },
  fields: (t) => ({
    enclaveReport: t.field({
      ...one,
      type: EnclaveReportInput,
      description: "How an enclave is.",
    }),
    credentialRevocation: t.field({
      ...one,
      type: CredentialRevocationInput,
      description: "A credential no longer counts.",
    }),
    componentState: t.field({
      ...one,
      type: ComponentReportInput,
      description: "What a component now refuses, and runs.",
    }),
    componentDeclaration: t.field({
      ...one,
      type: ComponentDeclarationInput,
      description: "What a component is, and how it is meant to be.",
    }),
    releaseInitialisation: t.field({
      ...one,
      type: ReleaseInitialisationInput,
      description: "A release has initialised on a component.",
    }),
    keyRotation: t.field({
      ...one,
      type: KeyRotationInput,
      description: "A component's signing key is rotated.",
    }),
    emergencyPlan: t.field({
      ...one,
      type: EmergencyPlanInput,
      description: "How the deployment is reached when nothing else answers.",
    }),
  }),
});
