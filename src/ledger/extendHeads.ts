import type { Epoch } from "#packet/epoch.ts";
import type { Fact, Occurrence } from "#packet/fact.ts";
import type { PacketId } from "#packet/name.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { nextDue, revise } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import type { AppendDesk } from "./desk.ts";
import { type Draft, type Folded, draftRevision } from "./draft.ts";
import { LineageBroken, isOfLineage } from "./fault.ts";
import type { Appended } from "./ledger.ts";
import { WRITE_PAGE } from "./limits.ts";
import { type Head, type HeadRow, headColumns, headOf } from "./lineages.ts";
import type { Query, SeenMoment, Transaction } from "./moment.ts";
import type { Work } from "./transact.ts";
import { arrayOf } from "./arrays.ts";
import { unlessLost } from "./connections.ts";
import { type Move, swapHeads } from "./write.ts";
import { rowsOf } from "./rowsOf.ts";

/** What many packets are to be told at once. */
export interface Extension {
  readonly packets: readonly PacketId[];
  readonly actor: Occurrence["actor"];
  readonly moment: SeenMoment;
  /** What this packet is told; null when it does not concern it. */
  readonly fact: (head: PacketState) => Fact | null;
}

/** What was written to many packets, not committed yet. */
export interface Extended {
  readonly appended: readonly Appended[];
  readonly unreadable: readonly PacketId[];
  /** Keeps and announces what is written. */
  readonly afterCommit: () => void;
}

/**
 * Gives each of these packets that is not CLOSED its due lapses and one revision, in this
 * transaction. Heads are locked in order of id (decision 3), so that no two of these wait for
 * each other. A packet whose lineage is broken is left as it is, and named.
 */
export async function extendHeads(
  desk: AppendDesk,
  work: Work,
  extension: Extension,
): Promise<Extended> {
  const { tx } = work;
  const { moment } = extension;
  const unreadable: PacketId[] = [];
  const steps: Step[] = [];
  for (const head of await lockHeads(desk, tx, extension.packets)) {
    const from = await foldUnlessBroken(desk, tx, head);
    if (from === null) {
      unreadable.push(head.identity.packet);
      continue;
    }
    const next = extend(from, extension);
    if (next.drafts.length === 0) continue;
    steps.push({ ...next, move: { from: head, to: next.folded, nextDue: next.nextDue } });
  }
  const written = work.isCareful
    ? await writeEach(desk, tx, { steps, moment, unreadable })
    : await writePages(tx, steps, moment);
  return {
    appended: written.filter((step) => step.isTold).map((step) => appendedAt(step.move.to)),
    unreadable,
    afterCommit() {
      for (const { move } of written) desk.lineages.keep(move.to);
      const drafts = written.flatMap((step) => step.drafts);
      desk.written.keep(drafts);
      const moved = drafts.map(({ packet, number }) => ({ packet, revision: number }));
      if (moved.length > 0) desk.announce(moved);
    },
  };
}

/** What a caller is told of a packet's new head. */
export function appendedAt({ identity, state, digest }: Folded): Appended {
  return { packet: identity.packet, revision: state.revision, digest, repeated: false };
}

async function lockHeads(
  desk: AppendDesk,
  tx: Query,
  packets: readonly PacketId[],
): Promise<Head[]> {
  if (packets.length === 0) return [];
  const rows = await rowsOf(tx<HeadRow[]>`
    SELECT ${headColumns(tx)} FROM packet_head h JOIN packet p ON p.id = h.packet
    WHERE h.packet = ANY(${arrayOf(tx, "uuid", packets)}::uuid[]) AND NOT h.closed
    ORDER BY h.packet FOR UPDATE OF h`);
  return rows.map((row) => headOf(row, desk.deployment));
}

async function foldUnlessBroken(desk: AppendDesk, tx: Query, head: Head): Promise<Folded | null> {
  try {
    return await desk.lineages.at(tx, head);
  } catch (fault) {
    if (fault instanceof LineageBroken) return null;
    throw fault;
  }
}

interface Next {
  readonly folded: Folded;
  readonly drafts: readonly Draft[];
  readonly nextDue: Epoch | null;
  readonly isTold: boolean;
}

interface Step extends Next {
  readonly move: Move;
}

function extend(from: Folded, { moment, actor, fact }: Extension): Next {
  const drafts: Draft[] = [];
  let folded = from;
  const write = (revised: Parameters<typeof draftRevision>[2]): void => {
    const next = draftRevision(from.identity, folded, revised, moment.now);
    drafts.push(next.draft);
    folded = next.folded;
  };
  const reached = reachEpoch(from.state, moment.epoch);
  for (const lapse of reached.lapses) write(lapse);
  const told = folded.state.closing === null ? fact(folded.state) : null;
  if (told === null) return { folded, drafts, nextDue: nextDue(reached.view), isTold: false };
  write(revise(folded.state, { fact: told, actor, epoch: moment.epoch }));
  return { folded, drafts, nextDue: nextDue(folded.state), isTold: true };
}

/** The heads are locked, so every swap must succeed unless the clock moved. */
async function writePages(
  tx: Query,
  steps: readonly Step[],
  moment: SeenMoment,
): Promise<readonly Step[]> {
  const { clockSeq, now: at } = moment;
  for (let start = 0; start < steps.length; start += WRITE_PAGE) {
    const page = steps.slice(start, start + WRITE_PAGE);
    const moves = page.map((step) => step.move);
    const drafts = page.flatMap((step) => step.drafts);
    const swapped = await swapHeads(tx, { moves, drafts, answers: [], numbers: [], clockSeq, at });
    if (swapped !== page.length) throw new ClockMoved();
  }
  return steps;
}

/** The steps that the database takes, each by itself; the packets of the others are unreadable. */
async function writeEach(
  desk: AppendDesk,
  tx: Transaction,
  to: {
    readonly steps: readonly Step[];
    readonly moment: SeenMoment;
    readonly unreadable: PacketId[];
  },
): Promise<readonly Step[]> {
  const written: Step[] = [];
  for (const step of to.steps) {
    try {
      await tx.savepoint((inner) => unlessLost(writePages(inner, [step], to.moment)));
      written.push(step);
    } catch (fault) {
      if (!isOfLineage(fault)) throw fault;
      const { packet } = step.move.from.identity;
      desk.lineages.forget(packet);
      to.unreadable.push(packet);
    }
  }
  return written;
}

/** The clock took a step between looking and writing: the transaction is made again. */
class ClockMoved extends Error {
  override readonly name = "ClockMoved";
  readonly code = "40001";
}
