import type { GateStatement } from "#proof/gateStatement.ts";
import type { Gate } from "./gateRead.ts";

/** What is signed of an OPEN gate (rule 5.7); null for one that is CLOSED. */
export function gateStatementOf(gate: Gate, deployment: string): GateStatement | null {
  const { status, packet, epoch, validThroughEpoch, rests } = gate;
  if (status !== "OPEN" || validThroughEpoch === null || rests === null) return null;
  const { exercise, revision, digest, materialDigest, approval } = rests;
  if (approval === null) return null;
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
