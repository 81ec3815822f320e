import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openHolds } from "#gate/view.ts";
import type { StepAnswer } from "#ledger/ledger.ts";
import { Refusal } from "#packet/refusal.ts";
import { type ChangeWish, describeChange, epochChanges } from "#recovery/change.ts";
import { changeSpending } from "#workflow/changeSpending.ts";
import { epochTick } from "#workflow/epochTick.ts";
import { epochAdvance } from "#workflow/epochAdvance.ts";
import { epochFreeze } from "#workflow/epochFreeze.ts";
import { epochRateChange } from "#workflow/epochRateChange.ts";
import { epochThaw } from "#workflow/epochThaw.ts";
import type { Desk } from "#workflow/desk.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { verifyLineage } from "#audit/verifyLineage.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { asking as asRex } from "../ledger/trainWorld.ts";
import { claimsFor, tokenMaker } from "../recovery/tokenMaker.ts";
import { REX, RITA } from "./cast.ts";
import { RATE, openDesk } from "./openDesk.ts";
import { accepted, newKey, openReady } from "./trains.ts";
import { shortestEpochMs, written } from "./written.ts";

const fresh = freshDatabase();
const here = connect(fresh.appUrl, { applicationName: "holdfast here", connectionsMax: 4 });
const there = connect(fresh.appUrl, { applicationName: "holdfast there", connectionsMax: 4 });
const maker = tokenMaker();
let desk: Desk;
let other: Desk;
beforeAll(async () => {
  [desk, other] = await Promise.all([
    openDesk(here, RATE, maker.control),
    openDesk(there, RATE, maker.control),
  ]);
});
afterAll(() => Promise.all([here.close(), there.close()]));

type Verb = (desk: Desk, actor: typeof REX, input: unknown) => Promise<unknown>;

function asking(verb: Verb, token?: string, at = desk, words: object = {}): Promise<unknown> {
  const given = token === undefined ? {} : { token };
  return verb(at, REX, { idempotencyKey: newKey(), reason: "drill", ...given, ...words });
}

function tokenFor(wish: ChangeWish, said: Parameters<typeof maker.token>[1] = {}): string {
  return maker.token(describeChange(desk.ledger.deployment, wish), said);
}

async function epochNow(): Promise<bigint> {
  return (await desk.ledger.moment()).epoch;
}

/** Resolves when the backstop permits the next step: the database says so, each time that it is asked. */
async function untilNextStep(): Promise<void> {
  for (;;) {
    const { clock, now } = await desk.ledger.moment();
    if (now.getTime() - clock.steppedAt > 1100) return;
  }
}

const VERBS: readonly (readonly [string, Verb, ChangeWish, object])[] = [
  ["epochFreeze", epochFreeze, epochChanges.freeze, {}],
  ["epochThaw", epochThaw, epochChanges.thaw, {}],
  ["epochRateChange", epochRateChange, epochChanges.rate(2_000), { epochMs: 2_000 }],
  ["epochAdvance", epochAdvance, epochChanges.advance, {}],
];

describe.each(VERBS)("%s", (_name, verb, wish, words) => {
  test("waits for a token, which is good for exactly it and once", async () => {
    if (verb === epochAdvance) await untilNextStep();
    const before = await written(here.sql);
    const waiting = await asking(verb, undefined, desk, words);
    const change = describeChange(desk.ledger.deployment, wish);
    expect(waiting).toMatchObject({ code: "CHANGE_TOKEN_NEEDED", change });
    const epoch = await epochNow();
    const strange = tokenMaker().token(change);
    const others: readonly (readonly [string, readonly string[]])[] = [
      [strange, ["NOT_SIGNED"]],
      [tokenFor(epochChanges.rate(9_000)), otherThan(wish.kind)],
      [maker.token(describeChange(newId(), wish)), ["OTHER_DEPLOYMENT", "OTHER_CHANGE"]],
      [tokenFor(wish, { firstEpoch: epoch + 1n }), ["TOO_EARLY"]],
    ];
    for (const [token, reasons] of others) {
      const refused = await asking(verb, token, desk, words);
      expect(refused).toMatchObject({ code: "CHANGE_TOKEN_REFUSED", reasons });
    }
    expect(await written(here.sql)).toEqual(before);
    const token = tokenFor(wish, { firstEpoch: epoch, lastEpoch: epoch });
    const input = { idempotencyKey: newKey(), reason: "drill", token, ...words };
    const first = accepted((await verb(desk, REX, input)) as StepAnswer | Refusal);
    const again = accepted((await verb(other, REX, input)) as StepAnswer | Refusal);
    expect([first.repeated, again.repeated]).toEqual([false, true]);
    expect(again.clock).toEqual(first.clock);
  });
});

function newId(): string {
  return desk.newId();
}

function otherThan(kind: string): readonly string[] {
  return kind === "EPOCH_RATE" ? ["OTHER_CHANGE"] : ["OTHER_KIND", "OTHER_CHANGE"];
}

test("a used token is refused for ever, with every other reason against it", async () => {
  const epoch = await epochNow();
  const token = tokenFor(epochChanges.freeze, { lastEpoch: epoch });
  accepted((await asking(epochFreeze, token)) as StepAnswer | Refusal);
  const thawing = tokenFor(epochChanges.thaw);
  accepted((await asking(epochThaw, thawing)) as StepAnswer | Refusal);
  expect(await asking(epochFreeze, token, other)).toMatchObject({ reasons: ["ALREADY_USED"] });
  await untilNextStep();
  const stepping = tokenFor(epochChanges.advance);
  accepted((await asking(epochAdvance, stepping)) as StepAnswer | Refusal);
  expect(await asking(epochFreeze, token)).toMatchObject({ reasons: ["TOO_LATE", "ALREADY_USED"] });
});

test("of two nodes that come with one token at once, one has it", async () => {
  for (let round = 0; round < 5; round += 1) {
    const change = describeChange(desk.ledger.deployment, epochChanges.rate(3_000 + round));
    const claims = claimsFor(change);
    const token = maker.token(change, claims);
    const words = { epochMs: 3_000 + round };
    const answers = await Promise.all(
      [desk, other, desk, other].map((at) => asking(epochRateChange, token, at, words)),
    );
    const done = answers.filter((answer) => !(answer instanceof Refusal));
    expect(done).toHaveLength(1);
    const kept = await here.sql<{ n: number }[]>`
      SELECT count(*)::int4 AS n FROM idempotency WHERE key = ${`change-token ${claims.id}`}`;
    expect(kept).toEqual([{ n: 1 }]);
  }
});

test("what is refused for another reason uses no token up", async () => {
  const token = tokenFor(epochChanges.thaw);
  expect(await asking(epochThaw, token)).toMatchObject({ code: "CLOCK_UNCHANGED" });
  const freezing = tokenFor(epochChanges.freeze);
  accepted((await asking(epochFreeze, freezing)) as StepAnswer | Refusal);
  accepted((await asking(epochThaw, token)) as StepAnswer | Refusal);
});

test("a report on what packets share spends a token the same way, for the verbs that push", async () => {
  const wish: ChangeWish = {
    kind: "REVOCATION_SHARD",
    subject: "signers/17",
    content: { version: 3 },
  };
  const push = async (token?: string) =>
    desk.ledger.report({
      exercise: false,
      asker: asRex(REX, "sharedRecord"),
      subjects: [],
      spending: await changeSpending(desk, wish, token),
      decide: () => [],
    });
  expect(await push()).toMatchObject({ code: "CHANGE_TOKEN_NEEDED" });
  const token = tokenFor(wish);
  expect(accepted(await push(token)).appended).toEqual([]);
  expect(await push(token)).toMatchObject({ reasons: ["ALREADY_USED"] });
});

test("rule 6.1: no token moves the epoch twice in a second", async () => {
  await untilNextStep();
  const first = tokenFor(epochChanges.advance);
  const second = tokenFor(epochChanges.advance);
  accepted((await asking(epochAdvance, first)) as StepAnswer | Refusal);
  expect(await asking(epochAdvance, second)).toMatchObject({ code: "EPOCH_TOO_SOON" });
  await untilNextStep();
  accepted((await asking(epochAdvance, second)) as StepAnswer | Refusal);
  expect(await shortestEpochMs(here.sql)).toBeGreaterThanOrEqual(1_000);
});

test("without the service the epoch goes on at its rate, packets open, and holds are shown", async () => {
  const silent = { ...desk, changes: { keys: () => Promise.resolve("KEYS_UNUSABLE" as const) } };
  const ready = await openReady(desk, "waiting");
  expect(await asking(epochFreeze, undefined, silent)).toMatchObject({
    code: "CHANGE_TOKEN_NEEDED",
  });
  expect(await asking(epochFreeze, tokenFor(epochChanges.freeze), silent)).toMatchObject({
    code: "CHANGE_TOKEN_REFUSED",
    reasons: ["KEYS_UNUSABLE"],
  });
  const { state } = accepted(await packetRead(silent, RITA, ready.packet));
  expect(openHolds(state)).toEqual([]);
  const before = await epochNow();
  let ticked: Awaited<ReturnType<typeof epochTick>> = null;
  while (ticked === null) ticked = await epochTick(silent);
  expect(await epochNow()).toBe(before + 1n);
});

test("a changed rate breaks the mapping of every open packet, and is the one of a restarted node", async () => {
  const { packet } = await openReady(desk, "mapped");
  const rate = epochChanges.rate(4_000);
  const words = { epochMs: 4_000 };
  accepted((await asking(epochRateChange, tokenFor(rate), desk, words)) as StepAnswer | Refusal);
  const { state } = accepted(await packetRead(desk, RITA, packet));
  expect(openHolds(state).map(({ code }) => code)).toEqual(["TIME_MAPPING_STALE"]);
  const restarted = await openDesk(there, { epochMs: 60_000, tickGapMaxMs: 180_000 });
  expect((await restarted.ledger.moment()).clock.epochMs).toBe(4_000);
});

test("all of it derives again from the rows", async () => {
  const { findings, unchecked } = await verifyLineage({
    url: fresh.url,
    chainOnly: false,
    deployment: desk.ledger.deployment,
    anchors: [],
    keys: { log: null, witnesses: [] },
    signers: null,
    progress: () => undefined,
  });
  expect({ findings, unchecked }).toEqual({ findings: [], unchecked: null });
});
