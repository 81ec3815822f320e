import { LineageInDoubt } from "#packet/lineage.ts";
import * as refusal from "#packet/refusal.ts";
import { KeySlotsExhausted, ReleaseInadmissible } from "#packet/rollbackRefusal.ts";
import { builder, shared } from "./builder.ts";
import { ChangeTokenNeededRef, ChangeTokenRefusedRef } from "./changes.ts";
import { InadmissibilityRef } from "./content/rollbackEntries.ts";
import { ClockInDoubtRef, EpochTooSoonRef } from "./clockRefusals.ts";
import { ErrorRef, FaultRef, OpenHoldNameRef } from "./refusalParts.ts";
import { CLASSES, type RefusalName } from "./refusalNames.ts";
import { LineageDoubtRef, PacketStatusRef, SourceKindRef } from "./enums.ts";

/** A refusal that says no more than its code and message. */
function plain(name: RefusalName, description: string) {
  return builder.objectType(CLASSES[name], { name, interfaces: [ErrorRef], description });
}

/** A refusal that lists where the input is at fault. */
function faulty(name: "InvalidInput" | "ReportOutOfScope", description: string) {
  return builder.objectType(CLASSES[name], {
    name,
    interfaces: [ErrorRef],
    description,
    fields: (t) => ({
      faults: t.field({
        ...shared,
        type: [FaultRef],
        description: "Every fault.",
        resolve: ({ faults }) => [...faults],
      }),
    }),
  });
}

const NotTheAuthorityRef = builder.objectType(refusal.NotTheAuthority, {
  name: "NotTheAuthority",
  interfaces: [ErrorRef],
  description: "The approval lane names somebody else for this kind of source (rule 2.1).",
  fields: (t) => ({
    source: t.field({
      ...shared,
      type: SourceKindRef,
      description: "The kind of source.",
      resolve: ({ source }) => source,
    }),
  }),
});

const SourcesMissingRef = builder.objectType(refusal.SourcesMissing, {
  name: "SourcesMissing",
  interfaces: [ErrorRef],
  description: "Every kind of source must be accepted first.",
  fields: (t) => ({
    kinds: t.field({
      ...shared,
      type: [SourceKindRef],
      description: "The kinds that are missing.",
      resolve: ({ kinds }) => [...kinds],
    }),
  }),
});

const PolicyUnmeetableRef = builder.objectType(refusal.PolicyUnmeetable, {
  name: "PolicyUnmeetable",
  interfaces: [ErrorRef],
  description: "The policy could never be met by what is accepted now (rule 4.2.6).",
  fields: (t) => ({
    path: t.stringList({
      ...shared,
      description: "Which of its numbers.",
      resolve: ({ path }) => path.map(String),
    }),
  }),
});

const RevisionConflictRef = builder.objectType(refusal.RevisionConflict, {
  name: "RevisionConflict",
  interfaces: [ErrorRef],
  description: "The packet moved on since you looked.",
  fields: (t) => ({
    head: t.exposeInt("head", { ...shared, description: "The newest revision." }),
  }),
});

const StaleRevisionRef = builder.objectType(refusal.StaleRevision, {
  name: "StaleRevision",
  interfaces: [ErrorRef],
  description:
    "Something material changed or a hold opened after the revision that you named (rule 5.1).",
  fields: (t) => ({
    steadySince: t.exposeInt("steadySince", {
      ...shared,
      description: "The oldest revision that may be named now.",
    }),
  }),
});

const HeldRef = builder.objectType(refusal.Held, {
  name: "Held",
  interfaces: [ErrorRef],
  description: "Holds are open; every one is listed.",
  fields: (t) => ({
    holds: t.field({
      ...shared,
      type: [OpenHoldNameRef],
      description: "The open holds.",
      resolve: ({ holds }) => [...holds],
    }),
  }),
});

const AlreadyApprovedRef = builder.objectType(refusal.AlreadyApproved, {
  name: "AlreadyApproved",
  interfaces: [ErrorRef],
  description: "An approval stands already.",
  fields: (t) => ({
    revision: t.exposeInt("revision", { ...shared, description: "The revision that is approved." }),
  }),
});

const WrongStatusRef = builder.objectType(refusal.WrongStatus, {
  name: "WrongStatus",
  interfaces: [ErrorRef],
  description: "This does not fit where the packet stands.",
  fields: (t) => ({
    status: t.field({
      ...shared,
      type: PacketStatusRef,
      description: "Where it stands.",
      resolve: ({ status }) => status,
    }),
  }),
});

const LineageInDoubtRef = builder.objectType(LineageInDoubt, {
  name: "LineageInDoubt",
  interfaces: [ErrorRef],
  description: "While the database may not hold the whole lineage, no approval is accepted.",
  fields: (t) => ({
    doubt: t.field({
      ...shared,
      type: LineageDoubtRef,
      description: "The doubt.",
      resolve: ({ doubt }) => doubt,
    }),
  }),
});

const ReportReplayedRef = builder.objectType(refusal.ReportReplayed, {
  name: "ReportReplayed",
  interfaces: [ErrorRef],
  description: "A reporter's number did not increase (rule 4.3.2).",
  fields: (t) => ({
    last: t.field({
      ...shared,
      type: "ReportNumber",
      description: "Your last report's number.",
      resolve: ({ last }) => last,
    }),
  }),
});

const ReleaseInadmissibleRef = builder.objectType(ReleaseInadmissible, {
  name: "ReleaseInadmissible",
  interfaces: [ErrorRef],
  description: "The component does not admit this release, so it cannot have run there.",
  fields: (t) => ({
    path: t.stringList({
      ...shared,
      description: "Which release of the input.",
      resolve: ({ path }) => path.map(String),
    }),
    causes: t.field({
      ...shared,
      type: [InadmissibilityRef],
      description: "Every reason.",
      resolve: ({ causes }) => [...causes],
    }),
  }),
});

const KeySlotsExhaustedRef = builder.objectType(KeySlotsExhausted, {
  name: "KeySlotsExhausted",
  interfaces: [ErrorRef],
  description: "The rotation would leave the component without a free key slot.",
  fields: (t) => ({
    path: t.stringList({
      ...shared,
      description: "Which key of the input.",
      resolve: ({ path }) => path.map(String),
    }),
    slots: t.exposeInt("slots", { ...shared, description: "How many slots it has." }),
    used: t.exposeInt("used", {
      ...shared,
      description: "How many are used, by every key that was ever trusted.",
    }),
  }),
});

const ApprovalRefusedRef = builder.objectType(refusal.ApprovalRefused, {
  name: "ApprovalRefused",
  interfaces: [ErrorRef],
  description: "The approval was not accepted; every reason of rule 5.1 that failed is listed.",
  fields: (t) => ({
    reasons: t.field({
      ...shared,
      type: [ErrorRef],
      description: "Every reason.",
      resolve: ({ reasons }) => [...reasons],
    }),
  }),
});

/** The schema's type of each refusal. */
const REFUSALS = {
  InvalidInput: faulty(
    "InvalidInput",
    "The input has faults; every one is listed, and nothing was written.",
  ),
  UnknownPacket: plain("UnknownPacket", "There is no such packet, or none that you may see."),
  NotEntitled: plain("NotEntitled", "Your roles do not entitle you to this."),
  NotTheAuthority: NotTheAuthorityRef,
  DutiesNotSeparate: plain(
    "DutiesNotSeparate",
    "The same person may not do both of two things (rules 2.1 and 5.3).",
  ),
  SourcesMissing: SourcesMissingRef,
  TrainHasPacket: plain("TrainHasPacket", "The train already has a packet that is not closed."),
  PolicyUnmeetable: PolicyUnmeetableRef,
  PacketClosed: plain("PacketClosed", "The packet is closed for good."),
  RevisionConflict: RevisionConflictRef,
  IdempotencyConflict: plain(
    "IdempotencyConflict",
    "You used this idempotency key with another input.",
  ),
  NotTheOwner: plain(
    "NotTheOwner",
    "Only the owner whom the newest lane names decides (rule 5.1).",
  ),
  SystemCannotDecide: plain("SystemCannotDecide", "A system account never decides (rule 5.3)."),
  CredentialRevoked: plain("CredentialRevoked", "Your credential is revoked."),
  StaleRevision: StaleRevisionRef,
  DigestUnknown: plain("DigestUnknown", "The packet has no revision of that number and digest."),
  Held: HeldRef,
  AlreadyApproved: AlreadyApprovedRef,
  WrongStatus: WrongStatusRef,
  ClockInDoubt: ClockInDoubtRef,
  LineageInDoubt: LineageInDoubtRef,
  EpochTooSoon: EpochTooSoonRef,
  ChangeTokenNeeded: ChangeTokenNeededRef,
  ChangeTokenRefused: ChangeTokenRefusedRef,
  ClockUnchanged: plain("ClockUnchanged", "The clock already is what was asked for."),
  ReportOutOfScope: faulty(
    "ReportOutOfScope",
    "Your credential does not cover all of these entries.",
  ),
  ReportReplayed: ReportReplayedRef,
  ReleaseInadmissible: ReleaseInadmissibleRef,
  KeySlotsExhausted: KeySlotsExhaustedRef,
  UnknownPlacement: plain("UnknownPlacement", "No operator hold of that number is open."),
  UnknownProposal: plain("UnknownProposal", "No such proposal waits for confirmation."),
  ApprovalRefused: ApprovalRefusedRef,
  SignatureInvalid: plain("SignatureInvalid", "The signature that was given does not count."),
  SignatureRequired: plain(
    "SignatureRequired",
    "A key is listed for your approvals, so they need its signature.",
  ),
  CursorForged: plain("CursorForged", "The cursor was not given out by this deployment."),
  CursorForeign: plain("CursorForeign", "The cursor belongs to another list or stream."),
  CursorFuture: plain("CursorFuture", "The cursor lies beyond the newest element."),
} as const;

/** The types of some refusals, to be members of a union. */
export function refusalTypes(names: readonly RefusalName[]) {
  return names.map((name) => REFUSALS[name]);
}
