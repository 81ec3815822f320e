import { canonicalBytes } from "./canonical.ts";
import { isEpochText, membersOf } from "./statementForm.ts";

/** Of a decision without a reason: an approval, or a rejection as it was signed before its reason was covered. */
const FORMAT = "holdfast/approval/1";

/** Of a rejection with its reason. */
const FORMAT_WITH_REASON = "holdfast/approval/2";

/** The namespace in which real decisions are signed (PROTOCOL.sshsig). */
export const APPROVAL_NAMESPACE = "approval@holdfast";

/** The same for decisions on exercises: a key that is listed for practice decides nothing real, nor the other way round. */
export const EXERCISE_NAMESPACE = "exercise@holdfast";

/** In which of the two a decision is signed. */
export function approvalNamespace(exercise: boolean) {
  return exercise ? EXERCISE_NAMESPACE : APPROVAL_NAMESPACE;
}

/**
 * What an owner signs (rule 5.1): one decision on one exact revision of one deployment's packet.
 * Digests are 64 hexadecimal digits.
 */
export interface ApprovalStatement {
  readonly decision: "APPROVE" | "REJECT";
  readonly deployment: string;
  readonly digest: string;
  /** When it was prepared, in the deployment's own time. */
  readonly epoch: bigint;
  /** True for practice, never to be taken for real. */
  readonly exercise: boolean;
  readonly packet: string;
  /** Why, of a rejection; an approval has none. */
  readonly reason?: string;
  readonly revision: number;
}

/** The exact bytes that are signed: canonical JSON (RFC 8785), without a line feed at the end. */
export function approvalStatementBytes(statement: ApprovalStatement): Uint8Array {
  const { decision, deployment, digest, epoch, exercise, packet, reason, revision } = statement;
  const named = { decision, deployment, digest, epoch, exercise, packet, revision };
  return reason === undefined
    ? canonicalBytes({ ...named, format: FORMAT })
    : canonicalBytes({ ...named, format: FORMAT_WITH_REASON, reason });
}

/** Reads what {@link approvalStatementBytes} wrote; null for anything else. */
export function readApprovalStatement(bytes: Uint8Array): ApprovalStatement | null {
  const members = membersOf(bytes);
  if (members === null) return null;
  const { decision, deployment, digest, epoch, exercise, packet, reason, revision } = members;
  if (decision !== "APPROVE" && decision !== "REJECT") return null;
  if (!isEpochText(epoch)) return null;
  if (typeof digest !== "string" || !/^[0-9a-f]{64}$/.test(digest)) return null;
  if (typeof deployment !== "string" || typeof packet !== "string") return null;
  if (typeof exercise !== "boolean" || typeof revision !== "number") return null;
  if (reason !== undefined && (typeof reason !== "string" || decision !== "REJECT")) return null;
  const on = { deployment, digest, exercise, packet, revision };
  const decided: ApprovalStatement = { ...on, decision, epoch: BigInt(epoch) };
  const statement = reason === undefined ? decided : { ...decided, reason };
  // Whatever was passed over shows here.
  return Buffer.compare(approvalStatementBytes(statement), bytes) === 0 ? statement : null;
}
