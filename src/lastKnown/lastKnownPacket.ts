import { arranged } from "#ledger/arranged.ts";
import { readHeader } from "#ledger/document.ts";
import type { Revision, Seen } from "#ledger/ledger.ts";
import type { ApprovalStanding, PacketStatus } from "#packet/approval.ts";
import type { AdvisoryCode, HoldCode } from "#packet/hold.ts";
import type { Name, PacketId, RevisionDigest } from "#packet/name.ts";
import { advisories, openHolds } from "#gate/view.ts";
import { type CanonicalValue, canonical } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";

const FORMAT = "holdfast/last-known/1";

/** A packet as a node last read it from the ledger: never more than that, and never an answer of the gate. */
export interface LastKnownPacket {
  readonly packet: PacketId;
  readonly train: Name;
  readonly exercise: boolean;
  readonly owner: Name;
  readonly revision: number;
  readonly digest: RevisionDigest;
  readonly status: PacketStatus;
  /** The epoch of the revision, and the one at which this node read it; decimal. */
  readonly revisionEpoch: string;
  readonly readAtEpoch: string;
  readonly holds: readonly LastKnownHold[];
  readonly advisories: readonly LastKnownReason<AdvisoryCode>[];
  readonly approval: LastKnownApproval | null;
  /** Sources, bindings, material and entries: all that the packet rested on. */
  readonly document: CanonicalValue;
}

/** One reason, as it was told then. */
export interface LastKnownReason<Code> {
  readonly code: Code;
  readonly subject: string;
  readonly why: string;
}

/** A hold that was open then. */
export interface LastKnownHold extends LastKnownReason<HoldCode> {
  readonly sinceRevision: number;
  readonly sinceEpoch: string;
}

/** The approval as it stood then. */
export interface LastKnownApproval {
  readonly revision: number;
  readonly digest: string;
  readonly approvedBy: Name;
  readonly standing: ApprovalStanding;
}

/** What a copy on disk holds: the packet, the header that has its digest, and what tells a torn file. */
interface Copy {
  readonly format: typeof FORMAT;
  readonly checksum: string;
  readonly header: string;
  readonly known: LastKnownPacket;
}

/** The text of a copy; `revision` must be the head of what was seen. */
export function writeCopy({ state, digest, moment }: Seen, revision: Revision): string {
  if (revision.digest !== digest) throw new Error("the revision is not the one that was seen");
  const { facts, approval, material } = state;
  const known: LastKnownPacket = {
    packet: facts.packet,
    train: facts.train,
    exercise: facts.exercise,
    owner: facts.sources.APPROVAL_LANE.content.owner,
    revision: state.revision,
    digest,
    status: state.status,
    revisionEpoch: state.epoch.toString(),
    readAtEpoch: moment.epoch.toString(),
    holds: openHolds(state).map(({ code, subject, why, sinceRevision, sinceEpoch }) => ({
      code,
      subject,
      why,
      sinceRevision,
      sinceEpoch: sinceEpoch.toString(),
    })),
    advisories: advisories(state).map(({ code, subject, why }) => ({ code, subject, why })),
    approval: approval && {
      revision: approval.revision,
      digest: approval.digest,
      approvedBy: approval.approvedBy,
      standing: approval.standing,
    },
    document: arranged({
      bindings: facts.bindings,
      entries: facts.evidence.valuesArray().flat(),
      material,
      sources: facts.sources,
    }),
  };
  const header = Buffer.from(revision.header).toString("base64");
  const body = canonical(arranged(known));
  const copy = {
    format: FORMAT,
    checksum: sha256Hex(body),
    header,
    known: JSON.parse(body) as object,
  };
  return `${JSON.stringify(copy)}\n`;
}

/**
 * The packet in a copy; null for a file that is torn, altered by accident, of another packet or
 * deployment, or whose header does not have the digest that it names.
 */
export function readCopy(
  text: string,
  expected: { readonly deployment: string; readonly packet: PacketId },
): LastKnownPacket | null {
  try {
    const copy = JSON.parse(text) as Copy;
    const { known } = copy;
    if (copy.format !== FORMAT || known.packet !== expected.packet) return null;
    if (sha256Hex(canonical(arranged(known))) !== copy.checksum) return null;
    return isOfItsHeader(copy, expected.deployment) ? known : null;
  } catch {
    // Whatever cannot be read is no copy.
    return null;
  }
}

/** What is known must be what the revision's own digest covers, as far as its header tells. */
function isOfItsHeader({ header: encoded, known }: Copy, deployment: string): boolean {
  const bytes = Buffer.from(encoded, "base64");
  if (sha256Hex(bytes) !== known.digest) return false;
  const header = readHeader(bytes);
  return (
    header.deployment === deployment &&
    header.packet === known.packet &&
    header.exercise === known.exercise &&
    header.number === known.revision &&
    header.status === known.status &&
    header.epoch.toString() === known.revisionEpoch &&
    header.openHolds === known.holds.length
  );
}
