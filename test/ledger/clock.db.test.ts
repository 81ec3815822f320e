import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { type Clock, type ClockStep, advanceByHand, freeze, thaw, tick } from "#recovery/clock.ts";
import { ClockUnchanged, EpochTooSoon } from "#packet/refusal.ts";
import { RAISED } from "#ledger/fault.ts";
import type { Ledger, StepAnswer, StepRequest } from "#ledger/ledger.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { passEpochs } from "./passEpochs.ts";
import {
  RATE,
  UPSTREAM,
  acceptAll,
  asking,
  granted,
  goodNews,
  ledgerOn,
  open,
  readyPacket,
  stateOf,
} from "./trainWorld.ts";

const fresh = freshDatabase();
const here = connect(fresh.url, { applicationName: "holdfast here", connectionsMax: 8 });
const there = connect(fresh.url, { applicationName: "holdfast there", connectionsMax: 8 });
const { sql } = here;
let ledger: Ledger;
let other: Ledger;
beforeAll(async () => {
  [ledger, other] = await Promise.all([ledgerOn(here), ledgerOn(there)]);
});
afterAll(() => Promise.all([here.close(), there.close()]));

/** Asks for a step as a person, who must get it. */
async function stepBy(decide: (clock: Clock, now: number) => ClockStep): Promise<StepAnswer> {
  const answer = granted(
    await ledger.stepClock({ asker: asking(UPSTREAM, "epochFreeze"), decide }),
  );
  if (answer === null) throw new Error("no step was due");
  return answer;
}

const ticking: StepRequest = { asker: null, decide: (clock, now) => tick(clock, RATE, now) };
/** A ticker that has forgotten every limit. */
const rushing: StepRequest = {
  asker: null,
  decide: (clock, now) => ({
    clock: { ...clock, epoch: clock.epoch + 1n, steppedAt: now },
    change: null,
  }),
};

test("both processes opened one deployment with one clock", async () => {
  expect(other.deployment).toBe(ledger.deployment);
  const rows = await sql<{ seq: bigint; epoch: bigint }[]>`SELECT seq, epoch FROM clock_step`;
  expect(rows).toEqual([{ seq: 1n, epoch: 0n }]);
});

describe("rule 6.1: the database itself", () => {
  test("lets the epoch move at most once a second, whoever asks and however often", async () => {
    const { epoch: before } = await ledger.moment();
    await passEpochs(sql, 1);
    const steps = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? ledger : other).stepClock(rushing)),
    );
    expect(steps.filter((step) => step !== null)).toHaveLength(1);
    expect((await ledger.moment()).epoch).toBe(before + 2n);
    const byHand: StepRequest = { ...rushing, asker: asking(UPSTREAM, "epochAdvance") };
    expect(await ledger.stepClock(byHand)).toBeInstanceOf(EpochTooSoon);
  });

  test.each([
    ["goes back", { epoch: sql`c.epoch - 1` }],
    ["jumps", { epoch: sql`c.epoch + 2` }],
    ["leaves a gap in its steps", { seq: sql`c.seq + 2` }],
    ["forgets a break", { generation: sql`c.generation - 1` }],
  ])("refuses a step that %s", async (_what, changed) => {
    await passEpochs(sql, 1);
    const { seq, epoch, generation } = {
      seq: sql`c.seq + 1`,
      epoch: sql`c.epoch`,
      generation: sql`c.generation`,
      ...changed,
    };
    const step = sql`
      INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch, anchor_at,
        reached_at)
      SELECT ${seq}, ${epoch}, c.frozen, ${generation}, c.stepped_at, c.anchor_epoch, c.anchor_at,
        c.reached_at
      FROM (SELECT * FROM clock_step ORDER BY seq DESC LIMIT 1) AS c`;
    await expect(step).rejects.toMatchObject({ code: RAISED.clock });
  });

  test("rule 6.2: still permits one step after its own clock was set back", async () => {
    await sql.begin(async (tx) => {
      await tx`ALTER TABLE clock_step DISABLE TRIGGER follows`;
      await tx`
        INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch,
          anchor_at, reached_at)
        SELECT c.seq + 1, c.epoch + 1, c.frozen, c.generation, c.stepped_at + interval '1 day',
          c.anchor_epoch, c.anchor_at, c.reached_at + interval '1 day'
        FROM (SELECT * FROM clock_step ORDER BY seq DESC LIMIT 1) AS c`;
      await tx`ALTER TABLE clock_step ENABLE ALWAYS TRIGGER follows`;
    });
    const { epoch } = await ledger.moment();
    const step = await ledger.stepClock(ticking);
    expect(step).toMatchObject({ clock: { epoch: epoch + 1n } });
    expect(await ledger.stepClock(rushing)).toBeNull();
  });
});

test("a step that is not due, or is refused, writes nothing", async () => {
  const count = async (): Promise<bigint | undefined> =>
    (await sql<{ n: bigint }[]>`SELECT count(*) AS n FROM clock_step`)[0]?.n;
  const before = await count();
  expect(await ledger.stepClock({ asker: null, decide: () => null })).toBeNull();
  const refusal = new ClockUnchanged("the epoch is not frozen");
  const asker = asking(UPSTREAM, "epochThaw");
  expect(await ledger.stepClock({ asker, decide: () => refusal })).toBe(refusal);
  expect(await count()).toBe(before);
});

describe("rule 6.5: a break of the clock", () => {
  test("is told to every open packet in the same change, and a repeat gets the same answer", async () => {
    const packets = [await readyPacket(ledger, "f1"), await readyPacket(ledger, "f2", true)];
    const request: StepRequest = {
      asker: asking(UPSTREAM, "epochFreeze"),
      reason: "the ticker's host is down",
      decide: freeze,
    };
    const answers = await Promise.all([ledger.stepClock(request), other.stepClock(request)]);
    const repeats = answers.filter((answer) => granted(answer)?.repeated === true);
    expect(repeats).toHaveLength(1);
    expect(granted(answers[0] ?? null)?.clock).toEqual(granted(answers[1] ?? null)?.clock);
    const { clock, doubt } = await ledger.moment();
    expect({ frozen: clock.frozen, doubt }).toEqual({ frozen: true, doubt: "EPOCH_FROZEN" });
    for (const { packet } of packets) {
      const { facts, status } = await stateOf(other, packet);
      expect(facts.clock).toEqual({ frozen: true, generation: clock.generation });
      expect(status).toBe("ON_HOLD");
    }
    const [row] = await sql<{ reason: string; actor: string }[]>`
      SELECT reason, actor FROM clock_step ORDER BY seq DESC LIMIT 1`;
    expect(row).toEqual({ reason: "the ticker's host is down", actor: UPSTREAM.actor });
    await stepBy(thaw);
  });

  test("by hand moves the epoch one step on", async () => {
    await passEpochs(sql, 1);
    const { epoch } = await ledger.moment();
    const late = (clock: Clock, now: number): ClockStep => {
      const step = advanceByHand({ ...clock, steppedAt: now - 2000 }, now);
      if (step === null) throw new Error("too soon");
      return step;
    };
    expect((await stepBy(late)).clock.epoch).toBe(epoch + 1n);
  });

  test("is never missed by a packet that opens meanwhile", async () => {
    for (let round = 0; round < 30; round += 1) {
      const key = { exercise: true, train: `meanwhile-${round}` };
      await acceptAll(ledger, key);
      const [{ packet }] = await Promise.all([
        open(ledger, key, goodNews()),
        other.stepClock({
          asker: asking(UPSTREAM, "epochFreeze"),
          decide: round % 2 === 0 ? freeze : thaw,
        }),
      ]);
      const { facts } = await stateOf(ledger, packet);
      const { frozen, generation } = (await ledger.moment()).clock;
      expect(facts.clock).toEqual({ frozen, generation });
    }
  });
});

test("an epoch beyond what a JavaScript number can count goes through unharmed", async () => {
  await sql.begin(async (tx) => {
    await tx`ALTER TABLE clock_step DISABLE TRIGGER follows`;
    await tx`
      INSERT INTO clock_step (seq, epoch, frozen, generation, stepped_at, anchor_epoch, anchor_at,
        reached_at)
      SELECT c.seq + 1, ${2n ** 60n + 1n}, false, c.generation + 1, clock_timestamp(),
        ${2n ** 60n + 1n}, clock_timestamp(), clock_timestamp() - interval '1 hour'
      FROM (SELECT * FROM clock_step ORDER BY seq DESC LIMIT 1) AS c`;
    await tx`ALTER TABLE clock_step ENABLE ALWAYS TRIGGER follows`;
  });
  expect(await ledger.stepClock(rushing)).toMatchObject({ clock: { epoch: 2n ** 60n + 2n } });
  const key = { exercise: true, train: "far" };
  await acceptAll(ledger, key);
  const { packet } = await open(ledger, key);
  expect((await stateOf(await ledgerOn(there), packet)).epoch).toBe(2n ** 60n + 2n);
});
