import { type ClockBreak, type ClockState, HOLDFAST, type Occurrence } from "#packet/fact.ts";
import type { Name, PacketId } from "#packet/name.ts";
import { BACKSTOP_MS } from "#recovery/clock.ts";
import { timeText } from "./copies.ts";
import type { Finding, FindingKind } from "./finding.ts";
import type { Findings } from "./findings.ts";
import type { ClockBreakStep, Ground } from "./ground.ts";
import type { Reading } from "./reading.ts";
import type { RevisionRow } from "./revisionRows.ts";

interface StepRow {
  readonly seq: bigint;
  readonly epoch: bigint;
  readonly frozen: boolean;
  readonly generation: number;
  readonly steppedAt: Date;
  readonly anchorEpoch: bigint;
  readonly anchorAt: Date;
  readonly epochMs: number | null;
  readonly change: ClockBreak | null;
  readonly actor: Name | null;
  readonly reason: string | null;
  readonly reachedAt: Date;
  readonly isReachedSame: boolean;
}

/** What the clock came to. */
export type ClockHistory = Pick<Ground, "generations" | "epoch" | "generation">;

/** Follows the clock's own steps (rules 6.1, 6.2 and 6.5). */
export async function readClock(reading: Reading, findings: Findings): Promise<ClockHistory> {
  const generations = new Map<number, ClockBreakStep>();
  let before: StepRow | null = null;
  await findings.reading({ table: "clock_step" }, async () => {
    const pages = reading.stream<StepRow>(
      (sql) => sql`
        SELECT seq, epoch, frozen, generation, stepped_at AS "steppedAt",
          anchor_epoch AS "anchorEpoch", anchor_at AS "anchorAt", epoch_ms AS "epochMs", change, actor, reason,
          reached_at AS "reachedAt",
          reached_at IS NOT DISTINCT FROM lag(reached_at) OVER (ORDER BY seq) AS "isReachedSame"
        FROM public.clock_step ORDER BY seq`,
    );
    for await (const page of pages) {
      for (const step of page) {
        const fault = before === null ? firstStepFault(step) : stepFault(before, step);
        if (fault !== null) findings.add(fault);
        if (!generations.has(step.generation)) generations.set(step.generation, step);
        before = step;
      }
    }
    if (before === null) {
      const place = { table: "clock_step" };
      findings.add({ place, kind: "MISSING", expected: "a first step", found: "nothing" });
    }
  });
  const last: StepRow | null = before;
  const { epoch, generation } = last ?? { epoch: 0n, generation: 0 };
  return { generations, epoch, generation };
}

type Wrong = readonly [FindingKind, string, unknown, unknown];

function firstStepFault(step: StepRow): Finding | null {
  const wrong: readonly Wrong[] = [
    ["GAP", "seq", 1n, step.seq],
    ["VALUE", "epoch", 0n, step.epoch],
    ["VALUE", "frozen", false, step.frozen],
    ["VALUE", "generation", 0, step.generation],
    ["VALUE", "anchor_epoch", step.epoch, step.anchorEpoch],
    ["VALUE", "anchor_at", timeText(step.steppedAt), timeText(step.anchorAt)],
    ["VALUE", "epoch_ms", null, step.epochMs],
    ["VALUE", "change", null, step.change],
    ["VALUE", "actor", null, step.actor],
    ["VALUE", "reason", null, step.reason],
  ];
  return firstWrong(step, wrong);
}

/** A step against the one before it: a break is told by its change, anything else is a tick. */
function stepFault(before: StepRow, step: StepRow): Finding | null {
  const { change } = step;
  const isTick = change === null;
  const moves = isTick || change === "ADVANCED_BY_HAND" || change === "TICKER_GAP";
  const isBySystem = isTick || change === "TICKER_GAP";
  const frozen = change === "FROZEN" || (change !== "THAWED" && before.frozen);
  const wrong: readonly Wrong[] = [
    ["GAP", "seq", before.seq + 1n, step.seq],
    ["VALUE", "epoch", before.epoch + (moves ? 1n : 0n), step.epoch],
    ["VALUE", "frozen", frozen, step.frozen],
    ["VALUE", "generation", before.generation + (isTick ? 0 : 1), step.generation],
    ["VALUE", "anchor_epoch", isTick ? before.anchorEpoch : step.epoch, step.anchorEpoch],
    ["VALUE", "anchor_at", anchoredAt(before, step), timeText(step.anchorAt)],
    ["VALUE", "stepped_at", steppedAt(before, step), timeText(step.steppedAt)],
    ["VALUE", "epoch_ms", epochMsAfter(before, step), step.epochMs],
    ["VALUE", "actor", isBySystem, step.actor === null],
    ["VALUE", "reason", false, isBySystem && step.reason !== null],
    ["VALUE", "reached_at", true, moves || step.isReachedSame],
  ];
  return firstWrong(step, wrong);
}

/** A rate is set by hand, or kept with a tick as it was configured; once recorded it stays until it is set again. */
function epochMsAfter(before: StepRow, { change, epochMs }: StepRow): number | null {
  const isByTick = change === null || change === "TICKER_GAP";
  const isKept = isByTick && before.epochMs === null && epochMs !== null;
  if (change !== "RATE_CHANGED" && !isKept) return before.epochMs;
  return Math.max(epochMs ?? 0, BACKSTOP_MS);
}

/** A generation begins where and when it was broken. */
function anchoredAt(before: StepRow, step: StepRow): string {
  if (step.change === null) return timeText(before.anchorAt);
  const isMoved = step.change === "ADVANCED_BY_HAND" || step.change === "TICKER_GAP";
  return timeText(isMoved ? step.steppedAt : step.anchorAt);
}

function steppedAt(before: StepRow, step: StepRow): string {
  if (step.change === "FROZEN") return timeText(before.steppedAt);
  if (step.change !== "THAWED") return timeText(step.steppedAt);
  return timeText(before.steppedAt > step.anchorAt ? before.steppedAt : step.anchorAt);
}

function firstWrong(step: StepRow, wrong: readonly Wrong[]): Finding | null {
  const first = wrong.find(([, , expected, found]) => expected !== found);
  if (first === undefined) return null;
  const [kind, column, expected, found] = first;
  return {
    place: { table: "clock_step", row: `step ${step.seq}`, column },
    kind,
    expected: String(expected),
    found: String(found),
  };
}

/** What a packet was told of the clock, against the step that it comes from; `last` is the generation that it knew. */
export function clockFault(
  ground: ClockHistory,
  packet: PacketId,
  row: RevisionRow,
  last: number | null,
  clock: ClockState,
  { fact, actor, epoch }: Occurrence,
): Finding | null {
  const step = ground.generations.get(clock.generation);
  const fault = (column: string, expected: unknown, found: unknown): Finding => ({
    place: { table: "revision", packet, revision: row.number, column: `body.fact.${column}` },
    kind: "VALUE",
    expected: String(expected),
    found: String(found),
  });
  if (step === undefined) return fault("clock", "a generation of the clock", clock.generation);
  if (clock.frozen !== step.frozen) return fault("clock.frozen", step.frozen, clock.frozen);
  if (last === null || fact.kind !== "CLOCK_CHANGED") {
    const next = ground.generations.get(clock.generation + 1)?.epoch ?? ground.epoch;
    const isThen = step.epoch <= epoch && epoch <= next;
    return isThen ? null : fault("clock", `epochs ${step.epoch} to ${next}`, epoch);
  }
  if (clock.generation !== last + 1) return fault("clock", last + 1, clock.generation);
  if (fact.change !== step.change) return fault("change", step.change, fact.change);
  if (epoch !== step.epoch) return fault("clock", `epoch ${step.epoch}`, `epoch ${epoch}`);
  const by = step.actor ?? HOLDFAST.actor;
  if (actor.actor !== by) return fault("clock", `by ${by}`, `by ${actor.actor}`);
  const at = timeText(row.at);
  return at === timeText(step.anchorAt) ? null : fault("clock", timeText(step.anchorAt), at);
}
