import type { Name, PacketId } from "#packet/name.ts";
import { UnknownPacket } from "#packet/refusal.ts";
import type { Answered } from "./asker.ts";
import { brokenBy, isOfLineage } from "./fault.ts";
import { SWAPS_MAX } from "./limits.ts";
import { type Judged, type Known, type Outcome, judgeBatch } from "./judgeBatch.ts";
import type { AppendRequest, Appended } from "./ledger.ts";
import { type Head, type HeadRow, headColumns, headOf } from "./lineages.ts";
import {
  type ClockRow,
  type Query,
  type SeenMoment,
  clockColumns,
  clockTable,
  momentOf,
} from "./moment.ts";
import { bytesOf } from "./bytes.ts";
import { type AppendDesk, retell } from "./desk.ts";
import { arrayOf } from "./arrays.ts";
import { LOST, attempts } from "./transact.ts";
import { swapHeads } from "./write.ts";
import { rowsOf } from "./rowsOf.ts";

/**
 * Appends to one packet what these requests ask, in their order, and writes the lapses that
 * are due first; without requests the lapses alone. One statement reads the head, the clock
 * and the keys, one compares and swaps the head and writes everything. Whoever loses the swap
 * too often takes the head's lock first, so that nobody starves.
 */
export async function appendBatch(
  desk: AppendDesk,
  packet: PacketId,
  requests: readonly AppendRequest[],
): Promise<readonly Outcome[]> {
  // What is kept warm may hide that the rows below it were tampered with: read them once more.
  let wasRefused = false;
  const { connections } = desk;
  return attempts(requests[0]?.asker ?? null, async (attempt) => {
    try {
      const done =
        attempt <= SWAPS_MAX
          ? await connections.run((sql) => attemptOn(desk, sql, packet, requests))
          : await connections.transaction(async (tx) => {
              await tx`SELECT FROM packet_head WHERE packet = ${packet} FOR UPDATE`;
              return attemptOn(desk, tx, packet, requests);
            });
      if (done === LOST) return LOST;
      done.afterCommit();
      if (attempt > 1) retell(desk, done.outcomes.filter(isRepeated));
      return done.outcomes;
    } catch (fault) {
      if (!isOfLineage(fault)) throw fault;
      if (wasRefused) throw brokenBy(packet, fault);
      wasRefused = true;
      desk.lineages.forget(packet);
      return LOST;
    }
  });
}

function isRepeated(outcome: Outcome): outcome is Appended {
  return "repeated" in outcome && outcome.repeated;
}

interface Done {
  readonly outcomes: readonly Outcome[];
  readonly afterCommit: () => void;
}

async function attemptOn(
  desk: AppendDesk,
  sql: Query,
  packet: PacketId,
  requests: readonly AppendRequest[],
): Promise<Done | typeof LOST> {
  const seen = await look(desk, sql, packet, requests);
  if (seen === null) {
    return { outcomes: requests.map(() => new UnknownPacket()), afterCommit: () => undefined };
  }
  const { head, moment, known } = seen;
  const from = await desk.lineages.at(sql, head);
  const judged = judgeBatch(from, requests, moment, known);
  const { outcomes, drafts, folded } = judged;
  if (!(await write(sql, seen, judged))) return LOST;
  return {
    outcomes,
    afterCommit() {
      desk.lineages.keep(folded);
      const moved = drafts.map((draft) => ({ packet, revision: draft.number }));
      if (moved.length > 0) desk.announce(moved);
    },
  };
}

interface Seen {
  readonly head: Head;
  readonly nextDue: bigint | null;
  readonly moment: SeenMoment;
  readonly known: Known;
}

/** False when the head or the clock moved meanwhile. */
async function write(sql: Query, seen: Seen, judged: Judged): Promise<boolean> {
  const { head, moment } = seen;
  const { drafts, answers, numbers, folded, nextDue } = judged;
  if (drafts.length > 0) {
    const moves = [{ from: head, to: folded, nextDue }];
    const { now: at, clockSeq } = moment;
    return (await swapHeads(sql, { moves, drafts, answers, numbers, clockSeq, at })) === 1;
  }
  if (nextDue !== seen.nextDue) {
    // Only advisories came due: the cache must not name an epoch that is over, or every tick asks again.
    await sql`UPDATE packet_head SET next_due = ${nextDue}
      WHERE packet = ${head.identity.packet} AND number = ${head.number}
        AND digest = ${bytesOf(head.digest)}`;
  }
  return true;
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
        JOIN idempotency i ON i.actor = k.actor AND i.key = k.key) AS answered,
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
