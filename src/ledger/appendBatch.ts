import type { Name, PacketId } from "#packet/name.ts";
import { UnknownPacket } from "#packet/refusal.ts";
import type { Answered } from "./asker.ts";
import { brokenBy, isLoss, isOfLineage } from "./fault.ts";
import type { Folded } from "./draft.ts";
import { MOMENT_AGE_MAX_MS, SWAPS_MAX } from "./limits.ts";
import { type Judged, type Known, type Outcome, judgeBatch } from "./judgeBatch.ts";
import type { AppendRequest, Appended } from "./ledger.ts";
import { type Head, type HeadRow, headColumns, headOf } from "./lineages.ts";
import {
  type ClockRow,
  type Query,
  type SeenMoment,
  clockColumns,
  clockTable,
  momentAt,
  momentOf,
} from "./moment.ts";
import { bytesOf } from "./bytes.ts";
import { type AppendDesk, retell } from "./desk.ts";
import { arrayOf } from "./arrays.ts";
import { LOST, attempts } from "./transact.ts";
import { swapHead } from "./write.ts";
import { rowsOf } from "./rowsOf.ts";

/**
 * What a batch leaves known to the next one of its packet, so that it need not be read again. The
 * statement that writes the next one finds out whether it is still so.
 */
export interface Prospect {
  readonly folded: Folded;
  /** As the database saw it when a batch was last written. */
  readonly moment: SeenMoment;
  readonly lastNumbers: Known["lastNumbers"];
}

/** What a batch came to: an outcome for each request, and what the next one may rest on. */
export interface Written {
  readonly outcomes: readonly Outcome[];
  readonly prospect: Prospect | null;
  /** Whether somebody else was seen to have written to the packet since this process did. */
  readonly isContested: boolean;
}

/** A batch that was judged, and what it rests on. */
export interface Ready {
  readonly from: Folded;
  readonly nextDue: bigint | null;
  readonly moment: SeenMoment;
  readonly known: Known;
  readonly judged: Judged;
  /** When `moment` is too old to be written; null if it was read for this batch. */
  readonly staleAt: Date | null;
}

/**
 * Appends to one packet what these requests ask, in their order, and writes the lapses that
 * are due first; without requests the lapses alone. One statement reads the head, the clock
 * and the keys, one compares and swaps the head and writes everything. A batch that is `ready` is
 * written by its first attempt without a read. Whoever loses the swap too often takes the head's
 * lock first, so that nobody starves; so does whoever lost a connection, as what it wrote may still
 * commit, and must not do so behind a refusal.
 */
export async function appendBatch(
  desk: AppendDesk,
  packet: PacketId,
  requests: readonly AppendRequest[],
  ready: Ready | null = null,
): Promise<Written> {
  // What is kept warm may hide that the rows below it were tampered with: read them once more.
  let wasRefused = false;
  let wasLost = false;
  const { connections } = desk;
  return attempts(requests[0]?.asker ?? null, async (attempt) => {
    try {
      const done = await attemptNumber(attempt);
      if (done === LOST) return LOST;
      done.afterCommit();
      if (attempt > 1) retell(desk, done.outcomes.filter(isRepeated));
      return done;
    } catch (fault) {
      wasLost ||= isLoss(fault);
      if (!isOfLineage(fault)) throw fault;
      if (wasRefused) throw brokenBy(packet, fault);
      wasRefused = true;
      desk.lineages.forget(packet);
      return LOST;
    }
  });

  async function attemptNumber(attempt: number): Promise<Done | typeof LOST> {
    if (attempt === 1 && ready !== null) return connections.run((sql) => write(desk, sql, ready));
    if (attempt <= SWAPS_MAX && !wasLost) {
      return connections.run((sql) => lookAndWrite(desk, sql, packet, requests));
    }
    return connections.transaction(async (tx) => {
      await tx`SELECT FROM packet_head WHERE packet = ${packet} FOR UPDATE`;
      return lookAndWrite(desk, tx, packet, requests);
    });
  }
}

/**
 * The batch as it would be written behind another one; null where a read must tell first: what is
 * refused may have been answered before (decision 12), and a reporter's last number may not be known.
 * A key that was used already shows when the answers are written.
 */
export function foresee(prospect: Prospect, requests: readonly AppendRequest[]): Ready | null {
  const { folded: from, moment, lastNumbers } = prospect;
  const isNumbered = ({ reportNumber, asker }: AppendRequest): boolean =>
    reportNumber === undefined || lastNumbers.has(asker.actor.actor);
  if (!requests.every(isNumbered)) return null;
  const known: Known = { answered: new Map(), lastNumbers };
  const judged = judgeBatch(from, requests, moment, known);
  if (judged.answers.length < requests.length) return null;
  const staleAt = new Date(moment.now.getTime() + MOMENT_AGE_MAX_MS);
  return { from, nextDue: judged.nextDue, moment, known, judged, staleAt };
}

/** What will be known behind a batch if it is written as it was judged. */
export function prospectBehind({ judged, known }: Ready, moment: SeenMoment): Prospect {
  const lastNumbers = new Map(known.lastNumbers);
  for (const { reporter, number } of judged.numbers) lastNumbers.set(reporter, number);
  return { folded: judged.folded, moment, lastNumbers };
}

function isRepeated(outcome: Outcome): outcome is Appended {
  return "repeated" in outcome && outcome.repeated;
}

interface Done extends Written {
  readonly afterCommit: () => void;
}

async function lookAndWrite(
  desk: AppendDesk,
  sql: Query,
  packet: PacketId,
  requests: readonly AppendRequest[],
): Promise<Done | typeof LOST> {
  const seen = await look(desk, sql, packet, requests);
  if (seen === null) {
    const outcomes = requests.map(() => new UnknownPacket());
    return { outcomes, prospect: null, isContested: false, afterCommit: () => undefined };
  }
  const { head, nextDue, moment, known } = seen;
  const kept = desk.lineages.newest(packet);
  const from = await desk.lineages.at(sql, head);
  const judged = judgeBatch(from, requests, moment, known);
  const done = await write(desk, sql, { from, nextDue, moment, known, judged, staleAt: null });
  return done === LOST ? LOST : { ...done, isContested: kept !== null && kept !== from };
}

/** Lost when the head or the clock moved meanwhile. */
async function write(desk: AppendDesk, sql: Query, ready: Ready): Promise<Done | typeof LOST> {
  const { from, moment, judged, staleAt } = ready;
  const { outcomes, drafts, folded, nextDue, answers, numbers } = judged;
  const { packet } = folded.identity;
  if (drafts.length === 0) {
    if (nextDue !== ready.nextDue) {
      // Only advisories came due: the cache must not name an epoch that is over, or every tick asks again.
      await sql`UPDATE packet_head SET next_due = ${nextDue}
        WHERE packet = ${packet} AND number = ${from.state.revision}
          AND digest = ${bytesOf(from.digest)}`;
    }
    const afterCommit = (): void => desk.lineages.keep(folded);
    return { outcomes, prospect: null, isContested: false, afterCommit };
  }
  const { clockSeq, now: at } = moment;
  const writing = { from, to: folded, nextDue, drafts, answers, numbers, clockSeq, at, staleAt };
  const now = await swapHead(sql, writing);
  if (now === null) return LOST;
  return {
    outcomes,
    prospect: prospectBehind(ready, momentAt(moment, desk.rate, now)),
    isContested: false,
    afterCommit() {
      desk.lineages.keep(folded);
      desk.written.keep(drafts);
      desk.announce(drafts.map((draft) => ({ packet, revision: draft.number })));
    },
  };
}

interface Seen {
  readonly head: Head;
  readonly nextDue: bigint | null;
  readonly moment: SeenMoment;
  readonly known: Known;
}

interface LookRow extends HeadRow, ClockRow {
  readonly nextDue: bigint | null;
  readonly answered: readonly (Answered & { readonly at: number })[] | null;
  readonly lastNumbers: Readonly<Record<Name, string>> | null;
}

/** One statement, and so one snapshot: the head, the clock, the keys and the reporters' numbers. */
async function look(
  desk: AppendDesk,
  sql: Query,
  packet: PacketId,
  requests: readonly AppendRequest[],
): Promise<Seen | null> {
  const actors = requests.map(({ asker }) => asker.actor.actor);
  const keys = requests.map(({ asker }) => asker.idempotencyKey);
  const reporters = requests.filter((request) => request.reportNumber !== undefined);
  const names = [...new Set(reporters.map(({ asker }) => asker.actor.actor))];
  const [row] = await rowsOf(sql<LookRow[]>`
    SELECT ${headColumns(sql)}, h.next_due AS "nextDue", ${clockColumns(sql)},
      (SELECT json_agg(json_build_object(
          'at', k.at - 1, 'verb', i.verb, 'input', i.input, 'answer', i.answer))
        FROM unnest(${arrayOf(sql, "text", actors)}::text[], ${arrayOf(sql, "text", keys)}::text[])
          WITH ORDINALITY AS k(actor, key, at)
          -- Each by itself: a join may be planned over the whole table while that is small.
          CROSS JOIN LATERAL (SELECT verb, input, answer FROM idempotency
            WHERE actor = k.actor AND key = k.key LIMIT 1) AS i) AS answered,
      (SELECT json_object_agg(r.name, n.number::text)
        FROM unnest(${arrayOf(sql, "text", names)}::text[]) AS r(name),
          LATERAL (SELECT number FROM report_number WHERE exercise = h.exercise
            AND reporter = r.name ORDER BY number DESC LIMIT 1) AS n) AS "lastNumbers"
    FROM packet_head h JOIN packet p ON p.id = h.packet, ${clockTable(sql)}
    WHERE h.packet = ${packet}`);
  if (row === undefined) return null;
  const numbers = Object.entries(row.lastNumbers ?? {});
  return {
    head: headOf(row, desk.deployment),
    nextDue: row.nextDue,
    moment: momentOf(row, desk.rate),
    known: {
      answered: new Map((row.answered ?? []).map((answered) => [answered.at, answered])),
      lastNumbers: new Map(numbers.map(([name, number]) => [name, BigInt(number)])),
    },
  };
}
