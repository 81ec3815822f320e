import type { ClockDoubt, PacketStatus } from "./approval.ts";
import type { Epoch } from "./epoch.ts";
import type { HoldCode, Subject } from "./hold.ts";
import type { RevisionDigest } from "./name.ts";
import type { SourceKind } from "./source.ts";

/** Where in the input, as property names and list indices. */
export type Path = readonly (string | number)[];

/** One fault of an input: where it is and what to do. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
}

/**
 * A typed answer that nothing was done, and why. Refusals are returned, never
 * thrown, one class a cause; each has the fields that a caller can act on.
 */
export abstract class Refusal {
  abstract readonly code: string;
  abstract readonly message: string;
}

/** The input has faults; every one is listed. */
export class InvalidInput extends Refusal {
  readonly code = "INVALID_INPUT";
  readonly message: string;
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super();
    this.faults = faults;
    const told = faults.map(({ path, message }) => `${path.join(".") || "input"}: ${message}`);
    this.message = told.join("; ");
  }
}

/** No such packet, or not one that the caller may know of. */
export class UnknownPacket extends Refusal {
  readonly code = "UNKNOWN_PACKET";
  readonly message = "no such packet, or none that you may see: check the id";
}

/** The caller's roles do not entitle them to this. */
export class NotEntitled extends Refusal {
  readonly code = "NOT_ENTITLED";
  readonly message: string;
  constructor(verb: string) {
    super();
    this.message = `your roles do not entitle you to ${verb}`;
  }
}

/** Somebody else is the accepted authority for this kind of source (rule 2.1). */
export class NotTheAuthority extends Refusal {
  readonly code = "NOT_THE_AUTHORITY";
  readonly message: string;
  readonly source: SourceKind;
  constructor(source: SourceKind) {
    super();
    this.source = source;
    this.message = `the approval lane names another authority for ${source}`;
  }
}

/** The same person may not do both of two things (rules 2.1 and 5.3). */
export class DutiesNotSeparate extends Refusal {
  readonly code = "DUTIES_NOT_SEPARATE";
  readonly message: string;
  constructor(message: string) {
    super();
    this.message = message;
  }
}

/** A packet cannot open before every kind of source is accepted for its train. */
export class SourcesMissing extends Refusal {
  readonly code = "SOURCES_MISSING";
  readonly message: string;
  readonly kinds: readonly SourceKind[];
  constructor(kinds: readonly SourceKind[]) {
    super();
    this.kinds = kinds;
    this.message = `the train has no accepted ${kinds.join(", ")}`;
  }
}

/** A train has one packet at a time; close or withdraw it first. */
export class TrainHasPacket extends Refusal {
  readonly code = "TRAIN_HAS_PACKET";
  readonly message = "the train already has a packet that is not closed: withdraw that one first";
}

/** The policy cannot be met by what is accepted now (rule 4.2.6). */
export class PolicyUnmeetable extends Refusal {
  readonly code = "POLICY_UNMEETABLE";
  readonly message: string;
  readonly path: Path;
  readonly why: string;
  constructor(path: Path, why: string) {
    super();
    this.path = path;
    this.why = why;
    this.message = `${path.join(".")}: ${why}`;
  }
}

/** The packet is CLOSED and takes nothing more. */
export class PacketClosed extends Refusal {
  readonly code = "PACKET_CLOSED";
  readonly message = "the packet is closed for good: open a successor that cites it";
}

/** The head moved on since the caller looked. */
export class RevisionConflict extends Refusal {
  readonly code = "REVISION_CONFLICT";
  readonly message: string;
  readonly head: number;
  constructor(expected: number, head: number) {
    super();
    this.head = head;
    this.message = `you expected revision ${expected}, the head is ${head}: look again, then decide`;
  }
}

/** The same key was used with another input. */
export class IdempotencyConflict extends Refusal {
  readonly code = "IDEMPOTENCY_CONFLICT";
  readonly message = "this idempotency key was used with another input: choose a new one";
}

/** The caller is not the owner whom the newest lane names (rule 5.1). */
export class NotTheOwner extends Refusal {
  readonly code = "NOT_THE_OWNER";
  readonly message = "only the approval owner whom the newest approval lane names decides";
}

/** A system account never decides (rule 5.3). */
export class SystemCannotDecide extends Refusal {
  readonly code = "SYSTEM_CANNOT_DECIDE";
  readonly message = "a system account cannot do this: it takes a person";
}

/** The caller's credential is revoked. */
export class CredentialRevoked extends Refusal {
  readonly code = "CREDENTIAL_REVOKED";
  readonly message = "your credential is revoked";
}

/** Something material changed or a hold opened after the named revision (rule 5.1). */
export class StaleRevision extends Refusal {
  readonly code = "STALE_REVISION";
  readonly message: string;
  /** The oldest revision that may be named now. */
  readonly steadySince: number;
  constructor(named: number, steadySince: number) {
    super();
    this.steadySince = steadySince;
    this.message = `revision ${named} was overtaken by revision ${steadySince}: review that one or a later one`;
  }
}

/** The packet has no revision of that number with that digest. */
export class DigestUnknown extends Refusal {
  readonly code = "DIGEST_UNKNOWN";
  readonly message: string;
  constructor(revision: number, digest: RevisionDigest) {
    super();
    this.message = `revision ${revision} does not exist or does not have the digest ${digest}`;
  }
}

/** Holds are open, every one listed. */
export class Held extends Refusal {
  readonly code = "HELD";
  readonly message: string;
  readonly holds: readonly { readonly code: HoldCode; readonly subject: Subject }[];
  constructor(holds: Held["holds"]) {
    super();
    this.holds = holds;
    this.message = `the packet is held: ${holds.length} ${holds.length === 1 ? "hold is" : "holds are"} open`;
  }
}

/** An approval stands already. */
export class AlreadyApproved extends Refusal {
  readonly code = "ALREADY_APPROVED";
  readonly message: string;
  readonly revision: number;
  constructor(revision: number) {
    super();
    this.revision = revision;
    this.message = `revision ${revision} is approved already`;
  }
}

/** The verb does not fit the packet's status. */
export class WrongStatus extends Refusal {
  readonly code = "WRONG_STATUS";
  readonly message: string;
  readonly status: PacketStatus;
  constructor(status: PacketStatus, message: string) {
    super();
    this.status = status;
    this.message = `the packet is ${status}: ${message}`;
  }
}

/** The epoch is frozen or was seen to stall (rule 6.5). */
export class ClockInDoubt extends Refusal {
  readonly code = "CLOCK_IN_DOUBT";
  readonly message: string;
  readonly doubt: ClockDoubt;
  constructor(doubt: ClockDoubt) {
    super();
    this.doubt = doubt;
    const what = doubt === "EPOCH_FROZEN" ? "is frozen: thaw it" : "stalls: mend the ticker";
    this.message = `the epoch ${what} first`;
  }
}

/** The epoch moves at most once a second (rule 6.1). */
export class EpochTooSoon extends Refusal {
  readonly code = "EPOCH_TOO_SOON";
  readonly message: string;
  readonly epoch: Epoch;
  constructor(epoch: Epoch) {
    super();
    this.epoch = epoch;
    this.message = `the epoch reached ${epoch} less than a second ago: it moves at most once a second`;
  }
}

/** The clock already is what was asked for. */
export class ClockUnchanged extends Refusal {
  readonly code = "CLOCK_UNCHANGED";
  readonly message: string;
  constructor(message: string) {
    super();
    this.message = message;
  }
}

/** An automated reporter's number did not increase (rule 4.3.2). */
export class ReportReplayed extends Refusal {
  readonly code = "REPORT_REPLAYED";
  readonly message: string;
  readonly last: bigint;
  constructor(last: bigint) {
    super();
    this.last = last;
    this.message = `your last report had number ${last}: the next needs a greater one`;
  }
}

/** No operator hold of that number is open. */
export class UnknownPlacement extends Refusal {
  readonly code = "UNKNOWN_PLACEMENT";
  readonly message: string;
  constructor(placement: number) {
    super();
    this.message = `operator hold ${placement} does not exist or is released already`;
  }
}

/** No proposal with that id and digest waits for confirmation. */
export class UnknownProposal extends Refusal {
  readonly code = "UNKNOWN_PROPOSAL";
  readonly message = "no such proposal waits for confirmation, or its digest is another";
}

/** A cursor that this deployment never wrote, or that was changed since. */
export class CursorForged extends Refusal {
  readonly code = "CURSOR_FORGED";
  readonly message = "this is no cursor of ours: give one as it was given, or start without";
}

/** A cursor of another stream or list. */
export class CursorForeign extends Refusal {
  readonly code = "CURSOR_FOREIGN";
  readonly message = "the cursor is of another stream or list: give one of this one";
}

/** A cursor beyond the newest there is, as after the database was set back to an older copy. */
export class CursorFuture extends Refusal {
  readonly code = "CURSOR_FUTURE";
  readonly message = "this cursor is beyond the newest there is: start without one";
}

/** Why an approval was not accepted, every reason of rule 5.1 that failed. */
export class ApprovalRefused extends Refusal {
  readonly code = "APPROVAL_REFUSED";
  readonly message: string;
  readonly reasons: readonly Refusal[];
  constructor(reasons: readonly Refusal[]) {
    super();
    this.reasons = reasons;
    this.message = reasons.map((reason) => reason.message).join("; ");
  }
}
