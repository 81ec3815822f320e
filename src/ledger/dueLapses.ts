import type { PacketId } from "#packet/name.ts";
import { arrayOf, columnsOf } from "./arrays.ts";
import type { AppendDesk } from "./desk.ts";
import type { Folded } from "./draft.ts";
import { LineageBroken, isOfLineage } from "./fault.ts";
import { type Judged, judgeBatch } from "./judgeBatch.ts";
import { LOCK_IDLE_MS_MAX, LAPSES_PAGE } from "./limits.ts";
import { type HeadRow, headColumns, headOf } from "./lineages.ts";
import { type Query, type SeenMoment, readMoment } from "./moment.ts";
import { rowsOf } from "./rowsOf.ts";
import { attempts } from "./transact.ts";
import { swapHeads } from "./write.ts";

/**
 * The advisory lock of whoever writes what lapses: one process at a time, in this database. The
 * log has the key before this one.
 */
export const LAPSES_LOCK = 7_308_895_133_202_047_492n;

/** What of one page was done. */
interface Page {
  /** What was due; nothing once all is written, or is somebody else's for the moment. */
  readonly judged: readonly PacketId[];
  /** Those whose lineage is broken; they stay as they are. */
  readonly unreadable: readonly PacketId[];
  readonly afterCommit: () => void;
}

/**
 * Rules 5.2 and 6.6: writes the lapses of every open packet that has something due, and looks at no
 * other; for as long as nobody else is at it. A page is one transaction, and its lock is tried
 * for and not waited for, so of any number of processes one works and the others leave: should
 * it die, its lock is free at once, and should it stop in the middle, after
 * {@link LOCK_IDLE_MS_MAX}. Packets in `passedOver` are left alone; those that turn out to be
 * unreadable are added to it.
 */
export async function writeDueLapses(desk: AppendDesk, passedOver: Set<PacketId>): Promise<void> {
  let size = LAPSES_PAGE;
  for (;;) {
    const page = await attempts(null, () => tryPage(desk, size, passedOver));
    if (page === null) return;
    if (page === "REFUSED") {
      size = 1;
      continue;
    }
    page.afterCommit();
    for (const packet of page.unreadable) passedOver.add(packet);
    if (page.judged.length === 0) return;
  }
}

/** Null while somebody else has the lock; REFUSED where the page has to be made again packet by packet. */
async function tryPage(
  desk: AppendDesk,
  size: number,
  passedOver: ReadonlySet<PacketId>,
): Promise<Page | "REFUSED" | null> {
  let judged: readonly PacketId[] = [];
  try {
    return await desk.connections.transaction(async (tx) => {
      if (!(await isOurs(tx))) return null;
      const moment = await readMoment(tx, desk.rate);
      const rows = await lockDue(tx, moment, size, passedOver);
      judged = rows.map(({ packet }) => packet);
      return writePage(desk, tx, moment, rows);
    });
  } catch (fault) {
    if (!isOfLineage(fault)) throw fault;
    // What is kept warm may hide that the rows below it were tampered with.
    for (const packet of judged) desk.lineages.forget(packet);
    if (size > 1) return "REFUSED";
    return { judged, unreadable: judged, afterCommit: () => undefined };
  }
}

/** A stopped process is given up sooner than whoever waits for one of its heads gives up. */
async function isOurs(tx: Query): Promise<boolean> {
  const [row] = await rowsOf(tx<{ isOurs: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(${LAPSES_LOCK}) AS "isOurs",
      set_config('idle_in_transaction_session_timeout', ${String(LOCK_IDLE_MS_MAX)}, true)`);
  return row?.isOurs === true;
}

/** Passes over heads that a change of theirs has locked: it writes their lapses first. So nothing here waits. */
async function lockDue(
  tx: Query,
  { epoch }: SeenMoment,
  size: number,
  passedOver: ReadonlySet<PacketId>,
): Promise<readonly HeadRow[]> {
  return rowsOf(tx<HeadRow[]>`
    SELECT ${headColumns(tx)} FROM packet_head h JOIN packet p ON p.id = h.packet
    WHERE NOT h.closed AND h.next_due <= ${epoch}
      AND h.packet <> ALL(${arrayOf(tx, "uuid", [...passedOver])}::uuid[])
    ORDER BY h.next_due, h.packet LIMIT ${size} FOR UPDATE OF h SKIP LOCKED`);
}

async function writePage(
  desk: AppendDesk,
  tx: Query,
  moment: SeenMoment,
  rows: readonly HeadRow[],
): Promise<Page> {
  const lapsing: (Judged & { readonly from: Folded })[] = [];
  const unreadable: PacketId[] = [];
  for (const row of rows) {
    const from = await foldUnlessBroken(desk, tx, row);
    if (from === null) unreadable.push(row.packet);
    else lapsing.push({ ...judgeBatch(from, [], moment, NOTHING_KNOWN), from });
  }
  await swap(
    tx,
    moment,
    lapsing.filter(({ drafts }) => drafts.length > 0),
  );
  await forgetDue(
    tx,
    lapsing.filter(({ drafts }) => drafts.length === 0),
  );
  return {
    judged: rows.map(({ packet }) => packet),
    unreadable,
    afterCommit() {
      for (const { folded } of lapsing) desk.lineages.keep(folded);
      const drafts = lapsing.flatMap((one) => one.drafts);
      desk.written.keep(drafts);
      const moved = drafts.map(({ packet, number }) => ({ packet, revision: number }));
      if (moved.length > 0) desk.announce(moved);
    },
  };
}

const NOTHING_KNOWN = { answered: new Map(), lastNumbers: new Map() };

async function foldUnlessBroken(desk: AppendDesk, tx: Query, row: HeadRow): Promise<Folded | null> {
  try {
    return await desk.lineages.at(tx, headOf(row, desk.deployment));
  } catch (fault) {
    if (fault instanceof LineageBroken) return null;
    throw fault;
  }
}

/** The heads are locked, so every swap succeeds unless the clock moved. */
async function swap(
  tx: Query,
  { clockSeq, now: at }: SeenMoment,
  lapsing: readonly (Judged & { readonly from: Folded })[],
): Promise<void> {
  if (lapsing.length === 0) return;
  const moves = lapsing.map(({ from, folded, nextDue }) => {
    const { identity, state, digest } = from;
    return { from: { identity, number: state.revision, digest }, to: folded, nextDue };
  });
  const drafts = lapsing.flatMap((one) => one.drafts);
  const swapped = await swapHeads(tx, { moves, drafts, answers: [], numbers: [], clockSeq, at });
  if (swapped !== moves.length) throw new ClockMoved();
}

/** Where only advisories came due, nothing is written but that: else every tick would ask again. */
async function forgetDue(tx: Query, idle: readonly Judged[]): Promise<void> {
  if (idle.length === 0) return;
  const column = columnsOf(tx, idle);
  await tx`
    UPDATE packet_head AS h SET next_due = w.next_due
    FROM unnest(
      ${column("uuid", ({ folded }) => folded.identity.packet)}::uuid[],
      ${column("int8", ({ nextDue }) => nextDue)}::int8[]
    ) AS w(packet, next_due)
    WHERE h.packet = w.packet`;
}

/** The clock took a step between looking and writing: the page is made again. */
class ClockMoved extends Error {
  override readonly name = "ClockMoved";
  readonly code = "40001";
}
