import type { Entry, PacketReport, SharedEntry } from "#packet/entry.ts";
import type { Fact, Occurrence, PacketOpened, SourceAccepted } from "#packet/fact.ts";
import type { Name } from "#packet/name.ts";
import type { Fault } from "#packet/refusal.ts";
import { absorbOpening } from "#gate/absorb.ts";
import { newestIn, packetFaults, sharedFaults } from "#gate/decide/entries.ts";
import { sharedSubjectOf, sharedSubjects, subjectKey } from "#gate/dependencies.ts";
import type { Facts } from "#gate/state.ts";
import type { MemberFault } from "./finding.ts";
import { isShared } from "./sharedWatch.ts";

/** The entries that a fact itself records; any others in it were recorded before, by whomever. */
export function recordedIn(fact: Fact): readonly Entry[] {
  if (fact.kind === "ENTRIES_RECORDED") return fact.entries;
  return fact.kind === "PACKET_OPENED" ? fact.entries.filter(isOwn) : [];
}

/** About a subject of one packet alone. */
function isOwn(entry: Entry): entry is Exclude<Entry, SharedEntry> {
  return !isShared(entry);
}

/**
 * Follows the entries of one packet's lineage: each is by whoever acted, in their own name, as the
 * gate lets it be recorded (rules 2.2 and 4.3). What was told before is only taken over here: its
 * own table says by whom.
 */
export class EntryCheck {
  /** Of every automated reporter the greatest number so far. */
  readonly #numbers = new Map<Name, bigint>();

  /** What is wrong with the entries of the packet's opening. */
  opening(occurrence: Occurrence<PacketOpened>): MemberFault | null {
    const { fact } = occurrence;
    const { facts } = absorbOpening({ ...occurrence, fact: { ...fact, entries: [] } });
    return this.#fault(facts, occurrence, fact.entries);
  }

  /** What is wrong with those of the next fact of a packet that is known up to here. */
  next(facts: Facts, occurrence: Occurrence): MemberFault | null {
    const { fact } = occurrence;
    if (!("entries" in fact)) return null;
    const stray = fact.kind === "SOURCE_ACCEPTED" ? strayFault(facts, fact) : null;
    return stray ?? this.#fault(facts, occurrence, fact.entries);
  }

  #fault(facts: Facts, occurrence: Occurrence, entries: readonly Entry[]): MemberFault | null {
    const recorded = recordedIn(occurrence.fact);
    const fault =
      this.#receiptFault(occurrence, entries, recorded) ??
      gateFault(facts, occurrence, entries, recorded) ??
      copyFault(occurrence, entries, recorded);
    for (const { reporter, reportNumber } of entries) {
      const last = this.#numbers.get(reporter) ?? 0n;
      if (reportNumber !== null && reportNumber > last) this.#numbers.set(reporter, reportNumber);
    }
    return fault;
  }

  /** What the service adds to every report: who acts, when, and the number that they gave. */
  #receiptFault(
    { actor, epoch }: Occurrence,
    entries: readonly Entry[],
    recorded: readonly Entry[],
  ): MemberFault | null {
    const [first] = recorded;
    if (first === undefined) return null;
    const receipt = {
      reporter: actor.actor,
      reporterKind: actor.kind,
      recordedEpoch: epoch,
      reportNumber: first.reportNumber,
    };
    const members = Object.keys(receipt) as (keyof typeof receipt)[];
    for (const entry of recorded) {
      const member = members.find((each) => entry[each] !== receipt[each]);
      if (member === undefined) continue;
      const place = memberOf(entries, entry, member);
      const [expected, found] = [receipt[member], entry[member]];
      return { kind: "VALUE", member: place, expected: told(expected), found: told(found) };
    }
    return this.#numberFault(first, memberOf(entries, first, "reportNumber"));
  }

  /** Rule 4.3.2: a system numbers its reports, each time higher, and a person does not. */
  #numberFault({ reporter, reporterKind, reportNumber }: Entry, member: string) {
    const unnumbered = numberingFault(reporterKind, reportNumber);
    if (unnumbered !== null) return { kind: "VALUE", member, ...unnumbered } as const;
    const last = this.#numbers.get(reporter) ?? 0n;
    if (reportNumber === null || reportNumber > last) return null;
    const expected = `a number of ${reporter} after ${last}`;
    return { kind: "GAP", member, expected, found: String(reportNumber) } as const;
  }
}

/** Rule 4.3.2: what is wrong with having a number, or none. */
export function numberingFault(
  reporterKind: Entry["reporterKind"],
  reportNumber: bigint | null,
): { readonly expected: string; readonly found: string } | null {
  if ((reporterKind === "SYSTEM") === (reportNumber !== null)) return null;
  const expected = reporterKind === "SYSTEM" ? "a number, as a system gives" : "no number";
  return { expected, found: told(reportNumber) };
}

/** What the gate has against entries that are recorded now. */
function gateFault(
  facts: Facts,
  occurrence: Occurrence,
  entries: readonly Entry[],
  recorded: readonly Entry[],
): MemberFault | null {
  const own = recorded.filter(isOwn);
  const shared = recorded.filter(isShared);
  const ofOwn: readonly PacketReport[] = own;
  const [first] = packetFaults(facts, ofOwn, occurrence);
  if (first !== undefined) return refusedFault(entries, own, first);
  const [second] = sharedFaults(newestIn(facts), shared, occurrence);
  return second === undefined ? null : refusedFault(entries, shared, second);
}

function refusedFault(
  entries: readonly Entry[],
  among: readonly Entry[],
  { path: [, index, field], message }: Fault,
): MemberFault {
  const entry = among[Number(index)];
  const member = entry === undefined ? "body.fact.entries" : memberOf(entries, entry, `${field}`);
  return { kind: "ENTITLEMENT", member, expected: "an entry that may be recorded", found: message };
}

/** Of what was told before: that it was, and of nobody else's exercise (ADR 0085). */
function copyFault(
  { epoch }: Occurrence,
  entries: readonly Entry[],
  recorded: readonly Entry[],
): MemberFault | null {
  if (recorded.length === entries.length) return null;
  for (const entry of entries.filter(isShared)) {
    const { observedEpoch, recordedEpoch } = entry;
    if (observedEpoch > recordedEpoch || recordedEpoch > epoch) {
      const member = observedEpoch > recordedEpoch ? "observedEpoch" : "recordedEpoch";
      const expected = `at most ${observedEpoch > recordedEpoch ? recordedEpoch : epoch}`;
      const place = memberOf(entries, entry, member);
      return { kind: "ORDER", member: place, expected, found: String(entry[member]) };
    }
    if (entry.kind !== "EMERGENCY_EXERCISE" || entry.person === entry.reporter) continue;
    const member = memberOf(entries, entry, "reporter");
    return { kind: "ENTITLEMENT", member, expected: entry.person, found: entry.reporter };
  }
  return null;
}

/** Rule 3.6: with a source come the reports on what the packet depends on since it, and no others. */
function strayFault(facts: Facts, { source, entries }: SourceAccepted): MemberFault | null {
  const before = new Set(sharedSubjects(facts.sources).map(subjectKey));
  const after = sharedSubjects({ ...facts.sources, [source.kind]: source }).map(subjectKey);
  const added = new Set(after.filter((subject) => !before.has(subject)));
  const stray = entries.find((entry) => isOwn(entry) || !added.has(subjectOf(entry)));
  if (stray === undefined) return null;
  const member = memberOf(entries, stray, "kind");
  return { kind: "EXTRA", member, expected: "reports on new dependences", found: stray.kind };
}

function subjectOf(entry: SharedEntry): string {
  return subjectKey(sharedSubjectOf(entry));
}

function memberOf(entries: readonly Entry[], entry: Entry, member: string): string {
  return `body.fact.entries.${entries.indexOf(entry)}.${member}`;
}

function told(value: bigint | string | null): string {
  return value === null ? "none" : String(value);
}
