import { HOLDFAST } from "#packet/fact.ts";
import type { PacketId } from "#packet/name.ts";
import { EpochTooSoon, Refusal } from "#packet/refusal.ts";
import type { Clock, ClockStep } from "#recovery/clock.ts";
import { appendBatch } from "./appendBatch.ts";
import type { AppendDesk } from "./desk.ts";
import { writeAnswer } from "./asker.ts";
import { type Extended, extendHeads } from "./extendHeads.ts";
import { LineageBroken, RAISED, codeOf } from "./fault.ts";
import type { StepAnswer, StepRequest } from "./ledger.ts";
import { type Query, type SeenMoment, readMoment } from "./moment.ts";
import { repeatedReport } from "./report.ts";
import { type Concluded, type Work, transact } from "./transact.ts";
import { insertAnswers } from "./write.ts";
import { rowsOf } from "./rowsOf.ts";

/**
 * Moves the clock by one step. A step that breaks the mapping, or freezes or thaws, is told
 * to every open packet in the same transaction, and no packet opens meanwhile. An ordinary
 * tick commits by itself; then each packet with something due gets its lapses. Null while no
 * step is due.
 */
export async function stepClock(
  desk: AppendDesk,
  request: StepRequest,
): Promise<StepAnswer | Refusal | null> {
  try {
    const stepped = await transact<Stepped | null>(desk, request.asker, {
      async lock(tx) {
        await tx`SELECT FROM deployment FOR UPDATE`;
      },
      repeat: repeatedStep,
      moved: (answer) => answer?.appended ?? [],
      run: (work) => step(desk, work, request),
    });
    if (stepped === null || stepped instanceof Refusal) return stepped;
    const { isTick, ...answer } = stepped;
    if (!isTick) return answer;
    return { ...answer, unreadable: await writeDueLapses(desk, answer.clock) };
  } catch (fault) {
    // Rule 6.1: the database's own backstop; the step is due a little later.
    if (codeOf(fault) !== RAISED.clock) throw fault;
    if (request.asker === null) return null;
    const { epoch } = await desk.connections.run((sql) => readMoment(sql, desk.rate));
    return new EpochTooSoon(epoch);
  }
}

interface Stepped extends StepAnswer {
  readonly isTick: boolean;
}

async function step(
  desk: AppendDesk,
  work: Work,
  request: StepRequest,
): Promise<Concluded<Stepped | null> | Refusal> {
  const { tx } = work;
  const seen = await readMoment(tx, desk.rate);
  const decided = request.decide(seen.clock, seen.now.getTime());
  if (decided instanceof Refusal) return decided;
  if (decided === null) return { answer: null, afterCommit: () => undefined };
  const clockSeq = seen.clockSeq + 1n;
  await writeStep(tx, request, decided, clockSeq);
  const { clock } = decided;
  const moment = { ...seen, epoch: clock.epoch, clock, clockSeq };
  const extended =
    decided.change === null ? null : await tellAll(desk, work, request, decided, moment);
  const { appended = [], unreadable = [] } = extended ?? {};
  const { asker } = request;
  if (asker !== null) {
    const answer = writeAnswer({ clock, appended, unreadable });
    await insertAnswers(tx, { answers: [{ asker, answer }], at: seen.now });
  }
  const isTick = extended === null;
  return {
    answer: { clock, appended, unreadable, repeated: false, isTick },
    afterCommit: extended?.afterCommit ?? (() => undefined),
  };
}

async function writeStep(
  tx: Query,
  { asker, reason }: StepRequest,
  { clock, change }: ClockStep,
  seq: bigint,
): Promise<void> {
  const steppedAt = new Date(clock.steppedAt);
  await tx`
    INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch, anchor_at,
      change, actor, reason, reached_at)
    VALUES (${seq}, ${clock.epoch}, ${clock.frozen}, ${clock.generation}, ${steppedAt},
      ${clock.anchorEpoch}, ${new Date(clock.anchorAt)}, ${change}, ${asker?.actor.actor ?? null},
      ${reason ?? null}, ${steppedAt})`;
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
  const actor = asker === null ? HOLDFAST : { actor: asker.actor.actor, kind: asker.actor.kind };
  return extendHeads(desk, work, {
    packets: open.map((row) => row.packet),
    actor,
    moment,
    fact: () => ({ kind: "CLOCK_CHANGED", change, clock: { frozen, generation } }),
  });
}

/** Rule 6.6. A packet whose lineage is broken keeps no other from its lapses. */
async function writeDueLapses(desk: AppendDesk, { epoch }: Clock): Promise<PacketId[]> {
  const unreadable: PacketId[] = [];
  const due = await desk.connections.run((sql) =>
    rowsOf(sql<{ packet: PacketId }[]>`
      SELECT packet FROM packet_head WHERE NOT closed AND next_due <= ${epoch}
      ORDER BY next_due, packet`),
  );
  for (const { packet } of due) {
    try {
      await appendBatch(desk, packet, []);
    } catch (fault) {
      if (!(fault instanceof LineageBroken)) throw fault;
      unreadable.push(packet);
    }
  }
  return unreadable;
}

interface StoredClock extends Omit<Clock, "epoch" | "anchorEpoch"> {
  readonly epoch: string;
  readonly anchorEpoch: string;
}

function repeatedStep(stored: unknown): Stepped {
  const { clock } = stored as { readonly clock: StoredClock };
  return {
    ...repeatedReport(stored),
    clock: { ...clock, epoch: BigInt(clock.epoch), anchorEpoch: BigInt(clock.anchorEpoch) },
    isTick: false,
  };
}
