import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openHolds } from "#gate/view.ts";
import type { StepAnswer } from "#ledger/ledger.ts";
import { Refusal } from "#packet/refusal.ts";
import type { SharedReport } from "#packet/entry.ts";
import {
  type ChangeWish,
  changeDigest,
  describeChange,
  epochChanges,
  ratchetChanges,
} from "#recovery/change.ts";
import { epochTick } from "#workflow/epochTick.ts";
import { epochAdvance } from "#workflow/epochAdvance.ts";
import { epochFreeze } from "#workflow/epochFreeze.ts";
import { epochRateChange } from "#workflow/epochRateChange.ts";
import { epochThaw } from "#workflow/epochThaw.ts";
import type { Desk } from "#workflow/desk.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { verifyLineage } from "#audit/verifyLineage.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { component, initialisation, rotation } from "../gate/reports.ts";
import { digestOf, release } from "../gate/train.ts";
import { makeReleaseKey, signedRelease } from "../proof/releaseKeys.ts";
import { claimsFor, tokenMaker } from "../recovery/tokenMaker.ts";
import { REX, RITA } from "./cast.ts";
import { RATE, openDesk } from "./openDesk.ts";
import { accepted, newKey, onWire, openReady } from "./trains.ts";
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
    expect(waiting).toMatchObject({ code: "CHANGE_TOKEN_NEEDED", changes: [change] });
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

describe("what a release does where it initialises", () => {
  const key = makeReleaseKey();
  const later = {
    ...release("later", 7, 3),
    denied: [digestOf("bad")],
    trustedKeys: [key.fingerprint],
    signedBy: [key.fingerprint],
  };
  const initialised = (on: string) => initialisation(signedRelease(on, later, key), on);
  const on = (component: string) => ({ exercise: false, component });
  const wishes = (component: string): readonly ChangeWish[] => [
    ratchetChanges.floor(on(component), later),
    ratchetChanges.denied(on(component), later),
    ratchetChanges.keys(on(component), later),
  ];
  const record = (entries: readonly SharedReport[], tokens?: readonly string[], at = desk) => {
    const brought = tokens === undefined ? {} : { tokens };
    return sharedRecord(at, REX, {
      idempotencyKey: newKey(),
      exercise: false,
      entries: entries.map(onWire),
      ...brought,
    });
  };
  const described = (wanted: readonly ChangeWish[]) =>
    wanted.map((wish) => describeChange(desk.ledger.deployment, wish));

  test("needs a token for the floor, for the deny list and for the keys, and each is used up", async () => {
    const before = await written(here.sql);
    const entries = [initialised("ratchet")];
    const wanted = wishes("ratchet");
    const changes = described(wanted);
    const [floor = "", denied = "", keys = ""] = wanted.map((wish) => tokenFor(wish));
    const needed = { code: "CHANGE_TOKEN_NEEDED" };
    expect(await record(entries)).toMatchObject({ ...needed, changes });
    expect(await record(entries, [keys, floor])).toMatchObject({
      ...needed,
      changes: [changes[1]],
    });
    const late = tokenFor(wanted[1] ?? epochChanges.freeze, { lastEpoch: 0n });
    expect(await record(entries, [floor, late, keys])).toMatchObject({
      code: "CHANGE_TOKEN_REFUSED",
      change: changes[1],
      reasons: ["TOO_LATE"],
    });
    const elsewhere = tokenFor(ratchetChanges.denied(on("other"), later));
    expect(await record(entries, [floor, elsewhere, keys])).toMatchObject({
      change: changes[1],
      reasons: ["OTHER_CHANGE"],
    });
    expect(await written(here.sql)).toEqual(before);
    accepted(await record(entries, [keys, denied, floor]));
    // It is so already: nothing is changed by saying it again, and no token is needed.
    accepted(await record(entries));
  });

  test("of two nodes that come with the same tokens for two components, the tokens are for one", async () => {
    const tokens = wishes("one").map((wish) => tokenFor(wish));
    expect(await record([initialised("two")], tokens)).toMatchObject({
      reasons: ["OTHER_CHANGE"],
    });
    const both = await Promise.all(
      [desk, other].map((at) => record([initialised("one")], tokens, at)),
    );
    // Whoever came second found the component changed, and needed nothing.
    expect(both.filter((answer) => answer instanceof Refusal)).toEqual([]);
    const digests = described(wishes("one")).map(changeDigest).join(",");
    const used = await here.sql<{ n: number }[]>`
      SELECT count(*)::int4 AS n FROM idempotency
      WHERE verb = 'changeTokenSpend' AND input = ANY(string_to_array(${digests}, ','))`;
    expect(used).toEqual([{ n: 3 }]);
  });

  test("a rotation needs its own, practice another than what is real, and a report of what is none", async () => {
    const keys = { mode: "SUDDEN", outgoing: "old-key", incoming: "new-key" } as const;
    const rotated = rotation({ component: "spun", ...keys });
    const wish = ratchetChanges.rotation(on("spun"), keys);
    expect(await record([rotated])).toMatchObject({ changes: described([wish]) });
    const practice = { idempotencyKey: newKey(), exercise: true, entries: [rotated] };
    expect(await sharedRecord(desk, REX, { ...practice, tokens: [tokenFor(wish)] })).toMatchObject({
      code: "CHANGE_TOKEN_REFUSED",
      reasons: ["OTHER_CHANGE"],
    });
    accepted(await record([rotated], [tokenFor(wish)]));
    const told = { idempotencyKey: newKey(), exercise: false };
    accepted(
      await sharedRecord(desk, REX, { ...told, entries: [component(9, { component: "told" })] }),
    );
  });
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
    signers: null,
    progress: () => undefined,
  });
  expect({ findings, unchecked }).toEqual({ findings: [], unchecked: null });
});
