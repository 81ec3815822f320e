import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gateAnswer } from "#gate/answer.ts";
import { forecast } from "#gate/forecast.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { ApprovalRefused, ClockInDoubt } from "#packet/refusal.ts";
import {
  type Clock,
  type ClockRate,
  clockDoubt,
  freeze,
  startClock,
  thaw,
  tick,
} from "#recovery/clock.ts";
import { approve, askApproval, open } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages } from "./reports.ts";
import { CONTENTS, calendar, window } from "./train.ts";

const NOON = Date.parse("2026-01-01T12:00:00.000Z");
const DAY_MS = 86_400_000;
const rate: ClockRate = { epochMs: 60_000, tickGapMaxMs: 300_000 };

/** Wall clocks that jump, run backwards and stand still: decades to either side of noon. */
const clocks = fc.array(
  fc.oneof(
    fc.integer({ min: -20_000, max: 20_000 }).map((days) => NOON + days * DAY_MS),
    fc.constantFrom(-3_600_000, -1_000, 0, 1_000, 3_600_000).map((jump) => NOON + jump),
  ),
  { minLength: 1, maxLength: 40 },
);

/** The clock after ticks at these times. */
function ticked(clock: Clock, times: readonly number[]): Clock {
  return times.reduce((now, at) => tick(now, rate, at)?.clock ?? now, clock);
}

describe("freezing the epoch freezes validity", () => {
  test("whatever any clock says meanwhile: the same packet, the same forecast, the gate CLOSED", () => {
    const desk = new Desk([ages({ digestMaxAge: 7n })]);
    approve(desk);
    desk.pass(2n);
    const frozen = freeze(startClock(desk.epoch, NOON), NOON).clock;
    desk.breakClock("FROZEN");
    const before = forecast(desk.state);
    expect(before.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(clocks, (times) => {
        const clock = ticked(frozen, times);
        expect(clock).toEqual(frozen);
        const { head, lapses } = reachEpoch(desk.state, clock.epoch);
        expect(lapses).toEqual([]);
        expect(head).toBe(desk.state);
        for (const at of times) {
          const doubt = clockDoubt(clock, rate, at);
          expect(doubt).toBe("EPOCH_FROZEN");
          expect(gateAnswer(head, clock.epoch, doubt)).toMatchObject({
            status: "CLOSED",
            reasons: ["HOLDS_OPEN", "APPROVAL_LAPSED", "EPOCH_FROZEN"],
          });
        }
        expect(forecast(head).map(({ state }) => state.epoch)).toEqual(
          before.map(({ state }) => state.epoch),
        );
      }),
    );
  });

  test("nothing is approved meanwhile, not even what nothing holds", () => {
    const desk = new Desk([ages()]);
    desk.breakClock("FROZEN");
    desk.accept(window(10n, 24n, 1));
    desk.accept(calendar([...CONTENTS.SHIFT_CALENDAR.shifts], [], 1));
    expect(open(desk)).toEqual([]);
    const refused = askApproval(desk, desk.state.revision, undefined, "EPOCH_FROZEN");
    expect(refused).toBeInstanceOf(ApprovalRefused);
    expect((refused as ApprovalRefused).reasons).toEqual([new ClockInDoubt("EPOCH_FROZEN")]);
  });

  test("after a year of it, what was good for five epochs is good for five epochs", () => {
    const desk = new Desk([ages({ digestMaxAge: 5n })]);
    const frozen = freeze(startClock(desk.epoch, NOON), NOON).clock;
    const thawed = thaw(frozen, NOON + 365 * DAY_MS).clock;
    expect(thawed.epoch).toBe(desk.epoch);
    expect(desk.pass(thawed.epoch + 5n - desk.epoch)).toEqual([]);
    expect(open(desk)).toEqual([]);
    desk.pass(1n);
    expect(open(desk).every((hold) => hold.startsWith("DIGEST_CONFIRMATION_STALE"))).toBe(true);
    expect(open(desk)).not.toEqual([]);
  });
});

describe("a clock that is not frozen decides how fast, and nothing else", () => {
  test("any times whatever: single steps forward, and the packet at an epoch is the same by every way to it", () => {
    fc.assert(
      fc.property(clocks, (times) => {
        const desk = new Desk([ages({ digestMaxAge: 7n })]);
        const opened = desk.state;
        let clock = startClock(desk.epoch, NOON);
        for (const at of times) {
          const next = tick(clock, rate, at)?.clock ?? clock;
          expect([clock.epoch, clock.epoch + 1n]).toContain(next.epoch);
          desk.pass(next.epoch - clock.epoch);
          clock = next;
        }
        const once = reachEpoch(opened, clock.epoch).head;
        expect([once.status, once.materialDigest, [...once.register.keys()]]).toEqual([
          desk.state.status,
          desk.state.materialDigest,
          [...desk.state.register.keys()],
        ]);
      }),
    );
  });
});
