import { z } from "zod";
import {
  ARTIFACTS_MAX,
  COMPARED_REVISIONS_MAX,
  DENIED_MAX,
  PREPARED_REPORTS_MAX,
  CHANGE_TOKENS_MAX,
  SHARED_REPORTS_MAX,
} from "./limits.ts";
import { Digest, Id, Name, RevisionDigest, Text } from "./name.ts";
import { ChangeTokenText } from "./change.ts";
import { PacketReport, SharedReport } from "./entry.ts";
import { EPOCH_MS_MAX, EPOCH_MS_MIN, ReportNumber } from "./epoch.ts";
import { KeyRotationMode, SecurityVersion, SigningKey } from "./rollback.ts";
import { DecisionSignature, RejectionSignature, SignedDecision } from "./signature.ts";
import { ApprovalLane, Bindings, SourceProposal } from "./source.ts";

/** A key of the caller's own: the same key with the same input gives the first answer. */
const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{8,128}$/, "must be 8 to 128 printable ASCII characters without spaces");

const revision = z.int().min(1).max(2_147_483_647);
const onPacket = {
  idempotencyKey,
  packet: Id,
  /** When given, the head must still be this revision. */
  expectedRevision: revision.optional(),
};
const onTrain = { idempotencyKey, train: Name, exercise: z.boolean() };

/** Accept a new version of one source for a train. */
export const SourceAccept = z.strictObject({ ...onTrain, source: SourceProposal });
export type SourceAccept = z.output<typeof SourceAccept>;

/** Propose an approval lane; another release-security person must confirm it (rule 2.1). */
export const LanePropose = z.strictObject({ ...onTrain, lane: ApprovalLane });
export type LanePropose = z.output<typeof LanePropose>;

/** Confirm the lane that another proposed, naming its digest. */
export const LaneConfirm = z.strictObject({
  ...onTrain,
  proposal: Id,
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be the full digest of the proposed lane"),
});
export type LaneConfirm = z.output<typeof LaneConfirm>;

/** An automated reporter must number its reports, a person must not (rule 4.3.2). */
const reportNumber = ReportNumber.optional();

/** Open the packet of a train: scope, bindings and first entries together (rule 3.3). */
export const PacketOpen = z.strictObject({
  ...onTrain,
  /** The id that the packet is to have, which signed entries name; left out, it is given one. */
  packet: Id.optional(),
  succeeds: Id.optional(),
  bindings: Bindings,
  entries: z.array(PacketReport).max(ARTIFACTS_MAX),
  reportNumber,
});
export type PacketOpen = z.output<typeof PacketOpen>;

/** Bind the packet anew to accepted versions. */
export const PacketBind = z.strictObject({ ...onPacket, bindings: Bindings });
export type PacketBind = z.output<typeof PacketBind>;

/** Append readiness entries about the packet's own subjects: all or none. */
export const ReadinessRecord = z.strictObject({
  ...onPacket,
  entries: z.array(PacketReport).min(1, "must not be empty").max(ARTIFACTS_MAX),
  reportNumber,
});
export type ReadinessRecord = z.output<typeof ReadinessRecord>;

/** Report once on subjects that several packets share (rule 3.6): all or none. */
export const SharedRecord = z.strictObject({
  idempotencyKey,
  exercise: z.boolean(),
  entries: z.array(SharedReport).min(1, "must not be empty").max(SHARED_REPORTS_MAX),
  reportNumber,
  /** One for each change that the entries make, where the change-rate service decides how fast things change. */
  tokens: z.array(ChangeTokenText).max(CHANGE_TOKENS_MAX).optional(),
});
export type SharedRecord = z.output<typeof SharedRecord>;

function toSign<R extends z.ZodType>(report: R) {
  return z.array(report).min(1, "must not be empty").max(PREPARED_REPORTS_MAX);
}

/** Ask for the exact statements that reports are signed over: of a packet, of one to be opened, or on shared subjects. */
export const EntryPrepare = z.strictObject({
  about: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("PACKET"), packet: Id, entries: toSign(PacketReport) }),
    z.strictObject({
      kind: z.literal("OPENING"),
      exercise: z.boolean(),
      entries: toSign(PacketReport),
    }),
    z.strictObject({
      kind: z.literal("SHARED"),
      exercise: z.boolean(),
      entries: toSign(SharedReport),
    }),
  ]),
  reportNumber,
});
export type EntryPrepare = z.output<typeof EntryPrepare>;

export const OperatorHoldPlace = z.strictObject({ ...onPacket, reason: Text });
export type OperatorHoldPlace = z.output<typeof OperatorHoldPlace>;

export const OperatorHoldRelease = z.strictObject({
  ...onPacket,
  placement: revision,
  reason: Text,
});
export type OperatorHoldRelease = z.output<typeof OperatorHoldRelease>;

export const EscalationAcknowledge = z.strictObject({ ...onPacket, note: Text });
export type EscalationAcknowledge = z.output<typeof EscalationAcknowledge>;

/** Approve one exact revision by number and full digest (rule 5.1). */
export const PacketApprove = z.strictObject({
  idempotencyKey,
  packet: Id,
  revision,
  digest: RevisionDigest,
  signature: DecisionSignature.optional(),
});
export type PacketApprove = z.output<typeof PacketApprove>;

/** Ask for the exact statement that a decision on this revision would be signed over. */
export const ApprovalPrepare = z
  .strictObject({
    packet: Id,
    revision,
    digest: RevisionDigest,
    decision: SignedDecision,
    reason: Text.optional(),
  })
  .refine(({ decision, reason }) => (decision === "REJECT") === (reason !== undefined), {
    path: ["reason"],
    message: "must be there for a rejection, whose signature covers it, and for nothing else",
  });

export const PacketReject = z.strictObject({
  ...onPacket,
  reason: Text,
  signature: RejectionSignature.optional(),
});
export type PacketReject = z.output<typeof PacketReject>;

/** Answer the owner's rejection. */
export const PacketResubmit = z.strictObject({ ...onPacket, answer: Text });
export type PacketResubmit = z.output<typeof PacketResubmit>;

export const PacketWithdraw = z.strictObject({ ...onPacket, reason: Text });
export type PacketWithdraw = z.output<typeof PacketWithdraw>;

const onClock = {
  idempotencyKey,
  reason: Text,
  /** Needed where the change-rate service decides how fast things change. */
  token: ChangeTokenText.optional(),
};

/** Advance the epoch by hand: one step, which breaks every time mapping (rule 6.5). */
export const EpochAdvance = z.strictObject(onClock);
export type EpochAdvance = z.output<typeof EpochAdvance>;

export const EpochFreeze = z.strictObject(onClock);
export type EpochFreeze = z.output<typeof EpochFreeze>;

export const EpochThaw = z.strictObject(onClock);
export type EpochThaw = z.output<typeof EpochThaw>;

/** Set how long an epoch is, in milliseconds, which breaks every time mapping (rule 6.5). */
export const EpochRateChange = z.strictObject({
  ...onClock,
  epochMs: z
    .int()
    .min(EPOCH_MS_MIN, `must be at least ${EPOCH_MS_MIN}`)
    .max(EPOCH_MS_MAX, `must be at most ${EPOCH_MS_MAX}`),
});
export type EpochRateChange = z.output<typeof EpochRateChange>;

/** What changed from one revision of a packet to a later one (rule 8.2). */
export const RevisionsCompare = z
  .strictObject({ packet: Id, fromRevision: revision, toRevision: revision })
  .refine(({ fromRevision, toRevision }) => fromRevision < toRevision, {
    path: ["toRevision"],
    message: "must be later than fromRevision",
  })
  .refine(({ fromRevision, toRevision }) => toRevision - fromRevision <= COMPARED_REVISIONS_MAX, {
    path: ["toRevision"],
    message: `must be at most ${COMPARED_REVISIONS_MAX} revisions later than fromRevision`,
  });

/** A change to be evaluated without recording it (rule 4.2.7). */
export const ProposedChange = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("SOURCE"), source: SourceProposal }),
  z.strictObject({ kind: z.literal("LANE"), lane: ApprovalLane }),
  z.strictObject({ kind: z.literal("BINDINGS"), bindings: Bindings }),
  z.strictObject({
    kind: z.literal("ENTRIES"),
    entries: z.array(PacketReport).min(1).max(ARTIFACTS_MAX),
  }),
  z.strictObject({
    kind: z.literal("SHARED_ENTRIES"),
    entries: z.array(SharedReport).min(1).max(SHARED_REPORTS_MAX),
  }),
  z.strictObject({
    kind: z.literal("APPROVAL"),
    revision,
    digest: RevisionDigest,
    signature: DecisionSignature.optional(),
  }),
  z.strictObject({ kind: z.literal("REJECTION"), reason: Text }),
  z.strictObject({ kind: z.literal("RESUBMISSION"), answer: Text }),
  z.strictObject({ kind: z.literal("OPERATOR_HOLD"), reason: Text }),
  z.strictObject({
    kind: z.literal("OPERATOR_HOLD_RELEASE"),
    placement: revision,
    reason: Text,
  }),
  z.strictObject({ kind: z.literal("WITHDRAWAL"), reason: Text }),
]);
export type ProposedChange = z.output<typeof ProposedChange>;

/** What to preview on which packet. */
export const ChangePreview = z.strictObject({
  packet: Id,
  change: ProposedChange,
  /** As whose the change is looked at: the asker's own when left out. Nothing is recorded in anybody's name. */
  as: Name.optional(),
});

/** A change of one component's rollback control that is planned and not made. */
const RollbackChange = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("FLOOR"), floor: SecurityVersion }),
  z.strictObject({
    kind: z.literal("DENY"),
    denied: z.array(Digest).min(1, "must not be empty").max(DENIED_MAX),
  }),
  z.strictObject({
    kind: z.literal("ROTATION"),
    mode: KeyRotationMode,
    outgoing: SigningKey,
    incoming: SigningKey,
  }),
]);

/** What to forecast of which component. */
export const RollbackForecast = z.strictObject({
  component: Name,
  exercise: z.boolean(),
  change: RollbackChange,
});
export type RollbackForecast = z.output<typeof RollbackForecast>;
