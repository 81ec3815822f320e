import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { describeChange, epochChanges, readChange } from "#recovery/change.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { initialisation } from "../gate/reports.ts";
import { digestOf, release } from "../gate/train.ts";
import { tokenMaker } from "../recovery/tokenMaker.ts";
import { REX, RITA } from "../workflow/cast.ts";
import { newKey, onWire, openReady } from "../workflow/trains.ts";
import { callersInput } from "./callersInput.ts";
import { served } from "./served.ts";
import { askVerb, inputOf } from "./verbDocuments.ts";

const maker = tokenMaker();
const folder = mkdtempSync(path.join(tmpdir(), "holdfast-keys-"));
const file = path.join(folder, "change-keys.json");
writeFileSync(file, JSON.stringify(maker.keySet));
afterAll(() => rmSync(folder, { recursive: true }));

const fresh = freshDatabase();
const server = served(fresh, undefined, {}, { HOLDFAST_CHANGE_KEYS: file });

const FREEZE = `mutation Freeze($input: EpochFreezeInput!) {
  answer: epochFreeze(input: $input) {
    __typename
    ... on EpochFreezePayload { frozen rateControl appended { packet { openHolds } } }
    ... on ChangeTokenNeeded { code changes { kind subject description digest } }
    ... on ChangeTokenRefused { code reasons }
  }
}`;

async function freeze(token?: string): Promise<unknown> {
  const given = token === undefined ? {} : { token };
  const input = { idempotencyKey: newKey(), reason: "drill", ...given };
  const { data, text } = await server.ask(REX, FREEZE, { input });
  return data?.["answer"] ?? text;
}

/** What a change without a token is answered. */
interface Waiting {
  readonly changes: readonly { readonly description: string }[];
}

const THAW = `mutation Thaw($input: EpochThawInput!) {
  answer: epochThaw(input: $input) { __typename ... on EpochThawPayload { frozen } }
}`;

test("through the public API: a freeze waits for a token, is done with one, and once", async () => {
  const { packet } = await openReady(server.desk, "tokens");
  const waiting = (await freeze()) as Waiting;
  expect(waiting).toMatchObject({
    __typename: "ChangeTokenNeeded",
    code: "CHANGE_TOKEN_NEEDED",
    changes: [{ kind: "EPOCH_FREEZE", subject: "epoch" }],
  });
  const change = readChange(waiting.changes[0]?.description ?? "");
  if (change === null) throw new Error("what to ask for cannot be read");
  expect(change).toEqual(describeChange(server.desk.ledger.deployment, epochChanges.freeze));
  const token = maker.token(change);
  expect(await freeze(token)).toEqual({
    __typename: "EpochFreezePayload",
    frozen: true,
    rateControl: "CONTROLLED",
    appended: [{ packet: { openHolds: 1 } }],
  });
  // Holds are shown while everything else waits.
  const { data } = await server.ask(
    RITA,
    `query Holds($packet: UUID!) {
      packet(packet: $packet) { openHoldsByCode { code open } }
      deployment { rateControl }
    }`,
    { packet },
  );
  expect(data).toMatchObject({
    packet: { openHoldsByCode: [{ code: "TIME_MAPPING_STALE", open: 1 }] },
    deployment: { rateControl: "CONTROLLED" },
  });
  const thawing = maker.token(describeChange(change.deployment, epochChanges.thaw));
  const input = { idempotencyKey: newKey(), reason: "drill", token: thawing };
  expect((await server.ask(REX, THAW, { input })).data).toMatchObject({
    answer: { frozen: false },
  });
  expect(await freeze(token)).toMatchObject({
    __typename: "ChangeTokenRefused",
    reasons: ["ALREADY_USED"],
  });
});

test.each(["epochFreeze", "epochThaw", "epochAdvance", "epochRateChange"] as const)(
  "%s without a token, or with a stranger's, says so",
  async (verb) => {
    const words = verb === "epochRateChange" ? { epochMs: 2_000 } : {};
    const asking = (more: object) =>
      askVerb(server, verb, REX, { idempotencyKey: newKey(), reason: "drill", ...words, ...more });
    if (verb === "epochAdvance") await untilNextStep(server.desk);
    if (verb === "epochThaw") {
      const change = describeChange(server.desk.ledger.deployment, epochChanges.freeze);
      await freeze(maker.token(change));
    }
    expect(await asking({})).toMatchObject({ member: "ChangeTokenNeeded" });
    const change = describeChange(server.desk.ledger.deployment, epochChanges.freeze);
    expect(await asking({ token: tokenMaker().token(change) })).toMatchObject({
      member: "ChangeTokenRefused",
    });
    if (verb === "epochThaw") {
      const thaw = describeChange(server.desk.ledger.deployment, epochChanges.thaw);
      expect(await asking({ token: maker.token(thaw) })).toMatchObject({
        member: "EpochThawPayload",
      });
    }
  },
);

test("a release that shuts out the one before it waits for its tokens, and holds are shown meanwhile", async () => {
  const patch = { ...release("patched", 5, 5), denied: [digestOf("bad")] };
  const entries = [onWire(initialisation(patch, "gated"))];
  const record = (more: object) =>
    server.ask(REX, RECORD, {
      input: callersInput(inputOf("sharedRecord").type, {
        idempotencyKey: newKey(),
        exercise: false,
        entries,
        ...more,
      }).value,
    });
  const { changes, ...waiting } = (await answerOf(record({}))) as Waiting;
  expect(waiting).toEqual({ __typename: "ChangeTokenNeeded", code: "CHANGE_TOKEN_NEEDED" });
  const asked = changes.map(({ description }) => readChange(description));
  expect(asked.map((change) => [change?.kind, change?.subject])).toEqual([
    ["FLOOR_RAISE", "component/gated"],
    ["DENY_ENTRIES", "component/gated"],
  ]);
  const tokens = asked.flatMap((change) => (change === null ? [] : [maker.token(change)]));
  expect(await answerOf(record({ tokens: tokens.slice(0, 1) }))).toMatchObject({
    changes: [{ description: changes[1]?.description }],
  });
  const strange = asked.flatMap((change) => (change === null ? [] : [tokenMaker().token(change)]));
  expect(await answerOf(record({ tokens: strange }))).toMatchObject({
    __typename: "ChangeTokenRefused",
    reasons: ["NOT_SIGNED"],
  });
  expect(await answerOf(record({ tokens }))).toEqual({
    __typename: "SharedRecordPayload",
    rateControl: "CONTROLLED",
    appended: [],
  });
});

async function answerOf(asking: ReturnType<typeof server.ask>): Promise<unknown> {
  return (await asking).data?.["answer"];
}

const RECORD = `mutation Record($input: SharedRecordInput!) {
  answer: sharedRecord(input: $input) {
    __typename
    ... on SharedRecordPayload { rateControl appended { packet { packet } } }
    ... on ChangeTokenNeeded { code changes { description } }
    ... on ChangeTokenRefused { reasons }
  }
}`;

/** Resolves when the backstop permits the next step: the database says so, each time that it is asked. */
async function untilNextStep(desk: Desk): Promise<void> {
  for (;;) {
    const { clock, now } = await desk.ledger.moment();
    if (now.getTime() - clock.steppedAt > 1100) return;
  }
}

test("a key set that was spoilt counts for nothing, and one is needed all the same", async () => {
  const change = describeChange(server.desk.ledger.deployment, epochChanges.freeze);
  const token = maker.token(change);
  writeFileSync(file, "no key set");
  await expect
    .poll(() => freeze(tokenMaker().token(change)), { timeout: 20_000 })
    .toMatchObject({ reasons: ["KEYS_UNUSABLE"] });
  expect(await freeze()).toMatchObject({ code: "CHANGE_TOKEN_NEEDED" });
  const { origin } = new URL(server.url);
  const ready = (await (await fetch(`${origin}/ready`)).json()) as {
    readonly checks: { readonly changeRate: string };
  };
  expect(ready.checks.changeRate).toBe("KEYS_UNUSABLE");
  writeFileSync(file, JSON.stringify(maker.keySet));
  await expect
    .poll(() => freeze(token), { timeout: 20_000 })
    .toMatchObject({ __typename: "EpochFreezePayload" });
});
