import type { Actor } from "#packet/actor.ts";
import type { Entry, PacketReport, Report, SharedReport } from "#packet/entry.ts";
import { SharedEntryKind, entrySubject } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { ClockState, Fact, Occurrence, PacketOpened } from "#packet/fact.ts";
import { compareNames } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { SourceContent } from "#packet/source.ts";
import { knownOf } from "#gate/decide/components.ts";
import { type NewestBy, decideEntries, decideShared, newestOf } from "#gate/decide/entries.ts";
import {
  CUMULATIVE_KINDS,
  ofComponent,
  sharedSubjectOf,
  sharedSubjects,
  subjectKey,
} from "#gate/dependencies.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { type Revised, openPacket, revise } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import { OPENS_AT, accepted, goodNews, person, sourcesWith, system } from "./train.ts";

/** An approval that was asked for, and the answer. */
export interface ApprovalAttempt {
  /** How many occurrences had happened. */
  readonly at: number;
  readonly epoch: Epoch;
  readonly revision: number;
  readonly actor: Actor;
  readonly decided: Fact | Refusal;
}

/**
 * Plays one packet's history in memory as the ledger would: lapses first, then
 * the fact. Everything that happened is kept, so that another judge can look.
 */
export class Desk {
  readonly revisions: Revised[] = [];
  readonly history: Occurrence[] = [];
  readonly attempts: ApprovalAttempt[] = [];
  readonly #shared = new Map<string, Entry[]>();
  #clock: ClockState = { frozen: false, generation: 0 };
  #ids = 0;
  #epoch: Epoch = OPENS_AT;
  #state: PacketState;

  constructor(
    contents: readonly SourceContent[] = [],
    reports: readonly Report[] = goodNews(),
    reporter = "probe",
  ) {
    const opened: PacketOpened = {
      kind: "PACKET_OPENED",
      packet: "00000000-0000-7000-8000-000000000001",
      train: "train-1",
      exercise: false,
      succeeds: null,
      bindings: { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 },
      sources: sourcesWith(contents),
      entries: this.#receive(reports, reporter),
      clock: this.#clock,
    };
    const occurrence = { fact: opened, actor: person("pia"), epoch: OPENS_AT };
    const first = openPacket(occurrence);
    this.revisions.push(first);
    this.history.push(occurrence);
    this.#state = first.state;
  }

  #receive(reports: readonly Report[], reporter: string): Entry[] {
    return reports.map((report) => {
      const entry: Entry = {
        ...report,
        entry: this.newId(),
        reporter,
        reporterKind: "SYSTEM",
        observedEpoch: report.observedEpoch ?? this.#epoch,
        recordedEpoch: this.#epoch,
        reportNumber: null,
      };
      if (isShared(entry)) this.#keepShared(entry);
      return entry;
    });
  }

  #keepShared(entry: Entry & SharedReport): void {
    const subject = sharedKey(entry);
    const kinds: readonly string[] = CUMULATIVE_KINDS;
    const others = (this.#shared.get(subject) ?? []).filter(
      (other) => kinds.includes(entry.kind) || other.reporter !== entry.reporter,
    );
    this.#shared.set(subject, [...others, entry]);
  }

  /** Everything that was ever reported of a component and still counts, in the order of the ledger. */
  #recordedOf(component: string): Entry[] {
    return ofComponent(component)
      .flatMap(({ kind, name }) => this.#shared.get(`${kind} ${name}`) ?? [])
      .toSorted((left, right) => compareNames(left.entry, right.entry));
  }

  newId = (): string => {
    this.#ids += 1;
    return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, "0")}`;
  };

  /** The head after whatever has lapsed by the current epoch. */
  get state(): PacketState {
    return this.#state;
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  get clock(): ClockState {
    return this.#clock;
  }

  get head(): Revised {
    const head = this.revisions.at(-1);
    if (head === undefined) throw new Error("a desk starts with an opened packet");
    return head;
  }

  /** Lets time pass; returns what lapsed. */
  pass(epochs: bigint): Revised[] {
    this.#epoch += epochs;
    const { lapses, head } = reachEpoch(this.#state, this.#epoch);
    this.revisions.push(...lapses);
    this.#state = head;
    return [...lapses];
  }

  /** Appends a fact. Nothing happens to a closed packet. */
  append(fact: Fact, actor: Actor = person("pia")): Revised | null {
    if (this.#state.closing !== null) return null;
    const occurrence = {
      fact,
      actor: { actor: actor.actor, kind: actor.kind },
      epoch: this.#epoch,
    };
    const revised = revise(this.#state, occurrence);
    this.revisions.push(revised);
    this.history.push(occurrence);
    this.#state = revised.state;
    return revised;
  }

  /** Reports as the ledger would take them; null when refused, or when no open packet depends on it. */
  report(reports: readonly Report[], reporter = "probe"): Revised | null {
    const decided = this.decideReports(reports, system(reporter));
    if (decided instanceof Refusal || decided.length === 0) return null;
    for (const entry of decided) if (isShared(entry)) this.#keepShared(entry);
    const subjects = this.#dependencies();
    const entries = decided.filter((entry) => !isShared(entry) || subjects.has(sharedKey(entry)));
    return entries.length === 0
      ? null
      : this.append({ kind: "ENTRIES_RECORDED", entries }, system(reporter));
  }

  /** The same with a signature wherever the kind asks for one now. */
  reportAsAsked(reports: readonly Report[], reporter = "probe"): Revised | null {
    const { signedKinds } = this.#state.facts;
    const asked = reports.map((report) =>
      signedKinds.has(report.kind) ? signed(report, this.#epoch) : report,
    );
    return this.report(asked, reporter);
  }

  /** Whether the packet would take this report by itself. */
  canSpeakOf(report: Report): boolean {
    return !(this.decideReports([report], system("probe")) instanceof Refusal);
  }

  decideReports(reports: readonly Report[], actor: Actor): readonly Entry[] | Refusal {
    const receiving = {
      actor,
      epoch: this.#epoch,
      doubt: null,
      newId: this.newId,
      reportNumber: null,
    };
    const shared = reports.filter(isShared);
    const own = reports.filter((report): report is PacketReport => !isShared(report));
    if (shared.length > 0) {
      const newest: NewestBy = (subject, reporter, only) => {
        const told = [...this.#shared.values()].flat();
        const onSubject = told.filter((entry) => entrySubject(entry) === subject);
        return newestOf(onSubject, reporter, only);
      };
      const component = (name: string) => knownOf(name, this.#recordedOf(name));
      return decideShared({ newest, component }, shared, receiving);
    }
    const decided = decideEntries(this.#state, own, receiving);
    return decided instanceof Refusal ? decided : decided.entries;
  }

  #dependencies(): Set<string> {
    return new Set(
      sharedSubjects(this.#state.facts.sources).map((subject) => `${subject.kind} ${subject.name}`),
    );
  }

  /** Accepts the next version of a source, folding in what is known of newly shared subjects. */
  accept(content: SourceContent): Revised | null {
    const before = this.#dependencies();
    const source = accepted(
      content,
      this.#state.facts.sources[content.kind].version + 1,
      this.#epoch,
    );
    const sources = { ...this.#state.facts.sources, [content.kind]: source };
    const entries = sharedSubjects(sources)
      .map((subject) => `${subject.kind} ${subject.name}`)
      .filter((subject) => !before.has(subject))
      .flatMap((subject) => this.#shared.get(subject) ?? [])
      .toSorted((left, right) => compareNames(left.entry, right.entry));
    return this.append({ kind: "SOURCE_ACCEPTED", source, entries }, person("uma"));
  }

  /** Breaks the clock's mapping. */
  breakClock(change: "FROZEN" | "THAWED" | "ADVANCED_BY_HAND" | "RATE_CHANGED"): Revised | null {
    const frozen = change === "FROZEN" || (change !== "THAWED" && this.#clock.frozen);
    this.#clock = { frozen, generation: this.#clock.generation + 1 };
    return this.append(
      { kind: "CLOCK_CHANGED", change, clock: this.#clock },
      person("rex", "RELEASE_SECURITY"),
    );
  }
}

/** The report as it would be with its reporter's signature, which the gate takes to be verified. */
export function signed<R extends Report>(report: R, epoch: Epoch): R {
  return { ...report, observedEpoch: report.observedEpoch ?? epoch, signature: "signed" };
}

/** The shared subject that an entry is about. */
function sharedKey(entry: Entry & SharedReport): string {
  return subjectKey(sharedSubjectOf(entry));
}

const SHARED: readonly string[] = SharedEntryKind.options;

function isShared<R extends Report>(report: R): report is R & SharedReport {
  return SHARED.includes(report.kind);
}
