import { builder } from "../builder.ts";
import { OutageStatusRef } from "../content/contentEnums.ts";
import { SeatRoleRef } from "../enums.ts";

export const OutageDeclarationInput = builder.inputType("OutageDeclarationInput", {
  description: "The declared outage and the trains that its bounded fallback covers.",
  fields: (t) => ({
    declaration: t.string({ description: "The declaration's name." }),
    status: t.field({ type: OutageStatusRef, description: "How the outage stands." }),
    services: t.stringList({ description: "The services that are down." }),
    fallbackTrains: t.stringList({ description: "The trains that the fallback covers." }),
  }),
});

export const TrustedBranchInput = builder.inputType("TrustedBranchInput", {
  description: "The branch that upstream work trusts.",
  fields: (t) => ({
    repository: t.string({ description: "The repository." }),
    branch: t.string({ description: "The branch." }),
    commit: t.string({ description: "The full id of the commit in lower-case hexadecimal." }),
  }),
});

const ArtifactInput = builder.inputType("ArtifactInput", {
  description: "One artifact that may be signed.",
  fields: (t) => ({
    name: t.string({ description: "Its name: a relative path." }),
    digest: t.field({ type: "Digest", description: "Its digest." }),
    size: t.field({ type: "SafeInt", description: "Its size in bytes." }),
    targets: t.stringList({ description: "The publication targets that it would go to." }),
  }),
});

export const ManifestInput = builder.inputType("ManifestInput", {
  description: "The exact set of artifacts that may be signed, in any order.",
  fields: (t) => ({
    artifacts: t.field({ type: [ArtifactInput], description: "Every artifact." }),
  }),
});

const RosterPersonInput = builder.inputType("RosterPersonInput", {
  description: "One person who may sit.",
  fields: (t) => ({
    person: t.string({ description: "The person." }),
    roles: t.field({ type: [SeatRoleRef], description: "The roles that they may fill." }),
    custodyGroup: t.string({ description: "The custody group that they belong to." }),
  }),
});

export const RosterInput = builder.inputType("RosterInput", {
  description: "Everybody who may take a seat or hold custody.",
  fields: (t) => ({
    people: t.field({ type: [RosterPersonInput], description: "The people." }),
  }),
});

const ShiftInput = builder.inputType("ShiftInput", {
  description: "One shift, as people know it.",
  fields: (t) => ({
    shift: t.string({ description: "The shift's name." }),
    startsAt: t.field({ type: "DateTime", description: "When it starts." }),
    endsAt: t.field({ type: "DateTime", description: "When it ends, later than it starts." }),
  }),
});

const NoSigningInput = builder.inputType("NoSigningInput", {
  description: "A time in which nobody signs.",
  fields: (t) => ({
    startsAt: t.field({ type: "DateTime", description: "When it starts." }),
    endsAt: t.field({ type: "DateTime", description: "When it ends, later than it starts." }),
  }),
});

export const ShiftCalendarInput = builder.inputType("ShiftCalendarInput", {
  description: "The shifts in times, which become epochs once, at acceptance (rule 6.3).",
  fields: (t) => ({
    shifts: t.field({ type: [ShiftInput], description: "The shifts." }),
    noSigning: t.field({
      type: [NoSigningInput],
      description: "When nobody signs; may be empty.",
    }),
  }),
});

export const ShipmentWindowInput = builder.inputType("ShipmentWindowInput", {
  description: "When the train would ship, in times (rule 6.3).",
  fields: (t) => ({
    startsAt: t.field({ type: "DateTime", description: "When the window starts." }),
    endsAt: t.field({ type: "DateTime", description: "When it ends, later than it starts." }),
  }),
});
