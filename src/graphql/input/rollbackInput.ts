import { builder } from "../builder.ts";

export const ReleaseInput = builder.inputType("ReleaseInput", {
  description: "What a component needs to know of a release to admit or refuse it.",
  fields: (t) => ({
    release: t.string({ description: "The release's name." }),
    digest: t.field({ type: "Digest", description: "The release's digest." }),
    svn: t.field({
      type: "SafeInt",
      description: "Its security version number, which rises when a vulnerability is fixed.",
    }),
    masvn: t.field({
      type: "SafeInt",
      description: "The least security version number that is admitted once it has run.",
    }),
    denied: t.field({
      type: ["Digest"],
      description: "The digests that are denied once it has run.",
    }),
    trustedKeys: t.stringList({ description: "The keys that are trusted once it has run." }),
    signedBy: t.stringList({
      description: "The keys that it is signed with, by fingerprint: one of the signatures each.",
    }),
    signatures: t.stringList({
      required: false,
      description:
        "Armored OpenSSH signatures of the statement `holdfast/release/1`, in the namespace `release@holdfast`.",
    }),
  }),
});

const RollbackPackageInput = builder.inputType("RollbackPackageInput", {
  description: "A release to go back to, kept on sealed media by custodians.",
  fields: (t) => ({
    package: t.string({ description: "The package's name." }),
    component: t.string({ description: "The component that it is for; trainReleases has it too." }),
    release: t.field({ type: ReleaseInput, description: "The release in it." }),
  }),
});

const ComponentReleaseInput = builder.inputType("ComponentReleaseInput", {
  description: "The train's own release on one component.",
  fields: (t) => ({
    component: t.string({ description: "The component." }),
    release: t.field({ type: ReleaseInput, description: "The train's release there." }),
  }),
});

export const RollbackScopeInput = builder.inputType("RollbackScopeInput", {
  description: "What may be rolled back to, and the train's own releases (rule 4.1.4).",
  fields: (t) => ({
    packages: t.field({ type: [RollbackPackageInput], description: "The packages." }),
    trainReleases: t.field({
      type: [ComponentReleaseInput],
      description: "The train's release on every component that a package is for.",
    }),
    minCustodians: t.int({ description: "How many custodians must hold each package." }),
  }),
});
