import { HOLDFAST } from "#packet/fact.ts";
import type { Name, PacketId } from "#packet/name.ts";
import type { SourceReceipt } from "#packet/source.ts";
import { hex } from "#proof/digest.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { sourceDigest } from "#ledger/bytes.ts";
import { timeText } from "./copies.ts";
import type { Finding, FindingKind } from "./finding.ts";
import type { Findings } from "./findings.ts";
import type { ClockHistory } from "./clockSteps.ts";
import type { LineagePass, NamedRevision } from "./lineagePass.ts";
import type { Reading } from "./reading.ts";
import { arrayText } from "./reports.ts";
import { type SourceRow, receiptDifference } from "./sourceRows.ts";
import { Tally } from "./tally.ts";

interface AnswerRow {
  readonly actor: Name;
  readonly key: string;
  readonly input: string;
  readonly answer: string;
  readonly at: Date;
}

interface Recorded {
  readonly packet: PacketId;
  readonly number: number;
  readonly digest: Uint8Array;
  readonly actor: Name;
  readonly at: Date;
}

/** What an answer says, as far as it can be compared. */
interface Answer {
  readonly packet?: PacketId;
  readonly revision?: number;
  readonly digest?: string;
  readonly appended?: readonly NamedRevision[] | NamedRevision | null;
  readonly source?: Omit<SourceReceipt, "acceptedEpoch"> & { readonly acceptedEpoch: string };
  readonly proposal?: string;
  readonly clock?: { readonly generation: number; readonly anchorAt: number };
  /** A change token that was used up, at this epoch. */
  readonly spent?: Readonly<Record<"id" | "change" | "firstEpoch" | "lastEpoch", string>>;
  readonly epoch?: string;
}

/** What the answers are compared with. */
export interface AnswerDesk {
  readonly reading: Reading;
  readonly findings: Findings;
  readonly lineages: LineagePass;
  readonly sources: ReadonlyMap<string, SourceRow>;
  readonly clock: ClockHistory;
}

interface ProposalRow {
  readonly id: string;
  readonly digest: Uint8Array;
  readonly proposedBy: Name;
  readonly proposedAt: Date;
}

/**
 * Decision 12: every answer speaks of what is there and was done by whom it was given to, and every
 * revision that somebody asked for was answered, once.
 */
export async function passOverAnswers(desk: AnswerDesk): Promise<void> {
  const { reading, findings, lineages } = desk;
  const answered = new Map<PacketId, Tally>();
  await findings.reading({ table: "idempotency" }, async () => {
    const receipts = receiptsByDigest(desk.sources);
    const pages = reading.stream<AnswerRow>(
      (sql) =>
        sql`SELECT actor, key, input, answer, at FROM public.idempotency ORDER BY actor, key`,
    );
    for await (const page of pages) await checkPage(desk, page, receipts, answered);
    for (const [packet, asked] of lineages.asked) {
      if (!findings.isSound(packet)) continue;
      const told = answered.get(packet) ?? new Tally();
      if (told.equals(asked)) continue;
      findings.add({
        place: { table: "idempotency", row: `packet ${packet}` },
        kind: told.count < asked.count ? "MISSING" : "EXTRA",
        expected: `an answer for each of the ${asked.count} revisions that somebody asked for`,
        found: `${told.count} answers`,
      });
    }
  });
}

async function checkPage(
  desk: AnswerDesk,
  page: readonly AnswerRow[],
  receipts: ReadonlyMap<string, readonly SourceRow[]>,
  answered: Map<PacketId, Tally>,
): Promise<void> {
  const answers = page.map((row) => ({ row, answer: readAnswer(desk, row) }));
  const named = answers.flatMap(({ answer }) => (answer === null ? [] : revisionsIn(answer)));
  const recorded = await readRecorded(desk.reading, named);
  const proposals = await readProposals(
    desk.reading,
    answers.flatMap(({ answer }) => answer?.proposal ?? []),
  );
  for (const { row, answer } of answers) {
    if (answer === null) continue;
    const fault =
      revisionFault(row, answer, recorded, answered) ??
      sourceFault(row, answer, receipts) ??
      proposalFault(row, answer, proposals) ??
      clockAnswerFault(row, answer, desk.clock) ??
      tokenFault(row, answer, desk.clock);
    if (fault !== null) desk.findings.add(fault);
  }
}

function found(row: AnswerRow, kind: FindingKind, expected: string, what: string): Finding {
  const place = { table: "idempotency", row: `${row.actor}, key ${row.key}`, column: "answer" };
  return { place, kind, expected, found: what };
}

function readAnswer(desk: AnswerDesk, row: AnswerRow): Answer | null {
  try {
    const stored: unknown = readCanonical(Buffer.from(row.answer, "utf8"));
    if (typeof stored === "object" && stored !== null) return stored;
    desk.findings.add(found(row, "FORM", "an answer", row.answer));
  } catch (fault) {
    desk.findings.add(found(row, "FORM", "canonical JSON", String(fault)));
  }
  return null;
}

function revisionsIn({ packet, revision, digest, appended }: Answer): readonly NamedRevision[] {
  const own =
    packet === undefined || revision === undefined || digest === undefined
      ? []
      : [{ packet, revision, digest }];
  return [...own, ...(appended === undefined || appended === null ? [] : [appended].flat())];
}

async function readRecorded(
  reading: Reading,
  named: readonly NamedRevision[],
): Promise<ReadonlyMap<string, Recorded>> {
  if (named.length === 0) return new Map();
  const packets = arrayText(named.map(({ packet }) => packet));
  const numbers = arrayText(named.map(({ revision }) => revision));
  const rows = await reading.rows<Recorded>(
    (sql) => sql`
      SELECT r.packet, r.number, r.digest, r.actor, r.at
      FROM unnest(${packets}::uuid[], ${numbers}::int4[]) AS n(packet, number)
      CROSS JOIN LATERAL (
        SELECT packet, number, digest, actor, at FROM public.revision
        WHERE packet = n.packet AND number = n.number LIMIT 1
      ) AS r`,
  );
  return new Map(rows.map((row) => [`${row.packet} ${row.number}`, row]));
}

function revisionFault(
  row: AnswerRow,
  answer: Answer,
  recorded: ReadonlyMap<string, Recorded>,
  answered: Map<PacketId, Tally>,
): Finding | null {
  for (const { packet, revision, digest } of revisionsIn(answer)) {
    const told = `revision ${revision} of packet ${packet} with digest ${digest}`;
    const there = recorded.get(`${packet} ${revision}`);
    if (there === undefined) return found(row, "MISSING", told, "no such revision");
    if (hex(there.digest) !== digest) return found(row, "VALUE", told, hex(there.digest));
    if (there.actor !== row.actor) return found(row, "VALUE", `by ${there.actor}`, row.actor);
    if (timeText(there.at) !== timeText(row.at)) {
      const place = { ...found(row, "VALUE", "", "").place, column: "at" };
      return { place, kind: "VALUE", expected: timeText(there.at), found: timeText(row.at) };
    }
    const tally = answered.get(packet) ?? new Tally();
    tally.add(digest);
    answered.set(packet, tally);
  }
  return null;
}

function receiptsByDigest(
  rows: ReadonlyMap<string, SourceRow>,
): ReadonlyMap<string, readonly SourceRow[]> {
  const receipts = new Map<string, SourceRow[]>();
  for (const row of rows.values()) {
    receipts.set(row.digest, [...(receipts.get(row.digest) ?? []), row]);
  }
  return receipts;
}

function sourceFault(
  row: AnswerRow,
  { source }: Answer,
  receipts: ReadonlyMap<string, readonly SourceRow[]>,
): Finding | null {
  if (source === undefined) return null;
  const receipt = { ...source, acceptedEpoch: BigInt(source.acceptedEpoch) };
  const isThere = receipts
    .get(source.digest)
    ?.some(
      (each) =>
        each.kind === receipt.kind &&
        each.version === receipt.version &&
        receiptDifference(receipt, each) === null &&
        each.acceptedBy === row.actor &&
        timeText(each.acceptedAt) === timeText(row.at),
    );
  if (isThere === true) return null;
  const told = `the ${source.kind} of version ${source.version}, accepted by ${row.actor} at ${timeText(row.at)}`;
  return found(row, "MISSING", told, "no such source");
}

async function readProposals(
  reading: Reading,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ProposalRow>> {
  if (ids.length === 0) return new Map();
  const rows = await reading.rows<ProposalRow>(
    (sql) => sql`
      SELECT id, digest, proposed_by AS "proposedBy", proposed_at AS "proposedAt"
      FROM public.lane_proposal WHERE id = ANY(${arrayText(ids)}::uuid[])`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function proposalFault(
  row: AnswerRow,
  { proposal, digest }: Answer,
  proposals: ReadonlyMap<string, ProposalRow>,
): Finding | null {
  if (proposal === undefined) return null;
  const there = proposals.get(proposal);
  const told = `the proposal ${proposal} of ${digest} by ${row.actor} at ${timeText(row.at)}`;
  if (there === undefined) return found(row, "MISSING", told, "no such proposal");
  const what = `${sourceDigest(there.digest)} by ${there.proposedBy} at ${timeText(there.proposedAt)}`;
  const isSame =
    sourceDigest(there.digest) === digest &&
    there.proposedBy === row.actor &&
    timeText(there.proposedAt) === timeText(row.at);
  return isSame ? null : found(row, "VALUE", told, what);
}

function clockAnswerFault(
  row: AnswerRow,
  { clock }: Answer,
  history: ClockHistory,
): Finding | null {
  if (clock === undefined) return null;
  const step = history.generations.get(clock.generation);
  if (step === undefined) return found(row, "MISSING", "a step of the clock", "none");
  const isSame = step.anchorAt.getTime() === clock.anchorAt && step.actor === row.actor;
  const told = `generation ${clock.generation} by ${row.actor}`;
  return isSame
    ? null
    : found(row, "VALUE", told, `by ${step.actor} at ${timeText(step.anchorAt)}`);
}

/** A used token stands under its own id and change, and was used in its epochs. */
function tokenFault(
  row: AnswerRow,
  { spent, epoch = "" }: Answer,
  history: ClockHistory,
): Finding | null {
  if (spent === undefined) return null;
  const { id, change, firstEpoch, lastEpoch } = spent;
  const key = `change-token ${id}`;
  const isOwn = row.key === key && row.actor === HOLDFAST.actor && row.input === change;
  if (!isOwn) return found(row, "VALUE", `${key} of change ${change}`, row.input);
  const at = BigInt(epoch);
  const isThen = BigInt(firstEpoch) <= at && at <= BigInt(lastEpoch) && at <= history.epoch;
  const told = `an epoch from ${firstEpoch} to ${lastEpoch}, not after ${history.epoch}`;
  return isThen ? null : found(row, "VALUE", told, epoch);
}
