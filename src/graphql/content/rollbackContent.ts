import type { Release } from "#packet/rollback.ts";
import type { ContentOf } from "#packet/source.ts";
import { builder, governed, shared } from "../builder.ts";

type RollbackScope = ContentOf<"ROLLBACK_SCOPE">;

/** What up to 10,000 digests cost. */
const LONG_LIST = { complexity: 100 } as const;

export const ReleaseRef = builder.objectRef<Release>("Release").implement({
  description: "What a component needs to know of a release to admit or refuse it.",
  fields: (t) => ({
    release: t.exposeString("release", { ...governed, description: "The release's name." }),
    digest: t.expose("digest", {
      ...governed,
      type: "Digest",
      description: "The release's digest.",
    }),
    svn: t.expose("svn", {
      ...governed,
      type: "SafeInt",
      description: "Its security version number, which rises when a vulnerability is fixed.",
    }),
    masvn: t.expose("masvn", {
      ...governed,
      type: "SafeInt",
      description: "The least security version number that is admitted once it has run.",
    }),
    denied: t.expose("denied", {
      ...governed,
      ...LONG_LIST,
      type: ["Digest"],
      description: "The digests that are denied once it has run.",
    }),
    trustedKeys: t.exposeStringList("trustedKeys", {
      ...governed,
      description: "The keys that are trusted once it has run.",
    }),
    signedBy: t.exposeStringList("signedBy", {
      ...governed,
      description: "The keys that it is signed with, each shown by one of the signatures.",
    }),
    signatures: t.stringList({
      ...governed,
      description: "Armored OpenSSH signatures of its statement; null where there is none.",
      resolve: ({ signatures }) => signatures ?? null,
    }),
  }),
});

const RollbackPackageRef = builder
  .objectRef<RollbackScope["packages"][number]>("RollbackPackage")
  .implement({
    description: "A release to go back to, kept on sealed media by custodians.",
    fields: (t) => ({
      package: t.exposeString("package", { ...governed, description: "The package's name." }),
      component: t.exposeString("component", {
        ...governed,
        description: "The component that it is for.",
      }),
      release: t.expose("release", {
        ...governed,
        type: ReleaseRef,
        description: "The release in it.",
      }),
    }),
  });

const ComponentReleaseRef = builder
  .objectRef<RollbackScope["trainReleases"][number]>("ComponentRelease")
  .implement({
    description: "The train's own release on one component.",
    fields: (t) => ({
      component: t.exposeString("component", { ...governed, description: "The component." }),
      release: t.expose("release", {
        ...governed,
        type: ReleaseRef,
        description: "The train's release there.",
      }),
    }),
  });

export const RollbackScopeRef = builder.objectRef<RollbackScope>("RollbackScope").implement({
  description: "What may be rolled back to, and the train's own releases (rule 4.1.4).",
  fields: (t) => ({
    packages: t.expose("packages", {
      ...governed,
      type: [RollbackPackageRef],
      description: "The packages.",
    }),
    trainReleases: t.expose("trainReleases", {
      ...governed,
      type: [ComponentReleaseRef],
      description: "The train's release on every component that a package is for.",
    }),
    minCustodians: t.exposeInt("minCustodians", {
      ...shared,
      description: "How many custodians must hold each package.",
    }),
  }),
});
