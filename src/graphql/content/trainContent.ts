import type { Artifact } from "#packet/manifest.ts";
import type { Digest } from "#packet/name.ts";
import type { RosterPerson } from "#packet/quorum.ts";
import type { ContentOf } from "#packet/source.ts";
import { builder, governed, restricted, shared } from "../builder.ts";
import { connectionOptions, sliceOf } from "../connections.ts";
import { AuthorityKindRef, OutageStatusRef } from "./contentEnums.ts";
import { SeatRoleRef } from "../enums.ts";
import { ExercisePolicyRef } from "./emergencyContent.ts";

const AuthorityRef = builder
  .objectRef<ContentOf<"APPROVAL_LANE">["authorities"][number]>("Authority")
  .implement({
    description: "Who may accept one kind of source.",
    fields: (t) => ({
      kind: t.expose("kind", { ...shared, type: AuthorityKindRef, description: "The kind." }),
      authority: t.exposeString("authority", { ...governed, description: "Who may accept it." }),
    }),
  });

export const ApprovalLaneRef = builder
  .objectRef<ContentOf<"APPROVAL_LANE">>("ApprovalLane")
  .implement({
    description: "Who decides, and who may accept each kind of source (rule 2.1).",
    fields: (t) => ({
      owner: t.exposeString("owner", { ...governed, description: "Who decides." }),
      authorities: t.expose("authorities", {
        ...shared,
        type: [AuthorityRef],
        description: "The authority of every kind of source but the lane itself.",
      }),
      emergencyAccess: t.field({
        ...shared,
        nullable: true,
        type: ExercisePolicyRef,
        description: "What it asks of emergency access; null where it asks for nothing.",
        resolve: ({ emergencyAccess }) => emergencyAccess ?? null,
      }),
    }),
  });

export const OutageDeclarationRef = builder
  .objectRef<ContentOf<"OUTAGE_DECLARATION">>("OutageDeclaration")
  .implement({
    description: "The declared outage and the trains that its bounded fallback covers.",
    fields: (t) => ({
      declaration: t.exposeString("declaration", {
        ...governed,
        description: "The declaration's name.",
      }),
      status: t.expose("status", {
        ...shared,
        type: OutageStatusRef,
        description: "How the outage stands.",
      }),
      services: t.exposeStringList("services", {
        ...governed,
        description: "The services that are down.",
      }),
      fallbackTrains: t.exposeStringList("fallbackTrains", {
        ...governed,
        description: "The trains that the fallback covers.",
      }),
    }),
  });

export const TrustedBranchRef = builder
  .objectRef<ContentOf<"TRUSTED_BRANCH">>("TrustedBranch")
  .implement({
    description: "The branch that upstream work trusts; it may lead to the vulnerability.",
    fields: (t) => ({
      repository: t.exposeString("repository", { ...restricted, description: "The repository." }),
      branch: t.exposeString("branch", { ...restricted, description: "The branch." }),
      commit: t.exposeString("commit", {
        ...restricted,
        description: "The full id of the commit in lower-case hexadecimal.",
      }),
    }),
  });

const ArtifactRef = builder.objectRef<Artifact>("Artifact").implement({
  description: "One artifact that may be signed.",
  fields: (t) => ({
    name: t.exposeString("name", { ...governed, description: "Its name: a relative path." }),
    digest: t.expose("digest", { ...governed, type: "Digest", description: "Its digest." }),
    size: t.expose("size", { ...governed, type: "SafeInt", description: "Its size in bytes." }),
    targets: t.exposeStringList("targets", {
      ...governed,
      description: "The publication targets that it would go to.",
    }),
  }),
});

/** A manifest with the digest of its source, which its cursors are of. */
export type AcceptedManifest = ContentOf<"MANIFEST"> & { readonly sourceDigest: Digest };

export const ManifestRef = builder.objectRef<AcceptedManifest>("Manifest").implement({
  description: "The exact set of artifacts that may be signed.",
  fields: (t) => ({
    artifacts: t.connection({
      ...governed,
      type: ArtifactRef,
      description: "Every artifact, in order of name.",
      ...connectionOptions,
      resolve: ({ sourceDigest, artifacts }, args, { cursors }) =>
        sliceOf({
          items: artifacts,
          args,
          position: (_, index) => BigInt(index),
          cursors,
          scope: `manifest ${sourceDigest}`,
        }),
    }),
  }),
});

const RosterPersonRef = builder.objectRef<RosterPerson>("RosterPerson").implement({
  description: "One person who may sit.",
  fields: (t) => ({
    person: t.exposeString("person", { ...governed, description: "The person." }),
    roles: t.expose("roles", {
      ...governed,
      type: [SeatRoleRef],
      description: "The roles that they may fill.",
    }),
    custodyGroup: t.exposeString("custodyGroup", {
      ...governed,
      description: "The custody group that they belong to.",
    }),
  }),
});

export const RosterRef = builder.objectRef<ContentOf<"ROSTER">>("Roster").implement({
  description: "Everybody who may take a seat or hold custody.",
  fields: (t) => ({
    people: t.expose("people", {
      ...governed,
      type: [RosterPersonRef],
      description: "The people.",
    }),
  }),
});
