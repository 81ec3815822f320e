import type { Approval } from "#packet/approval.ts";
import type { PacketId, RevisionDigest } from "#packet/name.ts";
import type { GateStatement } from "#proof/gateStatement.ts";
import type { GateAnswer } from "./answer.ts";

/** What an answer of the gate rests on. */
export interface StatementGround {
  readonly deployment: string;
  readonly packet: PacketId;
  readonly exercise: boolean;
  readonly revision: number;
  readonly digest: RevisionDigest;
  readonly materialDigest: RevisionDigest;
  readonly approval: Approval | null;
}

/** What is signed of an OPEN gate (rule 5.7); null for one that is CLOSED. */
export function gateStatement(answer: GateAnswer, ground: StatementGround): GateStatement | null {
  const { status, epoch, validThroughEpoch } = answer;
  const { approval } = ground;
  if (status !== "OPEN" || validThroughEpoch === null || approval === null) return null;
  const { deployment, packet, exercise, revision, digest, materialDigest } = ground;
  return {
    deployment,
    packet,
    exercise,
    revision,
    digest,
    materialDigest,
    approval: {
      revision: approval.revision,
      digest: approval.digest,
      recordedIn: approval.recordedIn,
    },
    epoch,
    validThroughEpoch,
  };
}
