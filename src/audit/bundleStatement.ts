import { gateAnswer } from "#gate/answer.ts";
import type { PacketState } from "#gate/state.ts";
import type { BundleStart } from "#proof/bundle.ts";
import { type GateStatement, readGateStatement } from "#proof/gateStatement.ts";
import type { ReadHeader } from "./bundleHeaders.ts";
import type { RecordedApproval } from "./bundleRevisions.ts";
import type { Fault } from "./bundleSeals.ts";
import { faultText } from "./finding.ts";

/** What a gate statement must agree with. */
export interface StatedOf {
  readonly start: BundleStart;
  readonly last: ReadHeader | null;
  readonly approval: RecordedApproval | null;
  /** The packet at its head, where it could be judged again. */
  readonly state: PacketState | null;
}

/** Reads the signed text of a gate statement; what is wrong with it. */
export function checkStatement(text: string, of: StatedOf): GateStatement | Fault {
  let statement: GateStatement;
  try {
    statement = readGateStatement(text);
  } catch (fault) {
    return { kind: "FORM", expected: "a gate statement", found: faultText(fault) };
  }
  return disagreement(statement, of) ?? statement;
}

function disagreement(
  statement: GateStatement,
  { start, last, approval, state }: StatedOf,
): Fault | null {
  if (last === null || approval === null) {
    return { kind: "VALUE", expected: "an approval, or no gate statement", found: "no approval" };
  }
  const { header, digest } = last;
  const { deployment, packet, exercise } = start;
  const claims: readonly (readonly [string, unknown, unknown])[] = [
    ["deployment", deployment, statement.deployment],
    ["packet", packet, statement.packet],
    ["exercise", exercise, statement.exercise],
    ["revision", header.number, statement.revision],
    ["digest", digest, statement.digest],
    ["status", "APPROVED", header.status],
    ["materialDigest", header.materialDigest, statement.materialDigest],
    ["approval.revision", approval.revision, statement.approval.revision],
    ["approval.digest", approval.digest, statement.approval.digest],
    ["approval.recordedIn", approval.recordedIn, statement.approval.recordedIn],
    ["epoch, not before that of the head", true, statement.epoch >= header.epoch],
    ["validThroughEpoch, not before epoch", true, statement.validThroughEpoch >= statement.epoch],
    ...judged(statement, state),
  ];
  const wrong = claims.find(([, expected, found]) => expected !== found);
  if (wrong === undefined) return null;
  const [member, expected, found] = wrong;
  return { kind: "VALUE", expected: `${member}: ${String(expected)}`, found: String(found) };
}

/** Rule 5.7, derived again where the bodies are there; whether the clock was in doubt is not recorded. */
function judged(
  { epoch, validThroughEpoch }: GateStatement,
  state: PacketState | null,
): (readonly [string, unknown, unknown])[] {
  if (state === null) return [];
  const answer = gateAnswer(state, epoch, null);
  return [
    ["gate", answer.status, "OPEN"],
    ["validThroughEpoch", answer.validThroughEpoch, validThroughEpoch],
  ];
}
