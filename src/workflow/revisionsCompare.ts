import { entitle } from "#access/permissions.ts";
import { readBody } from "#ledger/document.ts";
import { readEntry, receiptsIn } from "#ledger/factForm.ts";
import type { Revision } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Entry } from "#packet/entry.ts";
import type { FactKind } from "#packet/fact.ts";
import type { HoldCode, HoldStatus, Subject } from "#packet/hold.ts";
import { InvalidInput, Refusal, UnknownPacket } from "#packet/refusal.ts";
import type { Bindings, SourceReceipt } from "#packet/source.ts";
import { RevisionsCompare } from "#packet/wish.ts";
import { read } from "./ask.ts";
import type { Desk } from "./desk.ts";

/** One opening of a hold, as a comparison names it. */
export interface HoldTold {
  readonly code: HoldCode;
  readonly subject: Subject;
  readonly ordinal: number;
}

/** What changed from one revision to a later one (rule 8.2). */
export interface RevisionChanges {
  readonly from: Revision;
  readonly to: Revision;
  /** Sources accepted in between, each in its newest version. */
  readonly sources: readonly SourceReceipt[];
  /** What the packet was bound to anew; null when it was not. */
  readonly bindings: Bindings | null;
  /** Every entry recorded in between, in the order of the ledger. */
  readonly entries: readonly Entry[];
  /** Not open at `from` and open at `to`. */
  readonly opened: readonly HoldTold[];
  /** Open at `from` and cleared at `to`. */
  readonly cleared: readonly HoldTold[];
  /** Open at `from` and out of scope at `to`. */
  readonly outOfScope: readonly HoldTold[];
  /** Opened and ended in between. */
  readonly passed: readonly HoldTold[];
  /** What people decided in between. */
  readonly decisions: readonly Revision[];
}

const PAGE = 500;

const DECISIONS: ReadonlySet<FactKind> = new Set([
  "OPERATOR_HOLD_PLACED",
  "OPERATOR_HOLD_RELEASED",
  "ESCALATION_ACKNOWLEDGED",
  "PACKET_APPROVED",
  "PACKET_REJECTED",
  "PACKET_RESUBMITTED",
  "PACKET_WITHDRAWN",
]);

/** Compares two revisions of a packet by what the revisions in between record. */
export async function revisionsCompare(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<RevisionChanges | Refusal> {
  const refused = entitle(actor, "packetRead");
  if (refused !== null) return refused;
  const wish = read(RevisionsCompare, input);
  if (wish instanceof Refusal) return wish;
  const { packet, fromRevision, toRevision } = wish;
  const [from, to] = await Promise.all([
    desk.ledger.revision(packet, fromRevision),
    desk.ledger.revision(packet, toRevision),
  ]);
  if (from === null && (await desk.ledger.revision(packet, 1)) === null) return new UnknownPacket();
  if (from === null) return missing("fromRevision");
  if (to === null) return missing("toRevision");
  const comparison = new Comparison();
  for (let after = fromRevision; after < toRevision;) {
    const page = await desk.ledger.revisions(packet, after, Math.min(PAGE, toRevision - after));
    for (const revision of page) comparison.add(revision);
    const last = page.at(-1);
    if (last === undefined) throw new Error(`revision ${after + 1} of a packet is missing`);
    after = last.number;
  }
  return { from, to, ...comparison.changes() };
}

function missing(field: string): InvalidInput {
  return new InvalidInput([{ path: [field], message: "is no revision of this packet" }]);
}

/** What revisions add up to, in order. */
class Comparison {
  readonly #sources = new Map<string, SourceReceipt>();
  readonly #holds = new Map<string, { wasOpen: boolean; now: HoldStatus; hold: HoldTold }>();
  readonly #entries: Entry[] = [];
  readonly #decisions: Revision[] = [];
  #bindings: Bindings | null = null;

  add(revision: Revision): void {
    const { fact, opened, cleared, outOfScope } = readBody(revision.body);
    for (const receipt of receiptsIn(fact)) this.#sources.set(receipt.kind, receipt);
    if ("bindings" in fact) this.#bindings = fact.bindings;
    if ("entries" in fact) for (const entry of fact.entries) this.#entries.push(readEntry(entry));
    if (DECISIONS.has(revision.cause)) this.#decisions.push(revision);
    for (const hold of opened) this.#turn(hold, "OPEN");
    for (const hold of cleared) this.#turn(hold, "CLEARED");
    for (const hold of outOfScope) this.#turn(hold, "OUT_OF_SCOPE");
  }

  changes(): Omit<RevisionChanges, "from" | "to"> {
    const holds = [...this.#holds.values()];
    const those = (wasOpen: boolean, ...now: HoldStatus[]): HoldTold[] =>
      holds
        .filter((one) => one.wasOpen === wasOpen && now.includes(one.now))
        .map(({ hold }) => hold);
    return {
      sources: [...this.#sources.values()],
      bindings: this.#bindings,
      entries: this.#entries,
      opened: those(false, "OPEN"),
      cleared: those(true, "CLEARED"),
      outOfScope: those(true, "OUT_OF_SCOPE"),
      passed: those(false, "CLEARED", "OUT_OF_SCOPE"),
      decisions: this.#decisions,
    };
  }

  #turn({ code, subject, ordinal }: HoldTold, now: HoldStatus): void {
    const key = `${code} ${subject}`;
    const wasOpen = this.#holds.get(key)?.wasOpen ?? now !== "OPEN";
    this.#holds.set(key, { wasOpen, now, hold: { code, subject, ordinal } });
  }
}
