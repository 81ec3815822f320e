import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PERMISSIONS, type Verb } from "#access/permissions.ts";
import { connect } from "#database/connect.ts";
import { arranged } from "#ledger/arranged.ts";
import { IdempotencyConflict, NotEntitled, Refusal } from "#packet/refusal.ts";
import { canonical } from "#proof/canonical.ts";
import type { Desk } from "#workflow/desk.ts";
import { operatorHoldPlace } from "#workflow/operatorHoldPlace.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { IVAN, REX } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import { type Wire, accepted, openReady } from "./trains.ts";
import { VERBS } from "./verbs.ts";
import { gained, written } from "./written.ts";

const AT_ONCE = 50;

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
/** Two processes' ledgers on one database: neither knows what the other has just done. */
let desks: readonly [Desk, Desk];
beforeAll(async () => {
  desks = [await openDesk(database), await openDesk(database)];
});
afterAll(() => database.close());

const LOOKS: readonly Verb[] = ["packetRead", "changePreview", "gateRead", "rollbackForecast"];
const changes = (Object.keys(PERMISSIONS) as Verb[]).filter((verb) => !LOOKS.includes(verb));

/** An answer in its canonical form without what tells the first from the others, and whether it was the first. */
function told(answer: unknown): { readonly what: string; readonly isFirst: boolean } {
  expect(answer).not.toBeInstanceOf(Refusal);
  const text = canonical(arranged(answer));
  const what = text.replaceAll('"repeated":true', '"repeated":false');
  return { what, isFirst: what === text };
}

describe.each(changes)("%s", (verb) => {
  test("asked twenty times at once with one key has one effect, and one answer ever after", async () => {
    const { call, prepare } = VERBS[verb];
    const [{ by, input }] = await prepare(desks[0], `train-${verb}`);
    const before = await written(database.sql);
    const asked = Array.from({ length: 20 }, (_none, index) => desks[index % 2] ?? desks[0]);
    const answers = (await Promise.all(asked.map((desk) => call(desk, by, input)))).map(told);
    expect(new Set(answers.map(({ what }) => what)).size).toBe(1);
    expect(answers.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    const after = await written(database.sql);
    expect(gained(before, after)).toMatchObject({ idempotency: 1 });

    // What has happened since does not change what is answered.
    const later = told(await call(desks[1], by, input));
    expect(later).toEqual({ what: answers[0]?.what, isFirst: false });
    const conflict = await call(desks[0], by, { ...(input as Wire), ...another(input as Wire) });
    expect(conflict).toBeInstanceOf(IdempotencyConflict);
    // Today's rights decide whether anything is told at all.
    expect(await call(desks[0], { ...by, roles: [] }, input)).toBeInstanceOf(NotEntitled);
    expect(await written(database.sql)).toEqual(after);
  });
});

/** Some part of an input replaced by another that is as well formed. */
function another(input: Wire): Wire {
  if ("reason" in input) return { reason: "another reason" };
  if ("note" in input) return { note: "another note" };
  if ("answer" in input) return { answer: "another answer" };
  if ("train" in input) return { train: "another-train" };
  if ("exercise" in input) return { exercise: true };
  return "revision" in input ? { revision: 1 } : { expectedRevision: 99 };
}

test("one key belongs to one verb and one packet, and to each actor by themselves", async () => {
  const [desk] = desks;
  const { packet } = await openReady(desk, "keys");
  const wish = { idempotencyKey: "shared-key", packet, reason: "odd noise" };
  const first = accepted(await operatorHoldPlace(desk, IVAN, wish));
  expect(first.repeated).toBe(false);
  expect(await VERBS.packetWithdraw.call(desk, { ...IVAN, roles: REX.roles }, wish)).toBeInstanceOf(
    IdempotencyConflict,
  );
  expect(await operatorHoldPlace(desk, REX, wish)).toMatchObject({ repeated: false });
  expect(await operatorHoldPlace(desk, IVAN, wish)).toEqual({ ...first, repeated: true });
  const other = await openReady(desk, "other-keys");
  expect(await operatorHoldPlace(desk, IVAN, { ...wish, packet: other.packet })).toBeInstanceOf(
    IdempotencyConflict,
  );
});

test("a key that was refused may be used again", async () => {
  const [desk] = desks;
  const { packet } = await openReady(desk, "refused-first");
  const wish = { idempotencyKey: "refused-key", packet, reason: "odd noise" };
  expect(await operatorHoldPlace(desk, IVAN, { ...wish, expectedRevision: 1 })).toBeInstanceOf(
    Refusal,
  );
  expect(await operatorHoldPlace(desk, IVAN, wish)).toMatchObject({ repeated: false, revision: 4 });
});

test("of fifty that expect the same head, one is appended", async () => {
  const { packet, revision } = await openReady(desks[0], "heads");
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_none, index) =>
      operatorHoldPlace(desks[index % 2] ?? desks[0], IVAN, {
        idempotencyKey: `fork-attempt-${index}`,
        packet,
        expectedRevision: revision,
        reason: "odd noise",
      }),
    ),
  );
  const refused = answers.filter((answer) => answer instanceof Refusal);
  expect(refused).toHaveLength(AT_ONCE - 1);
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["REVISION_CONFLICT"]));
  expect(refused[0]).toMatchObject({ head: revision + 1 });
});
