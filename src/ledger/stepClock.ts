import { HOLDFAST, causeOf } from "#packet/fact.ts";
import type { PacketId } from "#packet/name.ts";
import { EpochTooSoon, Refusal } from "#packet/refusal.ts";
import type { Clock, ClockStep } from "#recovery/clock.ts";
import type { AppendDesk } from "./desk.ts";
import { writeAnswer } from "./asker.ts";
import { type Extended, extendHeads } from "./extendHeads.ts";
import { RAISED, codeOf } from "./fault.ts";
import type { StepAnswer, StepRequest } from "./ledger.ts";
import { type Query, type SeenMoment, clockTable, readMoment } from "./moment.ts";
import { repeatedReport } from "./report.ts";
import { spendTokens } from "./tokens.ts";
import { type Concluded, type Work, transact } from "./transact.ts";
import { insertAnswers } from "./write.ts";
import { rowsOf } from "./rowsOf.ts";

/**
 * Moves the clock by one step as somebody asks, or by one that breaks the mapping: that is told
 * to every open packet in the same transaction, and no packet opens meanwhile. Null while no
 * step is due.
 */
export async function stepClock(
  desk: AppendDesk,
  request: StepRequest,
): Promise<StepAnswer | Refusal | null> {
  try {
    return await transact<StepAnswer | null>(desk, request.asker, {
      async lock(tx) {
        await tx`SELECT FROM deployment FOR UPDATE`;
      },
      repeat: repeatedStep,
      moved: (answer) => answer?.appended ?? [],
      run: (work) => step(desk, work, request),
    });
  } catch (fault) {
    // Rule 6.1: the database's own backstop; the step is due a little later.
    if (codeOf(fault) !== RAISED.clock) throw fault;
    if (request.asker === null) return null;
    const { epoch } = await desk.connections.read((sql) => readMoment(sql, desk.rate));
    return new EpochTooSoon(epoch);
  }
}

async function step(
  desk: AppendDesk,
  work: Work,
  request: StepRequest,
): Promise<Concluded<StepAnswer | null> | Refusal> {
  const { tx } = work;
  const seen = await readMoment(tx, desk.rate);
  const decided = request.decide(seen.clock, seen.now.getTime());
  if (decided instanceof Refusal) return decided;
  if (decided === null) return { answer: null, afterCommit: () => undefined };
  const unspent = await spendTokens(tx, request.asker, request.spending ?? [], seen);
  if (unspent !== null) return unspent;
  const { clock } = decided;
  if (!(await writeStep(tx, request, decided, seen.clockSeq))) throw new StepTaken();
  const clockSeq = seen.clockSeq + 1n;
  const moment = { ...seen, epoch: clock.epoch, clock, clockSeq };
  const extended =
    decided.change === null ? null : await tellAll(desk, work, request, decided, moment);
  const { appended = [], unreadable = [] } = extended ?? {};
  const { asker } = request;
  if (asker !== null) {
    const answer = writeAnswer({ clock, appended, unreadable });
    await insertAnswers(tx, { answers: [{ asker, answer }], at: seen.now });
  }
  return {
    answer: { clock, appended, unreadable, repeated: false },
    afterCommit: extended?.afterCommit ?? (() => undefined),
  };
}

/** Writes the step that follows the one which was seen, in one statement. False, or a race, where another came first. */
export async function writeStep(
  sql: Query,
  { asker, reason }: Pick<StepRequest, "asker" | "reason">,
  { clock, change }: ClockStep,
  seenSeq: bigint,
): Promise<boolean> {
  const steppedAt = new Date(clock.steppedAt);
  const written = await sql`
    INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch, anchor_at,
      epoch_ms, change, actor, reason, reached_at)
    SELECT c.seq + 1, ${clock.epoch}, ${clock.frozen}, ${clock.generation}, ${steppedAt},
      ${clock.anchorEpoch}, ${new Date(clock.anchorAt)}, ${clock.epochMs ?? null}, ${change}, ${asker?.actor.actor ?? null},
      ${reason ?? null}, ${steppedAt}
    FROM ${clockTable(sql)} WHERE c.seq = ${seenSeq}
    ON CONFLICT (seq) DO NOTHING RETURNING seq`;
  return written.length === 1;
}

/** An ordinary tick, which waits for nobody, came between looking and writing: it is decided again. */
class StepTaken extends Error {
  override readonly name = "StepTaken";
  readonly code = "40001";
}

async function tellAll(
  desk: AppendDesk,
  work: Work,
  { asker }: StepRequest,
  { clock, change }: ClockStep,
  moment: SeenMoment,
): Promise<Extended | null> {
  if (change === null) return null;
  const open = await rowsOf(work.tx<{ packet: PacketId }[]>`
    SELECT packet FROM packet_head WHERE NOT closed`);
  const { frozen, generation } = clock;
  const actor = asker === null ? HOLDFAST : causeOf(asker.actor);
  return extendHeads(desk, work, {
    packets: open.map((row) => row.packet),
    actor,
    moment,
    fact: () => ({ kind: "CLOCK_CHANGED", change, clock: { frozen, generation } }),
  });
}

interface StoredClock extends Omit<Clock, "epoch" | "anchorEpoch"> {
  readonly epoch: string;
  readonly anchorEpoch: string;
}

function repeatedStep(stored: unknown): StepAnswer {
  const { clock } = stored as { readonly clock: StoredClock };
  return {
    ...repeatedReport(stored),
    clock: { ...clock, epoch: BigInt(clock.epoch), anchorEpoch: BigInt(clock.anchorEpoch) },
  };
}
