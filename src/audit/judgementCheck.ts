import { HOLDFAST, type Occurrence } from "#packet/fact.ts";
import type { SourceReceipt } from "#packet/source.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { type Revised, openPacket, revise } from "#gate/revise.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import {
  type RevisionBody,
  type RevisionHeader,
  bodyBytes,
  headerBytes,
  readHeader,
} from "#ledger/document.ts";
import { type Folded, type Identity, approvedBy, headerOf } from "#ledger/draft.ts";
import { type ResolveSource, readFact } from "#ledger/factForm.ts";
import type { StoredRevision } from "#ledger/fold.ts";
import { NO_SECTIONS, nextSections } from "#ledger/sections.ts";
import { differingMember } from "./difference.ts";
import { entitlementFault, openingFault } from "./entitlement.ts";
import { EntryCheck } from "./entryCheck.ts";
import { type Finding, type FindingKind, type MemberFault, faultText } from "./finding.ts";
import type { Signatures } from "./signatures.ts";
import { SteadyDigests } from "./steadyDigests.ts";

/** The members of a body that the gate derives. */
const TRANSITIONS: ReadonlySet<string> = new Set(["opened", "cleared", "outOfScope", "amended"]);

/** A revision that was judged again and found right. */
export interface Judged {
  readonly header: RevisionHeader;
  readonly revised: Revised;
  readonly folded: Folded;
}

/**
 * Judges one packet's revisions again, given from the first one in order after `ChainCheck` found
 * each right, and compares everything that header and body say with what the gate derives; decides
 * again whether each decision was to be had, and by whom, and whether each entry could be recorded;
 * verifies every signature.
 */
export class JudgementCheck {
  readonly #identity: Identity;
  readonly #signatures: Signatures;
  readonly #steady = new SteadyDigests();
  readonly #entries = new EntryCheck();
  #judged: Judged | null = null;
  #isBroken = false;

  constructor(identity: Identity, signatures: Signatures) {
    this.#identity = identity;
    this.#signatures = signatures;
  }

  /** The last revision that was right; null before the first one. */
  get judged(): Judged | null {
    return this.#judged;
  }

  /** Whether a fault was found; what follows one is not looked at. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The first fault of the next revision; null when there is none, and after the first fault. */
  next(row: StoredRevision, resolve: ResolveSource): Finding | null {
    if (this.#isBroken) return null;
    try {
      this.#judge(row, resolve);
      return null;
    } catch (fault) {
      this.#isBroken = true;
      if (fault instanceof Wrong) return this.#finding(row, fault);
      const wrong = new Wrong("FORM", "body", "a revision that can be judged", faultText(fault));
      return this.#finding(row, wrong);
    }
  }

  #finding(row: StoredRevision, { kind, member, expected, found }: Wrong): Finding {
    const { packet } = this.#identity;
    return {
      place: { table: "revision", packet, revision: row.number, column: member },
      kind,
      expected,
      found,
    };
  }

  #judge(row: StoredRevision, resolve: ResolveSource): void {
    const before = this.#judged?.folded ?? null;
    const header = readHeader(row.header);
    const occurrence = this.#read(row, header, resolve);
    const revised = this.#revise(before, occurrence);
    requireSame("FORM", "body", bodyBytes(revised), row.body);
    const sections = nextSections(
      before?.sections ?? NO_SECTIONS,
      this.#identity.salt,
      before?.state ?? null,
      revised,
    );
    const { state } = revised;
    const again = headerOf(
      this.#identity,
      { state, sections },
      {
        predecessor: before?.digest ?? null,
        cause: occurrence.fact.kind,
        actorKind: occurrence.actor.kind,
        approves: approvedBy(occurrence.fact),
        at: timeOf(header.at),
        body: header.body,
      },
    );
    requireSame("VALUE", "header", headerBytes(again), row.header);
    const folded = { identity: this.#identity, state, sections, digest: row.digest };
    refuse(this.#signatures.occurrenceFault(this.#identity, occurrence));
    this.#steady.keep(row.number, row.digest, state.steadySince, state.epoch);
    this.#judged = { header, revised, folded };
  }

  #read(row: StoredRevision, header: RevisionHeader, resolve: ResolveSource): Occurrence {
    const body = readStrictly(row.body);
    const { epoch } = header;
    const found = (receipt: SourceReceipt) => {
      try {
        return resolve(receipt);
      } catch (fault) {
        const { kind, version, digest } = receipt;
        const source = `the ${kind} of version ${version} and digest ${digest}`;
        throw new Wrong("MISSING", "body.fact", source, faultText(fault), fault);
      }
    };
    return { fact: readFact(body.fact, found), actor: body.actor, epoch };
  }

  #revise(before: Folded | null, occurrence: Occurrence): Revised {
    const { fact, actor, epoch } = occurrence;
    if (before === null) {
      if (fact.kind !== "PACKET_OPENED") {
        throw new Wrong("ORDER", "body.fact.kind", "PACKET_OPENED", fact.kind);
      }
      const { packet, train, exercise } = this.#identity;
      for (const [name, value] of Object.entries({ packet, train, exercise })) {
        const told = fact[name as "packet" | "train" | "exercise"];
        if (told !== value) {
          throw new Wrong("IDENTITY", `body.fact.${name}`, String(value), String(told));
        }
      }
      const opening = { ...occurrence, fact };
      refuse(openingFault(opening) ?? this.#entries.opening(opening));
      return openPacket(opening);
    }
    const { state } = before;
    if (state.closing !== null) {
      throw new Wrong("ORDER", "number", "nothing after the closing revision", fact.kind);
    }
    if (fact.kind === "PACKET_OPENED")
      throw new Wrong("ORDER", "body.fact.kind", "another", fact.kind);
    if (epoch < state.epoch) {
      throw new Wrong("ORDER", "header.epoch", `at least ${state.epoch}`, String(epoch));
    }
    if (fact.kind === "EPOCH_REACHED") return lapseOf(before, actor, epoch);
    const [due] = reachEpoch(state, epoch).lapses;
    if (due !== undefined) {
      // Rule 6.6: what lapses by itself is recorded before anything else is.
      const lapse = `the lapse that is due at epoch ${due.occurrence.epoch}`;
      throw new Wrong("ORDER", "body.fact.kind", lapse, fact.kind);
    }
    refuse(
      entitlementFault(state, occurrence, this.#steady) ??
        this.#entries.next(state.facts, occurrence),
    );
    return revise(state, occurrence);
  }
}

/** Rule 6.6: an epoch is reached exactly where something lapses. */
function lapseOf({ state }: Folded, actor: Occurrence["actor"], epoch: bigint): Revised {
  const [lapse] = reachEpoch(state, epoch).lapses;
  if (lapse?.occurrence.epoch !== epoch) {
    const due = lapse === undefined ? "no lapse" : `a lapse at epoch ${lapse.occurrence.epoch}`;
    throw new Wrong("ORDER", "header.epoch", due, `a lapse at epoch ${epoch}`);
  }
  if (actor.actor !== HOLDFAST.actor || actor.kind !== HOLDFAST.kind) {
    throw new Wrong("ENTITLEMENT", "body.actor", HOLDFAST.actor, `${actor.kind} ${actor.actor}`);
  }
  return lapse;
}

function readStrictly(bytes: Uint8Array): RevisionBody {
  try {
    const stored: unknown = readCanonical(bytes);
    return stored as RevisionBody;
  } catch (fault) {
    throw new Wrong("FORM", "body", "canonical bytes", faultText(fault), fault);
  }
}

/** A time in the one spelling that a header may have. */
function timeOf(at: string): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? "a time" : time.toISOString();
}

function requireSame(
  kind: FindingKind,
  document: "body" | "header",
  expected: Uint8Array,
  found: Uint8Array,
): void {
  if (Buffer.compare(expected, found) === 0) return;
  const differing = differingMember(readCanonical(expected), readCanonical(found));
  const [top = ""] = differing.path.split(".");
  const what = document === "body" && TRANSITIONS.has(top) ? "TRANSITION" : kind;
  throw new Wrong(what, `${document}.${differing.path}`, differing.expected, differing.found);
}

function refuse(fault: MemberFault | null): void {
  if (fault !== null) throw new Wrong(fault.kind, fault.member, fault.expected, fault.found);
}

/** Carries the first fault of a revision out of its judgement. */
class Wrong extends Error {
  override readonly name = "Wrong";
  readonly kind: FindingKind;
  readonly member: string;
  readonly expected: string;
  readonly found: string;

  constructor(
    kind: FindingKind,
    member: string,
    expected: string,
    found: string,
    cause: unknown = null,
  ) {
    super(`${member}: expected ${expected}, found ${found}`, { cause });
    this.kind = kind;
    this.member = member;
    this.expected = expected;
    this.found = found;
  }
}
