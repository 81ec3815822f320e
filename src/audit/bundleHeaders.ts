import { PacketStatus } from "#packet/approval.ts";
import type { RevisionDigest } from "#packet/name.ts";
import { type RevisionHeader, headerBytes, readHeader } from "#ledger/document.ts";
import { sha256Hex } from "#proof/digest.ts";
import type { Fault } from "./bundleSeals.ts";
import { type FindingKind, faultText } from "./finding.ts";
import { SteadyDigests } from "./steadyDigests.ts";

/** Whose lineage a bundle says it is. */
export interface BundleIdentity {
  readonly deployment: string;
  readonly packet: string;
  readonly exercise: boolean;
}

/** A header with its digest. */
export interface ReadHeader {
  readonly header: RevisionHeader;
  readonly digest: RevisionDigest;
}

/**
 * Reads the bytes of a header, which must be exactly what its members are written as.
 *
 * @throws {TypeError} or whatever else if they are not.
 */
export function readHeaderStrictly(bytes: Uint8Array): ReadHeader {
  const header = readHeader(bytes);
  if (Buffer.compare(bytes, headerBytes(header)) !== 0) {
    throw new TypeError("other members, or another spelling");
  }
  PacketStatus.parse(header.status);
  for (const count of [header.number, header.openHolds]) {
    if (!Number.isSafeInteger(count)) throw new TypeError("a count that is no number");
  }
  return { header, digest: sha256Hex(bytes) };
}

/**
 * Checks headers that come without their bodies, from the first one in order: whose they are, how
 * they follow one another, and as much of the rules as headers show.
 */
export class HeaderCheck {
  readonly #identity: BundleIdentity;
  readonly #steady = new SteadyDigests();
  #last: ReadHeader | null = null;
  /** The newest revision after which more holds were open than before it. */
  #roseIn = 1;
  #isApproved = false;

  constructor(identity: BundleIdentity) {
    this.#identity = identity;
  }

  /** The first fault of the next header. */
  next(read: ReadHeader): Fault | null {
    const { header, digest } = read;
    const fault = this.#strange(header) ?? this.#misplaced(header) ?? this.#unruly(header);
    if (fault !== null) return fault;
    if (header.openHolds > (this.#last?.header.openHolds ?? 0)) this.#roseIn = header.number;
    this.#isApproved ||= header.approves !== null;
    this.#steady.keep(header.number, digest, this.#roseIn, header.epoch);
    this.#last = read;
    return null;
  }

  #strange(header: RevisionHeader): Fault | null {
    for (const member of ["deployment", "packet", "exercise"] as const) {
      const [expected, found] = [this.#identity[member], header[member]];
      if (expected !== found) return faultOf("IDENTITY", member, expected, found);
    }
    return null;
  }

  #misplaced(header: RevisionHeader): Fault | null {
    const last = this.#last?.header ?? null;
    const number = (last?.number ?? 0) + 1;
    if (header.number !== number) return faultOf("GAP", "number", number, header.number);
    const predecessor = this.#last?.digest ?? null;
    if (header.predecessor !== predecessor) {
      return faultOf("LINK", "predecessor", predecessor, header.predecessor);
    }
    if (last === null) return null;
    if (header.epoch < last.epoch) {
      return faultOf("ORDER", "epoch", `at least ${last.epoch}`, header.epoch);
    }
    return last.status === "CLOSED" ? faultOf("ORDER", "number", "the end", number) : null;
  }

  /** Rules 3.1, 5.1 and 5.3, as far as headers tell. */
  #unruly(header: RevisionHeader): Fault | null {
    const { status, openHolds, approves } = header;
    const isHeld = status === "ON_HOLD" || status === "ESCALATED";
    if (status !== "CLOSED" && isHeld !== openHolds > 0) {
      return faultOf("VALUE", "status", `one for ${openHolds} open holds`, status);
    }
    if (status === "APPROVED" && approves === null && !this.#isApproved) {
      return faultOf("VALUE", "status", "an approval before it", status);
    }
    if ((header.cause === "PACKET_APPROVED") !== (approves !== null)) {
      return faultOf("VALUE", "approves", "what an approval names", header.cause);
    }
    return approves === null ? null : this.#unentitled(header, approves);
  }

  #unentitled(
    { actorKind, status }: RevisionHeader,
    { revision, digest }: NonNullable<RevisionHeader["approves"]>,
  ): Fault | null {
    const before = this.#last?.header.status ?? "nothing";
    if (before !== "READY_FOR_APPROVAL") {
      return faultOf("ENTITLEMENT", "approves", "READY_FOR_APPROVAL before it", before);
    }
    if (actorKind !== "PERSON") return faultOf("ENTITLEMENT", "actorKind", "PERSON", actorKind);
    if (status !== "APPROVED") return faultOf("VALUE", "status", "APPROVED", status);
    const recorded = this.#steady.digestOf(revision);
    if (recorded === digest) return null;
    const expected = recorded ?? "a revision since which no hold opened";
    return faultOf("ENTITLEMENT", "approves", expected, `revision ${revision} as ${digest}`);
  }
}

function faultOf(kind: FindingKind, member: string, expected: unknown, found: unknown): Fault {
  return { kind, expected: `${member}: ${String(expected)}`, found: String(found) };
}

/** A header that cannot be read at all. */
export function unreadableHeader(fault: unknown): Fault {
  return { kind: "FORM", expected: "a header", found: faultText(fault) };
}
