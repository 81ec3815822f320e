import type { SharedEntry } from "#packet/entry.ts";
import { HOLDFAST } from "#packet/fact.ts";
import type { PacketId } from "#packet/name.ts";
import { SourceKind } from "#packet/source.ts";
import {
  type SharedSubject,
  sharedSubjectOf,
  sharedSubjects,
  subjectKey,
} from "#gate/dependencies.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { arranged } from "#ledger/arranged.ts";
import { ChainCheck } from "./chainCheck.ts";
import { clockFault } from "./clockSteps.ts";
import { copyFault, firstDifference, timeText } from "./copies.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { identityOf } from "./ground.ts";
import { headFault } from "./headCheck.ts";
import { JudgementCheck, type Judged } from "./judgementCheck.ts";
import type { LineageDesk } from "./lineagePass.ts";
import { namedIn } from "./namedRows.ts";
import { type Numbered, dependenceFault, numbersNotThere, readReports } from "./reports.ts";
import { type RevisionRow, storedOf } from "./revisionRows.ts";
import { type ReportRow, SharedWatch, isShared } from "./sharedWatch.ts";
import { newestVersion, sourceKey } from "./sourceRows.ts";
import { Tally } from "./tally.ts";

/** Everything about one packet: its chain, its judgement, and each row beside it that copies them. */
export class PacketAudit {
  /** The revisions that somebody asked for. */
  readonly asked = new Tally();
  readonly #desk: LineageDesk;
  readonly #packet: PacketId;
  readonly #chain: ChainCheck | null;
  readonly #judgement: JudgementCheck | null;
  readonly #shared = new SharedWatch();
  #generation = 0;
  #isBroken = false;

  constructor(desk: LineageDesk, packet: PacketId) {
    this.#desk = desk;
    this.#packet = packet;
    const row = desk.ground.packets.get(packet);
    const identity = row === undefined ? null : identityOf(desk.ground, row);
    this.#chain = identity && new ChainCheck(identity);
    this.#judgement = identity && new JudgementCheck(identity, desk.signatures);
  }

  /** Every shared subject that the packet ever depended on; null where its lineage is broken. */
  get dependencies(): ReadonlyMap<string, SharedSubject> | null {
    return this.#isBroken ? null : this.#shared.ever;
  }

  /** Checks the next rows. */
  async page(rows: readonly RevisionRow[]): Promise<void> {
    const row = this.#desk.ground.packets.get(this.#packet);
    if (row === undefined || this.#isBroken) return;
    const { receipts, entries, numbered } = namedIn(rows, row.exercise);
    const resolve = await this.#desk.shelf.fetch(row, receipts);
    const reports = await readReports(this.#desk.reading, entries);
    const missing = await numbersNotThere(this.#desk.reading, numbered);
    const unnumbered = new Map(missing.map((each) => [each.entry, each]));
    for (const each of rows) {
      const fault = this.#check(each, resolve, reports) ?? this.#numberFault(each, unnumbered);
      if (fault === null) {
        this.#countNumber();
        continue;
      }
      this.#isBroken = true;
      this.#desk.findings.add(fault);
      return;
    }
  }

  /** Compares what stands beside the lineage with where it ends. */
  async end(): Promise<void> {
    const { findings, ground, heads } = this.#desk;
    const judged = this.#judgement?.judged ?? null;
    if (this.#isBroken || judged === null || !findings.isSound(this.#packet)) {
      this.#isBroken = true;
      this.#desk.numbers.lose();
      return;
    }
    const fault =
      headFault(this.#packet, heads.get(this.#packet), judged.folded, ground.epoch) ??
      this.#newestFault(judged) ??
      (await dependenceFault(
        this.#desk.reading,
        this.#packet,
        judged.folded.identity.exercise,
        this.#shared.dependences(judged.folded.state.closing !== null),
      ));
    if (fault !== null) findings.add(fault);
  }

  #check(
    row: RevisionRow,
    resolve: Parameters<JudgementCheck["next"]>[1],
    reports: ReadonlyMap<string, ReportRow>,
  ): Finding | null {
    const stored = storedOf(row);
    const fault = this.#chain?.next(stored) ?? this.#judgement?.next(stored, resolve) ?? null;
    if (fault !== null) return fault;
    const judged = this.#judgement?.judged ?? null;
    if (judged === null) return null;
    return (
      copyFault(this.#packet, row, judged) ??
      this.#besideFault(row, judged) ??
      this.#sharedFault(row, judged, reports)
    );
  }

  /** What other tables say of this very revision. */
  #besideFault(row: RevisionRow, { revised }: Judged): Finding | null {
    const { fact, actor, epoch } = revised.occurrence;
    const { ground, shelf } = this.#desk;
    const isAsked = fact.kind !== "EPOCH_REACHED" && actor.actor !== HOLDFAST.actor;
    if (isAsked) this.asked.add(storedOf(row).digest);
    if (epoch > ground.epoch) {
      return this.#fault("ORDER", "epoch", row.number, `at most ${ground.epoch}`, String(epoch));
    }
    if (fact.kind === "PACKET_OPENED") {
      const clock = clockFault(ground, this.#packet, row, null, fact.clock, revised.occurrence);
      this.#generation = fact.clock.generation;
      return clock ?? this.#openingFault(row, actor.actor, fact.succeeds);
    }
    if (fact.kind === "CLOCK_CHANGED") {
      const last = this.#generation;
      this.#generation = fact.clock.generation;
      return clockFault(ground, this.#packet, row, last, fact.clock, revised.occurrence);
    }
    if (fact.kind === "SOURCE_ACCEPTED") {
      const packet = ground.packets.get(this.#packet);
      const source = packet && shelf.rows.get(sourceKey(packet, fact.source));
      if (source === undefined) return null;
      const { train } = packet ?? {};
      const place = { table: "source", row: `${train} ${source.kind} version ${source.version}` };
      return firstDifference(place, [
        ["accepted_at", timeText(row.at), timeText(source.acceptedAt)],
      ]);
    }
    return null;
  }

  #openingFault(row: RevisionRow, actor: string, succeeds: PacketId | null): Finding | null {
    const { packets } = this.#desk.ground;
    const own = packets.get(this.#packet);
    if (own === undefined) return null;
    const fault = firstDifference({ table: "packet", packet: this.#packet }, [
      ["preparer", actor, own.preparer],
      ["succeeds", succeeds, own.succeeds],
      ["opened_at", timeText(row.at), timeText(own.openedAt)],
    ]);
    if (fault !== null || succeeds === null) return fault;
    const earlier = packets.get(succeeds);
    const isOfTrain = earlier?.train === own.train && earlier.exercise === own.exercise;
    if (isOfTrain && this.#desk.heads.get(succeeds)?.closed === true) return null;
    const found = earlier === undefined ? "no such packet" : earlier.train;
    return this.#fault(
      "VALUE",
      "body.fact.succeeds",
      row.number,
      "a closed packet of the train",
      found,
    );
  }

  /** Rule 3.6: reports on shared subjects, as they were told to this packet. */
  #sharedFault(
    row: RevisionRow,
    { revised, folded }: Judged,
    reports: ReadonlyMap<string, ReportRow>,
  ): Finding | null {
    const { fact } = revised.occurrence;
    if (!("entries" in fact)) return null;
    const wrong = (why: string): Finding =>
      this.#fault("VALUE", "body.fact.entries", row.number, "the reports that there are", why);
    const told: { subject: string; seq: bigint }[] = [];
    for (const entry of fact.entries.filter(isShared)) {
      const report = reports.get(entry.entry);
      const why = reportFault(entry, report, folded.identity.exercise);
      if (why !== null || report === undefined) return wrong(why ?? "no such report");
      const isNow = fact.kind === "ENTRIES_RECORDED";
      if (isNow && timeText(report.recordedAt) !== timeText(row.at)) {
        const place = { table: "shared_report", row: `entry ${entry.entry}` };
        return firstDifference(place, [
          ["recorded_at", timeText(row.at), timeText(report.recordedAt)],
        ]);
      }
      told.push({ subject: subjectKey(sharedSubjectOf(entry)), seq: report.seq });
    }
    if (fact.kind === "ENTRIES_RECORDED") {
      const faults = told.map(({ subject, seq }) => this.#shared.tell(subject, seq));
      const first = faults.find((fault) => fault !== null) ?? null;
      return first === null ? null : wrong(first);
    }
    const why = this.#shared.depend(sharedSubjects(folded.state.facts.sources), told);
    return why === null ? null : wrong(why);
  }

  #countNumber(): void {
    const judged = this.#judgement?.judged ?? null;
    if (judged === null) return;
    this.#desk.numbers.did(judged.folded.identity.exercise, judged.revised.occurrence);
  }

  /** Rule 4.3.2: a report with a number has it from the chain of its reporter. */
  #numberFault(row: RevisionRow, missing: ReadonlyMap<string, Numbered>): Finding | null {
    const fact = this.#judgement?.judged?.revised.occurrence.fact;
    if (missing.size === 0 || fact === undefined || !("entries" in fact)) return null;
    const first = fact.entries.find(({ entry }) => missing.has(entry));
    if (first === undefined) return null;
    const expected = `the number ${first.reportNumber} of ${first.reporter} in report_number`;
    return this.#fault("MISSING", "body.fact.entries", row.number, expected, "nothing");
  }

  /** An open packet knows the newest of everything that it is told of. */
  #newestFault({ folded }: Judged): Finding | null {
    const { ground, shelf } = this.#desk;
    const { state } = folded;
    const { facts } = state;
    if (state.closing !== null) return null;
    const last = state.revision;
    if (facts.clock.generation !== ground.generation) {
      const found = `generation ${facts.clock.generation}`;
      return this.#fault(
        "MISSING",
        "cause",
        last,
        `the clock's generation ${ground.generation}`,
        found,
      );
    }
    for (const kind of SourceKind.options) {
      const { version } = facts.sources[kind];
      const newest = newestVersion(shelf.rows, facts, kind, version);
      if (newest === version) continue;
      return this.#fault(
        "MISSING",
        "cause",
        last,
        `the ${kind} of version ${newest}`,
        `version ${version}`,
      );
    }
    return null;
  }

  #fault(
    kind: FindingKind,
    column: string,
    revision: number,
    expected: string,
    found: string,
  ): Finding {
    return {
      place: { table: "revision", packet: this.#packet, revision, column },
      kind,
      expected,
      found,
    };
  }
}

/** Why an entry is not what its report says; null when it is. */
function reportFault(
  entry: SharedEntry,
  report: ReportRow | undefined,
  exercise: boolean,
): string | null {
  if (report === undefined) return `no report ${entry.entry}`;
  if (report.exercise !== exercise) return `report ${entry.entry} of the other kind of packets`;
  const isSame = Buffer.compare(canonicalBytes(arranged(entry)), report.body) === 0;
  return isSame ? null : `report ${entry.entry} with other words`;
}
