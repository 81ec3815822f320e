import type { ContentOf } from "#packet/source.ts";
import { builder, governed, shared } from "../builder.ts";
import { ReportedKindRef, SafeguardNameRef } from "./contentEnums.ts";
import { SeatRoleRef } from "../enums.ts";

export const ReproducibilityPolicyRef = builder
  .objectRef<ContentOf<"REPRODUCIBILITY_POLICY">>("ReproducibilityPolicy")
  .implement({
    description: "Who rebuilds, and how many distinct ones must agree.",
    fields: (t) => ({
      rebuilders: t.exposeStringList("rebuilders", {
        ...governed,
        description: "The accepted rebuilders.",
      }),
      minRebuilders: t.exposeInt("minRebuilders", {
        ...shared,
        description: "How many of them must agree.",
      }),
    }),
  });

const AcceptedEnclaveRef = builder
  .objectRef<ContentOf<"REQUIRED_ENCLAVES">["enclaves"][number]>("AcceptedEnclave")
  .implement({
    description: "An enclave that may be used.",
    fields: (t) => ({
      enclave: t.exposeString("enclave", { ...governed, description: "The enclave's name." }),
      measurement: t.expose("measurement", {
        ...governed,
        type: "Digest",
        description: "What it must measure of itself.",
      }),
    }),
  });

export const RequiredEnclavesRef = builder
  .objectRef<ContentOf<"REQUIRED_ENCLAVES">>("RequiredEnclaves")
  .implement({
    description: "The enclaves that may be used, and how many are needed.",
    fields: (t) => ({
      enclaves: t.expose("enclaves", {
        ...governed,
        type: [AcceptedEnclaveRef],
        description: "The enclaves, the preferred ones first.",
      }),
      requiredEnclaves: t.exposeInt("requiredEnclaves", {
        ...shared,
        description: "How many are needed.",
      }),
    }),
  });

const SeatsRef = builder.objectRef<ContentOf<"QUORUM_POLICY">["seats"][number]>("Seats").implement({
  description: "The seats of one role in every shift.",
  fields: (t) => ({
    role: t.expose("role", { ...shared, type: SeatRoleRef, description: "The role." }),
    count: t.exposeInt("count", { ...shared, description: "How many seats." }),
  }),
});

export const QuorumPolicyRef = builder
  .objectRef<ContentOf<"QUORUM_POLICY">>("QuorumPolicy")
  .implement({
    description: "The seats of every shift, in the order in which they are filled (rule 4.1.6).",
    fields: (t) => ({
      seats: t.expose("seats", {
        ...shared,
        type: [SeatsRef],
        description: "The seats, by role.",
      }),
      minCustodyGroups: t.exposeInt("minCustodyGroups", {
        ...shared,
        description: "From how many custody groups the signers of one shift must come.",
      }),
      handoverEpochs: t.expose("handoverEpochs", {
        ...shared,
        type: "Epochs",
        description: "How many epochs two shifts may share before nobody counts in both.",
      }),
    }),
  });

export const FreshnessPolicyRef = builder
  .objectRef<ContentOf<"FRESHNESS_POLICY">>("FreshnessPolicy")
  .implement({
    description: "How old each kind of good news may grow (rule 4.3.4).",
    fields: (t) => {
      const age = { ...shared, type: "Epochs" } as const;
      return {
        digestMaxAge: t.expose("digestMaxAge", { ...age, description: "For a confirmed digest." }),
        reproducibilityMaxAge: t.expose("reproducibilityMaxAge", {
          ...age,
          description: "For a rebuild.",
        }),
        attestationMaxAge: t.expose("attestationMaxAge", {
          ...age,
          description: "For a report on an enclave.",
        }),
        availabilityMaxAge: t.expose("availabilityMaxAge", {
          ...age,
          description: "For a commitment to a shift.",
        }),
        custodyMaxAge: t.expose("custodyMaxAge", {
          ...age,
          description: "For a package that is held.",
        }),
        safeguardMaxAge: t.expose("safeguardMaxAge", {
          ...age,
          description: "For an engaged safeguard.",
        }),
        quarantineMaxAge: t.expose("quarantineMaxAge", {
          ...age,
          description: "For a quarantine in force.",
        }),
        absenceMaxAge: t.expose("absenceMaxAge", {
          ...age,
          description: "For an artifact that is gone from a location.",
        }),
      };
    },
  });

const PublicationTargetRef = builder
  .objectRef<ContentOf<"PUBLICATION_SCOPE">["targets"][number]>("PublicationTarget")
  .implement({
    description: "Where artifacts may go later.",
    fields: (t) => ({
      target: t.exposeString("target", { ...governed, description: "The target's name." }),
      safeguards: t.expose("safeguards", {
        ...shared,
        type: [SafeguardNameRef],
        description: "What must hold it back until then.",
      }),
    }),
  });

export const PublicationScopeRef = builder
  .objectRef<ContentOf<"PUBLICATION_SCOPE">>("PublicationScope")
  .implement({
    description: "Where the train's artifacts may go later, and what guards that.",
    fields: (t) => ({
      targets: t.expose("targets", {
        ...governed,
        type: [PublicationTargetRef],
        description: "The targets.",
      }),
    }),
  });

type AcceptedOfKind = ContentOf<"ACCEPTED_REPORTERS">["accepted"][number];

const SubjectsOfReporterRef = builder
  .objectRef<NonNullable<AcceptedOfKind["subjects"]>[number]>("SubjectsOfReporter")
  .implement({
    description: "The subjects for which one reporter is accepted.",
    fields: (t) => ({
      reporter: t.exposeString("reporter", { ...governed, description: "The reporter." }),
      subjects: t.exposeStringList("subjects", {
        ...governed,
        description: "The artifacts, people, packages, targets, locations or enclaves.",
      }),
    }),
  });

const ReportersOfKindRef = builder.objectRef<AcceptedOfKind>("ReportersOfKind").implement({
  description: "Who is accepted for one kind of entry.",
  fields: (t) => ({
    kind: t.expose("kind", { ...shared, type: ReportedKindRef, description: "The kind." }),
    reporters: t.exposeStringList("reporters", {
      ...governed,
      description: "The accepted reporters.",
    }),
    signed: t.boolean({
      ...shared,
      nullable: true,
      description:
        "True where only entries with their reporter's own signature count; null where none is asked for.",
      resolve: ({ signed }) => signed ?? null,
    }),
    subjects: t.field({
      ...governed,
      type: [SubjectsOfReporterRef],
      description: "Reporters who are accepted for these subjects only; null where there are none.",
      resolve: ({ subjects }) => subjects ?? null,
    }),
  }),
});

export const AcceptedReportersRef = builder
  .objectRef<ContentOf<"ACCEPTED_REPORTERS">>("AcceptedReporters")
  .implement({
    description:
      "Whose entries count; a kind that is not listed has no accepted reporter (rule 2.2).",
    fields: (t) => ({
      accepted: t.expose("accepted", {
        ...shared,
        type: [ReportersOfKindRef],
        description: "The reporters, by kind.",
      }),
    }),
  });
