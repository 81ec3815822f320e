import { builder } from "../builder.ts";
import { PacketReportInput, SharedReportInput } from "./entryInput.ts";
import {
  DecisionSignatureInput,
  RejectionSignatureInput,
  revisionAndDigest,
} from "./signatureInput.ts";
import { ApprovalLaneInput, BindingsInput, SourceProposalInput } from "./sourceInput.ts";

/** The field builder of an input type. */
type Fields = PothosSchemaTypes.InputFieldBuilder<
  (typeof builder)["$inferSchemaTypes"],
  "InputObject"
>;

const key = (t: Fields) => ({
  idempotencyKey: t.string({
    description:
      "A key of your own, 8 to 128 printable ASCII characters: the same key with the same input gives the first answer.",
  }),
});

const onPacket = (t: Fields) => ({
  ...key(t),
  packet: t.field({ type: "UUID", description: "The packet." }),
  expectedRevision: t.int({
    required: false,
    description: "When given, the packet's newest revision must still be this one.",
  }),
});

const onTrain = (t: Fields) => ({
  ...key(t),
  train: t.string({ description: "The patch train." }),
  exercise: t.boolean({
    description: "True for practice, which never meets what is real (rule 2.3).",
  }),
});

const reportNumber = (t: Fields) => ({
  reportNumber: t.field({
    type: "ReportNumber",
    required: false,
    description:
      "An automated reporter's own count, greater each time; a person leaves it out (rule 4.3.2).",
  }),
});

/** Why somebody does what they ask for. */
export const reason = (t: Fields) => ({
  reason: t.string({ description: "Why, in words of your own, kept verbatim." }),
});

export const SourceAcceptInput = builder.inputType("SourceAcceptInput", {
  description: "Accept a new version of one source for a train.",
  fields: (t) => ({
    ...onTrain(t),
    source: t.field({ type: SourceProposalInput, description: "What to accept." }),
  }),
});

export const LaneProposeInput = builder.inputType("LaneProposeInput", {
  description:
    "Propose an approval lane, which another release-security person must confirm (rule 2.1).",
  fields: (t) => ({
    ...onTrain(t),
    lane: t.field({ type: ApprovalLaneInput, description: "The lane." }),
  }),
});

export const LaneConfirmInput = builder.inputType("LaneConfirmInput", {
  description: "Confirm the lane that another proposed.",
  fields: (t) => ({
    ...onTrain(t),
    proposal: t.field({ type: "UUID", description: "The proposal." }),
    digest: t.field({ type: "Digest", description: "Its full digest." }),
  }),
});

export const PacketOpenInput = builder.inputType("PacketOpenInput", {
  description: "Open the packet of a train: scope, bindings and first entries together (rule 3.3).",
  fields: (t) => ({
    ...onTrain(t),
    packet: t.field({
      type: "UUID",
      required: false,
      description:
        "The id that it is to have, which signed entries name: `entryStatements` gives one. Left out, it is given one.",
    }),
    succeeds: t.field({
      type: "UUID",
      required: false,
      description: "The closed packet of this train that it succeeds.",
    }),
    bindings: t.field({
      type: BindingsInput,
      description: "The accepted versions that it is prepared against.",
    }),
    entries: t.field({ type: [PacketReportInput], description: "First entries; may be empty." }),
    ...reportNumber(t),
  }),
});

export const PacketBindInput = builder.inputType("PacketBindInput", {
  description: "Bind a packet to accepted versions.",
  fields: (t) => ({
    ...onPacket(t),
    bindings: t.field({ type: BindingsInput, description: "The versions." }),
  }),
});

export const ReadinessRecordInput = builder.inputType("ReadinessRecordInput", {
  description: "Record readiness entries about a packet's own subjects: all or none.",
  fields: (t) => ({
    ...onPacket(t),
    entries: t.field({ type: [PacketReportInput], description: "The entries, at most 10,000." }),
    ...reportNumber(t),
  }),
});

export const SharedRecordInput = builder.inputType("SharedRecordInput", {
  description: "Report once on subjects that several packets share (rule 3.6): all or none.",
  fields: (t) => ({
    ...key(t),
    exercise: t.boolean({
      description: "True for practice, which never meets what is real (rule 2.3).",
    }),
    entries: t.field({ type: [SharedReportInput], description: "The entries, at most 1,000." }),
    ...reportNumber(t),
    tokens: t.stringList({
      required: false,
      description:
        "Needed where the change rate is controlled: a token of the change-rate service for each floor that the entries raise, each deny list that they lengthen and each change of trusted keys, at most 64. Each is used up by its change.",
    }),
  }),
});

export const OperatorHoldPlaceInput = builder.inputType("OperatorHoldPlaceInput", {
  description: "Place an operator hold (rule 3.5).",
  fields: (t) => ({ ...onPacket(t), ...reason(t) }),
});

export const OperatorHoldReleaseInput = builder.inputType("OperatorHoldReleaseInput", {
  description: "Release an operator hold (rule 3.5).",
  fields: (t) => ({
    ...onPacket(t),
    placement: t.int({ description: "The number of the placement, which is the hold's subject." }),
    ...reason(t),
  }),
});

export const EscalationAcknowledgeInput = builder.inputType("EscalationAcknowledgeInput", {
  description: "Acknowledge an escalation, which clears nothing (rule 3.8).",
  fields: (t) => ({
    ...onPacket(t),
    note: t.string({ description: "What to note, kept verbatim." }),
  }),
});

export const PacketApproveInput = builder.inputType("PacketApproveInput", {
  description: "Approve one exact revision by number and full digest (rule 5.1).",
  fields: (t) => ({
    ...key(t),
    packet: t.field({ type: "UUID", description: "The packet." }),
    ...revisionAndDigest(t),
    signature: t.field({
      type: DecisionSignatureInput,
      required: false,
      description: "Needed where a key is listed for your approvals.",
    }),
  }),
});

export const PacketRejectInput = builder.inputType("PacketRejectInput", {
  description: "Reject a packet (rule 5.3).",
  fields: (t) => ({
    ...onPacket(t),
    ...reason(t),
    signature: t.field({
      type: RejectionSignatureInput,
      required: false,
      description: "Never needed; what is given is verified and kept.",
    }),
  }),
});

export const PacketResubmitInput = builder.inputType("PacketResubmitInput", {
  description: "Answer the owner's rejection.",
  fields: (t) => ({
    ...onPacket(t),
    answer: t.string({ description: "The answer, kept verbatim." }),
  }),
});

export const PacketWithdrawInput = builder.inputType("PacketWithdrawInput", {
  description: "Withdraw a packet for good (rule 5.3).",
  fields: (t) => ({ ...onPacket(t), ...reason(t) }),
});

const onClock = (t: Fields) => ({
  ...key(t),
  ...reason(t),
  token: t.string({
    required: false,
    description:
      "Needed where the change rate is controlled: a token of the change-rate service for exactly this change, used up by it.",
  }),
});

export const EpochAdvanceInput = builder.inputType("EpochAdvanceInput", {
  description: "Advance the epoch by one step by hand, which breaks every time mapping (rule 6.5).",
  fields: onClock,
});

export const EpochFreezeInput = builder.inputType("EpochFreezeInput", {
  description: "Freeze the epoch (rule 6.5).",
  fields: onClock,
});

export const EpochThawInput = builder.inputType("EpochThawInput", {
  description: "Thaw the epoch (rule 6.5).",
  fields: onClock,
});

export const EpochRateChangeInput = builder.inputType("EpochRateChangeInput", {
  description: "Set how long an epoch is (rule 6.5).",
  fields: (t) => ({
    ...onClock(t),
    epochMs: t.int({ description: "From 1,500 to 86,400,000 milliseconds." }),
  }),
});
