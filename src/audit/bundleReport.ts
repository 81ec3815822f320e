import type { GateStatus } from "#packet/approval.ts";
import type { BundleForm } from "#proof/bundle.ts";
import type { Finding } from "./finding.ts";
import type { RecordedApproval } from "./bundleRevisions.ts";
import type { SignatureCounts } from "./signatures.ts";

/** One thing that is wrong with a bundle. */
export interface BundleFinding extends Finding {
  /** From 1; 0 for what is wrong with the keys or the file itself. */
  readonly line: number;
}

/** The newest approval of a bundle. */
export interface BundleApproval extends RecordedApproval {
  /** The approved digest in words to be read aloud. */
  readonly digestWords: readonly string[];
  /** Who approved; null where the bundle does not tell. */
  readonly approvedBy: string | null;
  /** Their own signature under it; null where there is none, or where the bundle does not tell. */
  readonly signature: BundleSignature | null;
  /** Whether it stands at the head. */
  readonly isStanding: boolean;
}

/** The signature under an approval, verified over what it approves. */
export interface BundleSignature {
  /** When the statement was prepared. */
  readonly epoch: bigint;
  /** The key's fingerprint. */
  readonly key: string;
  /** Whether the key is listed for whoever approved; null where no list was given. */
  readonly isListed: boolean | null;
}

/** What a bundle proves, as far as it was checked; all of it only where there are no findings. */
export interface BundleReport {
  /** At most {@link BUNDLE_FINDINGS_MAX}. */
  readonly findings: readonly BundleFinding[];
  readonly form: BundleForm | null;
  readonly deployment: string | null;
  readonly packet: string | null;
  /** True for practice, never to be taken for real. */
  readonly exercise: boolean | null;
  /** The last revision that was proved; 0 where none was. */
  readonly revision: number;
  /** Its digest in hexadecimal digits, and in words to be read aloud. */
  readonly digest: string | null;
  readonly digestWords: readonly string[];
  readonly approval: BundleApproval | null;
  /** The signatures under decisions and entries that were verified; null in the shared form. */
  readonly signatures: SignatureCounts | null;
  readonly checkpoint: BundleCheckpointReport | null;
  /** The last epoch of which the signed gate statement says OPEN; null where there is none. */
  readonly validThroughEpoch: bigint | null;
  /** What the gate was at the epoch that was asked for; null when none was. */
  readonly gate: GateStatus | null;
  /** How many lines were read. */
  readonly lines: number;
  /** The whole in sentences for a person. */
  readonly told: readonly string[];
}

/** The checkpoint that everything was proved under. */
export interface BundleCheckpointReport {
  /** The name of the log and of the key that signed. */
  readonly origin: string;
  readonly size: bigint;
  /** In hexadecimal digits. */
  readonly root: string;
  readonly cosignedBy: readonly string[];
  /** Whose signatures nobody checked. */
  readonly unchecked: readonly string[];
}

/** The most findings of one bundle; one is enough to refuse it. */
export const BUNDLE_FINDINGS_MAX = 20;

type Told = Omit<BundleReport, "told">;

/** What a report says, in sentences. */
export function reportText(report: Told): string[] {
  const { findings, packet, revision, digest, deployment, exercise, form } = report;
  if (findings.length > 0) return refusalText(report);
  return [
    `The bundle (${form}) proves packet ${packet} of deployment ${deployment} up to revision ${revision}.`,
    ...(exercise === true ? ["It is an exercise, never to be taken for real."] : []),
    `The digest of revision ${revision} is ${digest},`,
    `in words: ${report.digestWords.join(" ")}.`,
    ...approvalText(report),
    ...signaturesText(report),
    ...checkpointText(report),
    ...gateText(report),
  ];
}

function refusalText({ findings, lines, gate }: Told): string[] {
  const many = findings.length >= BUNDLE_FINDINGS_MAX ? "at least " : "";
  const told = [
    `Do not rely on this bundle: ${many}${findings.length} findings in ${lines} lines.`,
  ];
  return gate === null ? told : [...told, `The gate is ${gate}.`];
}

function approvalText({ approval, form }: Told): string[] {
  if (approval === null) return ["No approval is recorded."];
  const { revision, digest, digestWords, recordedIn, approvedBy, isStanding } = approval;
  const by =
    form === "FULL" ? `approved by ${approvedBy}, as` : "an approval of exactly this digest is";
  const standing = isStanding ? "it stands at the end" : "it does not stand at the end";
  return [
    `Revision ${revision} with the digest ${digest}: ${by} recorded in revision ${recordedIn}; ${standing}.`,
    `That digest in words: ${digestWords.join(" ")}.`,
    ...(form === "FULL" ? [signatureText(approval)] : []),
  ];
}

function signatureText({ signature, approvedBy }: BundleApproval): string {
  if (signature === null) return "It is not signed by whoever approved.";
  const { key, epoch, isListed } = signature;
  const whose = isListed === true ? `which is listed for ${approvedBy}` : "whosever that is";
  return `It is signed at epoch ${epoch} with the key ${key}, ${whose}.`;
}

function signaturesText({ signatures }: Told): string[] {
  if (signatures === null) return ["This form tells of no signatures under decisions and entries."];
  const { decisions, entries, areSignersCompared } = signatures;
  const told = `Verified signatures: ${decisions} under decisions, ${entries} under entries.`;
  if (areSignersCompared) return [told];
  return [told, "Signers were not compared: no --allowed-signers was given."];
}

function checkpointText({ checkpoint }: Told): string[] {
  if (checkpoint === null) return [];
  const { origin, size, cosignedBy, unchecked } = checkpoint;
  const cosigned = cosignedBy.length === 0 ? "no witness" : cosignedBy.join(", ");
  return [
    `Every revision is in the log ${origin} of ${size} revisions, which is cosigned by ${cosigned}.`,
    ...(unchecked.length === 0
      ? []
      : [`Not checked, because no key was given: signatures by ${unchecked.join(", ")}.`]),
  ];
}

function gateText({ validThroughEpoch, gate }: Told): string[] {
  const told =
    validThroughEpoch === null
      ? "No gate statement is in it, which means CLOSED."
      : `A signed statement says that the gate is OPEN through epoch ${validThroughEpoch}; later it means CLOSED.`;
  return gate === null ? [told] : [told, `At the epoch that was asked for the gate is ${gate}.`];
}
