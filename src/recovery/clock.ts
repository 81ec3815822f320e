import type { ClockDoubt } from "#packet/approval.ts";
import { EPOCH_MAX, type Epoch } from "#packet/epoch.ts";
import type { ClockBreak } from "#packet/fact.ts";

/** The epoch never moves twice within this time; no policy lifts it (rule 6.1). */
export const BACKSTOP_MS = 1000;

/** The deployment's clock as its last step left it. Times are milliseconds since 1970, for anchoring only. */
export interface Clock {
  readonly epoch: Epoch;
  readonly frozen: boolean;
  /** Rises at every break; a mapping of an older generation is stale (rule 6.5). */
  readonly generation: number;
  /** When the epoch reached its value, or the clock was last thawed. */
  readonly steppedAt: number;
  /** Where the present generation began: epochs and times are compared with here. */
  readonly anchorEpoch: Epoch;
  readonly anchorAt: number;
  /** How long an epoch is, in milliseconds, where that was recorded; else as configured. */
  readonly epochMs?: number;
}

/** How fast the ticker goes, and how far it may be off before the mapping breaks. */
export interface ClockRate {
  /** Milliseconds for one epoch, at least the backstop. */
  readonly epochMs: number;
  /** The longest time between two steps, and the widest drift from the mapping, in milliseconds. */
  readonly tickGapMaxMs: number;
  /** Whether the rate in force is recorded with the next tick, so that no configuration changes it later. */
  readonly isKept?: boolean;
}

/** One recorded change of the clock. */
export interface ClockStep {
  readonly clock: Clock;
  /** What it broke, or null for an ordinary tick. */
  readonly change: ClockBreak | null;
}

/** A clock that starts at `at`. */
export function startClock(epoch: Epoch, at: number): Clock {
  return { epoch, frozen: false, generation: 0, steppedAt: at, anchorEpoch: epoch, anchorAt: at };
}

/** The rate in force: the recorded one, with as many epochs of tolerance as are configured; else the configured one. */
export function rateInForce(clock: Pick<Clock, "epochMs">, configured: ClockRate): ClockRate {
  const { epochMs } = clock;
  if (epochMs === undefined) return configured;
  const tickGapMaxMs = Math.ceil((configured.tickGapMaxMs * epochMs) / configured.epochMs);
  return { ...configured, epochMs, tickGapMaxMs };
}

/**
 * Rule 6.2: the step that the ticker may take now, or null while none is due. A
 * time before the last step still permits one step, from which time counts anew.
 */
export function tick(clock: Clock, configured: ClockRate, at: number): ClockStep | null {
  if (clock.frozen || clock.epoch >= EPOCH_MAX) return null;
  const rate = rateInForce(clock, configured);
  const behind = at < clock.steppedAt;
  if (!behind && !isTickDue(clock, rate, at)) return null;
  const kept = rate.isKept === true ? { epochMs: rate.epochMs } : {};
  const stepped = { ...clock, ...kept, epoch: clock.epoch + 1n, steppedAt: at };
  const gap = at - clock.steppedAt;
  const broken = behind || gap > rate.tickGapMaxMs || drift(stepped, rate, at) > rate.tickGapMaxMs;
  return broken ? breakMapping(stepped, "TICKER_GAP", at) : { clock: stepped, change: null };
}

/** A step is due when the mapping says that the next epoch has begun, and the backstop allows it. */
function isTickDue(clock: Clock, rate: ClockRate, at: number): boolean {
  const nextBegins = clock.anchorAt + Number(clock.epoch + 1n - clock.anchorEpoch) * rate.epochMs;
  return at >= nextBegins && at - clock.steppedAt >= BACKSTOP_MS;
}

/** How far the time of a step is from where the mapping has it, in milliseconds. */
function drift(clock: Clock, rate: ClockRate, at: number): number {
  return Math.abs(at - clock.anchorAt - Number(clock.epoch - clock.anchorEpoch) * rate.epochMs);
}

/** One step by hand; null when it would come too soon. The time may lie before the last step (rule 6.2). */
export function advanceByHand(clock: Clock, at: number): ClockStep | null {
  const tooSoon = at >= clock.steppedAt && at - clock.steppedAt < BACKSTOP_MS;
  if (tooSoon || clock.epoch >= EPOCH_MAX) return null;
  return breakMapping({ ...clock, epoch: clock.epoch + 1n, steppedAt: at }, "ADVANCED_BY_HAND", at);
}

/** Freezing the epoch freezes validity, and breaks the mapping. */
export function freeze(clock: Clock, at: number): ClockStep {
  return breakMapping({ ...clock, frozen: true }, "FROZEN", at);
}

/** Thawing breaks the mapping once more: what was accepted while frozen was mapped to a clock that stood still. */
export function thaw(clock: Clock, at: number): ClockStep {
  const steppedAt = Math.max(at, clock.steppedAt);
  return breakMapping({ ...clock, frozen: false, steppedAt }, "THAWED", at);
}

/** Sets how long an epoch is from now on, frozen or not: what was accepted before was mapped by another rate. */
export function changeRate(clock: Clock, epochMs: number, at: number): ClockStep {
  return breakMapping({ ...clock, epochMs }, "RATE_CHANGED", at);
}

function breakMapping(clock: Clock, change: ClockBreak, at: number): ClockStep {
  const generation = clock.generation + 1;
  return { clock: { ...clock, generation, anchorEpoch: clock.epoch, anchorAt: at }, change };
}

/** Rule 6.5: what makes the epoch doubtful at the time `at`; a time before the last step is a doubt as well. */
export function clockDoubt(clock: Clock, configured: ClockRate, at: number): ClockDoubt | null {
  if (clock.frozen) return "EPOCH_FROZEN";
  const { tickGapMaxMs } = rateInForce(clock, configured);
  const sinceStep = at - clock.steppedAt;
  return sinceStep > tickGapMaxMs || sinceStep < -tickGapMaxMs ? "EPOCH_STALLED" : null;
}
