import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import { digestWords } from "#proof/words.ts";
import type { BundleApproval, BundleSignature } from "./bundleReport.ts";
import type { RevisionsCheck } from "./bundleRevisions.ts";
import type { Fault } from "./bundleSeals.ts";
import type { Signatures } from "./signatures.ts";

/** A digest in hexadecimal digits as words to be read aloud. */
export function wordsOf(digest: string): string[] {
  return digestWords(Buffer.from(digest, "hex"));
}

/** The newest approval of a bundle; null where there is none. */
export function approvalReport(
  revisions: RevisionsCheck | null,
  signatures: Signatures,
): BundleApproval | null {
  const { approval = null, last = null, state = null } = revisions ?? {};
  if (approval === null) return null;
  const isStanding = last?.header.status === "APPROVED";
  const approvedBy = state?.approval?.approvedBy ?? null;
  const signature = signatureReport(revisions, signatures);
  const digest = { digestWords: wordsOf(approval.digest) };
  return { ...approval, ...digest, approvedBy, signature, isStanding };
}

function signatureReport(
  revisions: RevisionsCheck | null,
  signatures: Signatures,
): BundleSignature | null {
  const approval = revisions?.state?.approval ?? null;
  if (approval?.signature === undefined) return null;
  const { epoch, armored } = approval.signature;
  const read = readSshSignature(armored);
  if (read instanceof SshFault) return null;
  const { fingerprint: key } = read.publicKey;
  return {
    epoch,
    key,
    isListed: signatures.isListed(approval.approvedBy, key, isExercise(revisions)),
  };
}

function isExercise(revisions: RevisionsCheck | null): boolean {
  return revisions?.state?.facts.exercise === true;
}

/** Whoever has a key approves by signature: why the newest approval by them is no such one, or null. */
export function unsignedFault(
  revisions: RevisionsCheck | null,
  signatures: Signatures,
): Fault | null {
  const approval = revisions?.state?.approval ?? null;
  if (approval === null || approval.signature !== undefined) return null;
  const { approvedBy, recordedIn } = approval;
  if (!signatures.mustSign(approvedBy, isExercise(revisions))) return null;
  const expected = `a signature by ${approvedBy}, for whom a key is listed`;
  return { kind: "MISSING", expected, found: `none under revision ${recordedIn}` };
}
