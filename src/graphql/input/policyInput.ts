import { builder } from "../builder.ts";
import { ReportedKindRef, SafeguardNameRef } from "../content/contentEnums.ts";
import { SeatRoleRef } from "../enums.ts";

export const ReproducibilityPolicyInput = builder.inputType("ReproducibilityPolicyInput", {
  description: "Who rebuilds, and how many distinct ones must agree.",
  fields: (t) => ({
    rebuilders: t.stringList({ description: "The accepted rebuilders." }),
    minRebuilders: t.int({ description: "How many of them must agree." }),
  }),
});

const AcceptedEnclaveInput = builder.inputType("AcceptedEnclaveInput", {
  description: "An enclave that may be used.",
  fields: (t) => ({
    enclave: t.string({ description: "The enclave's name." }),
    measurement: t.field({ type: "Digest", description: "What it must measure of itself." }),
  }),
});

export const RequiredEnclavesInput = builder.inputType("RequiredEnclavesInput", {
  description: "The enclaves that may be used, and how many are needed.",
  fields: (t) => ({
    enclaves: t.field({
      type: [AcceptedEnclaveInput],
      description: "The enclaves, the preferred ones first.",
    }),
    requiredEnclaves: t.int({ description: "How many are needed." }),
  }),
});

const SeatsInput = builder.inputType("SeatsInput", {
  description: "The seats of one role in every shift.",
  fields: (t) => ({
    role: t.field({ type: SeatRoleRef, description: "The role." }),
    count: t.int({ description: "How many seats." }),
  }),
});

export const QuorumPolicyInput = builder.inputType("QuorumPolicyInput", {
  description: "The seats of every shift, in the order in which they are filled (rule 4.1.6).",
  fields: (t) => ({
    seats: t.field({ type: [SeatsInput], description: "The seats, by role." }),
    minCustodyGroups: t.int({
      description: "From how many custody groups the signers of one shift must come.",
    }),
    handoverEpochs: t.field({
      type: "Epochs",
      description: "How many epochs two shifts may share before nobody counts in both; may be 0.",
    }),
  }),
});

export const FreshnessPolicyInput = builder.inputType("FreshnessPolicyInput", {
  description: "How old each kind of good news may grow (rule 4.3.4).",
  fields: (t) => ({
    digestMaxAge: t.field({ type: "Epochs", description: "For a confirmed digest." }),
    reproducibilityMaxAge: t.field({ type: "Epochs", description: "For a rebuild." }),
    attestationMaxAge: t.field({ type: "Epochs", description: "For a report on an enclave." }),
    availabilityMaxAge: t.field({ type: "Epochs", description: "For a commitment to a shift." }),
    custodyMaxAge: t.field({ type: "Epochs", description: "For a package that is held." }),
    safeguardMaxAge: t.field({ type: "Epochs", description: "For an engaged safeguard." }),
    quarantineMaxAge: t.field({ type: "Epochs", description: "For a quarantine in force." }),
    absenceMaxAge: t.field({
      type: "Epochs",
      description: "For an artifact that is gone from a location.",
    }),
  }),
});

const PublicationTargetInput = builder.inputType("PublicationTargetInput", {
  description: "Where artifacts may go later.",
  fields: (t) => ({
    target: t.string({ description: "The target's name." }),
    safeguards: t.field({
      type: [SafeguardNameRef],
      description: "What must hold it back until then.",
    }),
  }),
});

export const PublicationScopeInput = builder.inputType("PublicationScopeInput", {
  description: "Where the train's artifacts may go later, and what guards that.",
  fields: (t) => ({
    targets: t.field({ type: [PublicationTargetInput], description: "The targets." }),
  }),
});

const SubjectsOfReporterInput = builder.inputType("SubjectsOfReporterInput", {
  description: "The subjects for which one reporter is accepted.",
  fields: (t) => ({
    reporter: t.string({ description: "The reporter, one of those of the kind." }),
    subjects: t.stringList({
      description: "The artifacts, people, packages, targets, locations or enclaves.",
    }),
  }),
});

const ReportersOfKindInput = builder.inputType("ReportersOfKindInput", {
  description: "Who is accepted for one kind of entry.",
  fields: (t) => ({
    kind: t.field({ type: ReportedKindRef, description: "The kind." }),
    reporters: t.stringList({ description: "The accepted reporters." }),
    signed: t.boolean({
      required: false,
      description: "True where only entries with their reporter's own signature are to count.",
    }),
    subjects: t.field({
      type: [SubjectsOfReporterInput],
      required: false,
      description: "Reporters who are accepted for these subjects only; the others are for all.",
    }),
  }),
});

export const AcceptedReportersInput = builder.inputType("AcceptedReportersInput", {
  description:
    "Whose entries count; a kind that is not listed has no accepted reporter (rule 2.2).",
  fields: (t) => ({
    accepted: t.field({ type: [ReportersOfKindInput], description: "The reporters, by kind." }),
  }),
});
