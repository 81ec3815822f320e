import type { SharedEntry } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { type Fact, causeOf } from "#packet/fact.ts";
import { sharedSubjectOf, sharedSubjects, subjectKey } from "#gate/dependencies.ts";
import type { PacketState } from "#gate/state.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { arranged } from "./arranged.ts";
import type { AppendDesk } from "./desk.ts";
import { writeAnswer } from "./asker.ts";
import { extendHeads } from "./extendHeads.ts";
import type { ReportAnswer, ReportRequest } from "./ledger.ts";
import { type Query, type SeenMoment, readMoment } from "./moment.ts";
import { columnsOf } from "./arrays.ts";
import { nextNumber, takeNumber } from "./reporters.ts";
import { spendTokens } from "./tokens.ts";
import { findDependents, lockSubjects, readReports } from "./subjects.ts";
import { type Concluded, type Work, transact } from "./transact.ts";
import { insertAnswers } from "./write.ts";

/** Rule 3.6: reported once; every open packet that depends on it gets its revision with it. */
export async function reportShared(
  desk: AppendDesk,
  request: ReportRequest,
): Promise<ReportAnswer | Refusal> {
  return transact<ReportAnswer>(desk, request.asker, {
    lock: (tx) => lockSubjects(tx, request, "REPORT"),
    repeat: repeatedReport,
    moved: ({ appended }) => appended,
    run: (work) => report(desk, work, request),
  });
}

/** What a change of many packets answered once. */
export function repeatedReport(stored: unknown): ReportAnswer {
  const { appended, unreadable } = stored as ReportAnswer;
  return {
    appended: appended.map((each) => ({ ...each, repeated: true })),
    unreadable,
    repeated: true,
  };
}

async function report(
  desk: AppendDesk,
  work: Work,
  request: ReportRequest,
): Promise<Concluded<ReportAnswer> | Refusal> {
  const { tx } = work;
  const { exercise, asker } = request;
  const number = await nextNumber(tx, request);
  if (number instanceof Refusal) return number;
  const moment = await readMoment(tx, desk.rate);
  const known = await readReports(tx, request);
  const entries = request.decide({ entries: known }, moment);
  if (entries instanceof Refusal) return entries;
  const spendings = request.spending?.({ entries: known }, entries) ?? [];
  const unspent = await spendTokens(tx, asker, spendings, moment);
  if (unspent !== null) return unspent;
  requireLocked(request, entries);
  await writeReports(tx, exercise, asker.actor.actor, entries, moment);
  const extended = await extendHeads(desk, work, {
    packets: await findDependents(tx, { exercise, subjects: entries.map(sharedSubjectOf) }),
    actor: causeOf(asker.actor),
    moment,
    fact: (head) => concerning(head, entries),
  });
  await takeNumber(tx, number);
  const { appended, unreadable, afterCommit } = extended;
  const answer = writeAnswer({ appended, unreadable });
  await insertAnswers(tx, { answers: [{ asker, answer }], at: moment.now });
  return { answer: { appended, unreadable, repeated: false }, afterCommit };
}

/** The entries that a packet depends on by its newest sources. */
function concerning({ facts }: PacketState, entries: readonly SharedEntry[]): Fact | null {
  const dependsOn = new Set(sharedSubjects(facts.sources).map(subjectKey));
  const its = entries.filter((entry) => dependsOn.has(subjectKey(sharedSubjectOf(entry))));
  return its.length === 0 ? null : { kind: "ENTRIES_RECORDED", entries: its };
}

function requireLocked({ subjects }: ReportRequest, entries: readonly SharedEntry[]): void {
  const locked = new Set(subjects.map(subjectKey));
  const stray = entries.find((entry) => !locked.has(subjectKey(sharedSubjectOf(entry))));
  if (stray !== undefined) throw new Error(`a ${stray.kind} on a subject that was not announced`);
}

async function writeReports(
  tx: Query,
  exercise: boolean,
  reporter: Name,
  entries: readonly SharedEntry[],
  moment: SeenMoment,
): Promise<void> {
  const column = columnsOf(tx, entries);
  await tx`
    INSERT INTO shared_report (entry, exercise, kind, name, reporter, body, recorded_epoch,
      recorded_at)
    SELECT e.entry, ${exercise}, e.kind, e.name, ${reporter}, e.body, ${moment.epoch}, ${moment.now}
    FROM unnest(
      ${column("uuid", ({ entry }) => entry)}::uuid[],
      ${column("text", ({ kind }) => kind)}::shared_kind[],
      ${column("text", (entry) => sharedSubjectOf(entry).name)}::text[],
      ${column("bytea", (entry) => canonicalBytes(arranged(entry)))}::bytea[]
    ) WITH ORDINALITY AS e(entry, kind, name, body, place)
    ORDER BY e.place`;
}
