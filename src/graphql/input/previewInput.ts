import { builder } from "../builder.ts";
import { PacketReportInput, SharedReportInput } from "./entryInput.ts";
import { DecisionSignatureInput, revisionAndDigest } from "./signatureInput.ts";
import { ApprovalLaneInput, BindingsInput, SourceProposalInput } from "./sourceInput.ts";
import { reason } from "./verbInput.ts";

const NamedRevisionInput = builder.inputType("NamedRevisionInput", {
  description: "One exact revision.",
  fields: (t) => ({
    ...revisionAndDigest(t),
    signature: t.field({
      type: DecisionSignatureInput,
      required: false,
      description: "Verified if given; without one the answer is as though it were there.",
    }),
  }),
});

const ReasonInput = builder.inputType("ReasonInput", {
  description: "A reason.",
  fields: reason,
});

const AnswerInput = builder.inputType("AnswerInput", {
  description: "An answer to a rejection.",
  fields: (t) => ({ answer: t.string({ description: "The answer." }) }),
});

const PlacementReleaseInput = builder.inputType("PlacementReleaseInput", {
  description: "The release of an operator hold.",
  fields: (t) => ({
    placement: t.int({ description: "The number of the placement." }),
    ...reason(t),
  }),
});

const ProposedChangeInput = builder.inputType("ProposedChangeInput", {
  description: "A change to look at without making it: exactly one.",
  isOneOf: true,
  extensions: { discriminator: "kind" },
  fields: (t) => ({
    source: t.field({
      type: SourceProposalInput,
      required: false,
      extensions: { wraps: "source" },
      description: "Accepting a source.",
    }),
    lane: t.field({
      type: ApprovalLaneInput,
      required: false,
      extensions: { wraps: "lane" },
      description: "Another approval lane.",
    }),
    bindings: t.field({
      type: BindingsInput,
      required: false,
      extensions: { wraps: "bindings" },
      description: "Binding to other versions.",
    }),
    entries: t.field({
      type: [PacketReportInput],
      required: false,
      extensions: { wraps: "entries" },
      description: "Readiness entries.",
    }),
    sharedEntries: t.field({
      type: [SharedReportInput],
      required: false,
      extensions: { wraps: "entries" },
      description: "Reports on shared subjects.",
    }),
    approval: t.field({
      type: NamedRevisionInput,
      required: false,
      description: "Approving a revision.",
    }),
    rejection: t.field({ type: ReasonInput, required: false, description: "Rejecting." }),
    resubmission: t.field({
      type: AnswerInput,
      required: false,
      description: "Answering a rejection.",
    }),
    operatorHold: t.field({
      type: ReasonInput,
      required: false,
      description: "Placing an operator hold.",
    }),
    operatorHoldRelease: t.field({
      type: PlacementReleaseInput,
      required: false,
      description: "Releasing an operator hold.",
    }),
    withdrawal: t.field({ type: ReasonInput, required: false, description: "Withdrawing." }),
  }),
});

export const ChangePreviewInput = builder.inputType("ChangePreviewInput", {
  description: "A change to look at without making it (rule 4.2.7).",
  fields: (t) => ({
    packet: t.field({ type: "UUID", description: "The packet." }),
    change: t.field({ type: ProposedChangeInput, description: "The change." }),
    as: t.string({
      required: false,
      description:
        "As whose the change is looked at: your own when left out. Nothing is recorded in anybody's name.",
    }),
  }),
});

export const RevisionsCompareInput = builder.inputType("RevisionsCompareInput", {
  description: "Two revisions to compare.",
  fields: (t) => ({
    packet: t.field({ type: "UUID", description: "The packet." }),
    fromRevision: t.int({ description: "The earlier revision." }),
    toRevision: t.int({ description: "The later revision." }),
  }),
});
