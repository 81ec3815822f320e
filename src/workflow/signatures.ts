import { arranged } from "#ledger/arranged.ts";
import type { Actor } from "#packet/actor.ts";
import { type Report, saidIn } from "#packet/entry.ts";
import type { PacketId } from "#packet/name.ts";
import { type Fault, InvalidInput, type Refusal } from "#packet/refusal.ts";
import type { DecisionSignature } from "#packet/signature.ts";
import { SignatureInvalid, SignatureRequired } from "#packet/signatureRefusal.ts";
import {
  type ApprovalStatement,
  approvalNamespace,
  approvalStatementBytes,
} from "#proof/approvalStatement.ts";
import { ENTRY_NAMESPACE, entryStatementBytes } from "#proof/entryStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import type { Desk } from "./desk.ts";

/** A signature in the one form in which the lineage keeps it; one that cannot be read stays as it is. */
export function inOneForm<S extends { readonly armored: string }>(signature: S): S {
  const read = readSshSignature(signature.armored);
  return read instanceof SshFault ? signature : { ...signature, armored: read.armored };
}

/**
 * What is wrong with the signature under a decision: the statement is made again from what is
 * decided, and the key must be the actor's own. Null where it counts.
 */
export function signatureFault(
  { ledger, signers }: Desk,
  actor: Actor,
  decided: Omit<ApprovalStatement, "deployment" | "epoch">,
  { epoch, armored }: DecisionSignature,
): SignatureInvalid | null {
  const statement = { ...decided, deployment: ledger.deployment, epoch };
  const message = approvalStatementBytes(statement);
  const key = signers.keyFor(actor.actor, armored, message, approvalNamespace(decided.exercise));
  return key instanceof SignatureInvalid ? key : null;
}

/** Why an approval without a signature is none; null where it may be. */
export function unsignedFault({ signers }: Desk, actor: Actor, exercise: boolean): Refusal | null {
  return signers.mustSign(actor.actor, exercise) ? new SignatureRequired() : null;
}

/** What is signed beside a report itself. */
export interface Reported {
  readonly exercise: boolean;
  /** Null for reports on subjects that several packets share. */
  readonly packet: PacketId | null;
  readonly reportNumber: bigint | null;
}

/** How many signatures are verified before others get their turn. */
const VERIFIED_AT_ONCE = 16;

/**
 * These reports with their signatures in one form, each verified over the report that it is of,
 * whether its kind asks for one or not. Every one that does not count is named by its path.
 */
export async function verifiedReports<R extends Report>(
  desk: Desk,
  actor: Actor,
  reports: readonly R[],
  reported: Reported,
): Promise<readonly R[] | InvalidInput> {
  const faults: Fault[] = [];
  const verified: R[] = [];
  let signed = 0;
  for (const [index, report] of reports.entries()) {
    const { signature } = report;
    // The gate refuses a signed report that does not say when.
    if (signature === undefined || report.observedEpoch === undefined) {
      verified.push(report);
      continue;
    }
    signed += 1;
    if (signed % VERIFIED_AT_ONCE === 0) await nextTurn();
    const fault = reportFault(desk, actor, report, signature, reported);
    if (fault !== null) {
      faults.push({ path: ["entries", index, "signature"], message: fault.message });
    }
    verified.push({ ...report, signature: inOneForm({ armored: signature }).armored });
  }
  return faults.length > 0 ? new InvalidInput(faults) : verified;
}

/** The exact bytes that a reporter signs of a report, which says when it was so. */
export function reportStatement(
  { ledger }: Pick<Desk, "ledger">,
  { actor: reporter }: Actor,
  report: Report,
  reported: Reported,
): Uint8Array {
  const { deployment } = ledger;
  const said = arranged(saidIn(report));
  return entryStatementBytes({ ...reported, deployment, report: said, reporter });
}

function reportFault(
  desk: Desk,
  actor: Actor,
  report: Report,
  armored: string,
  reported: Reported,
): SignatureInvalid | null {
  const message = reportStatement(desk, actor, report, reported);
  const key = desk.signers.keyFor(actor.actor, armored, message, ENTRY_NAMESPACE);
  return key instanceof SignatureInvalid ? key : null;
}

/** Lets whatever else waits have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
