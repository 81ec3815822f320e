import { ChangeTokenNeeded, ChangeTokenRefused } from "#packet/changeRefusal.ts";
import { LineageInDoubt } from "#packet/lineage.ts";
import * as refusal from "#packet/refusal.ts";
import { ReportOutOfScope } from "#packet/reportScope.ts";
import { KeySlotsExhausted, ReleaseInadmissible } from "#packet/rollbackRefusal.ts";
import { SignatureInvalid, SignatureRequired } from "#packet/signatureRefusal.ts";

type RefusalClass = new (...args: never[]) => refusal.Refusal;

/** Every refusal there is, by the name of its type. */
export const CLASSES = {
  InvalidInput: refusal.InvalidInput,
  UnknownPacket: refusal.UnknownPacket,
  NotEntitled: refusal.NotEntitled,
  NotTheAuthority: refusal.NotTheAuthority,
  DutiesNotSeparate: refusal.DutiesNotSeparate,
  SourcesMissing: refusal.SourcesMissing,
  TrainHasPacket: refusal.TrainHasPacket,
  PolicyUnmeetable: refusal.PolicyUnmeetable,
  PacketClosed: refusal.PacketClosed,
  RevisionConflict: refusal.RevisionConflict,
  IdempotencyConflict: refusal.IdempotencyConflict,
  NotTheOwner: refusal.NotTheOwner,
  SystemCannotDecide: refusal.SystemCannotDecide,
  CredentialRevoked: refusal.CredentialRevoked,
  StaleRevision: refusal.StaleRevision,
  DigestUnknown: refusal.DigestUnknown,
  Held: refusal.Held,
  AlreadyApproved: refusal.AlreadyApproved,
  WrongStatus: refusal.WrongStatus,
  ClockInDoubt: refusal.ClockInDoubt,
  LineageInDoubt,
  EpochTooSoon: refusal.EpochTooSoon,
  ChangeTokenNeeded,
  ChangeTokenRefused,
  ClockUnchanged: refusal.ClockUnchanged,
  ReportOutOfScope,
  ReportReplayed: refusal.ReportReplayed,
  UnknownPlacement: refusal.UnknownPlacement,
  UnknownProposal: refusal.UnknownProposal,
  ApprovalRefused: refusal.ApprovalRefused,
  ReleaseInadmissible,
  KeySlotsExhausted,
  SignatureInvalid,
  SignatureRequired,
  CursorForged: refusal.CursorForged,
  CursorForeign: refusal.CursorForeign,
  CursorFuture: refusal.CursorFuture,
} satisfies Readonly<Record<string, RefusalClass>>;

/** The name of a refusal's type. */
export type RefusalName = keyof typeof CLASSES;

/** The type of a refusal, as its union knows it. */
export function refusalName(answer: refusal.Refusal): RefusalName {
  return answer.constructor.name as RefusalName;
}
