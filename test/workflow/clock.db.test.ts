import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { openHolds } from "#gate/view.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { epochAdvance } from "#workflow/epochAdvance.ts";
import { epochFreeze } from "#workflow/epochFreeze.ts";
import { epochThaw } from "#workflow/epochThaw.ts";
import { epochTick } from "#workflow/epochTick.ts";
import { gateRead } from "#workflow/gateRead.ts";
import { packetApprove } from "#workflow/packetApprove.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { OLGA, REX, RITA } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import { shortestEpochMs, written } from "./written.ts";
import {
  type Opened,
  accept,
  accepted,
  approvalOf,
  calendarOf,
  newKey,
  openReady,
  readyAt,
  windowOf,
} from "./trains.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
let approved: Opened;
let ready: Opened;
beforeAll(async () => {
  desk = await openDesk(database);
  approved = await openReady(desk, "approved");
  accepted(await packetApprove(desk, OLGA, approvalOf(approved)));
  ready = await openReady(desk, "ready");
});
afterAll(() => database.close());

const ask = (reason: string): object => ({ idempotencyKey: newKey(), reason });

async function holdsOf(packet: PacketId): Promise<string[]> {
  const { state } = accepted(await packetRead(desk, RITA, packet));
  return openHolds(state).map(({ code, subject }) => `${code} ${subject}`);
}

async function reasonsOf(packet: PacketId): Promise<readonly string[]> {
  return accepted(await gateRead(desk, RITA, packet)).reasons;
}

test("rule 6.5: a freeze is told to every open packet, holds it, and nothing is approved", async () => {
  const { appended, clock } = accepted(await epochFreeze(desk, REX, ask("drill"))) ?? {};
  expect(appended?.map(({ packet }) => packet)).toEqual([approved.packet, ready.packet].toSorted());
  expect(clock).toMatchObject({ frozen: true, generation: 1 });
  expect(await holdsOf(ready.packet)).toEqual(["TIME_MAPPING_STALE TIME"]);
  expect(await reasonsOf(approved.packet)).toEqual([
    "HOLDS_OPEN",
    "APPROVAL_LAPSED",
    "EPOCH_FROZEN",
  ]);
  const refused = await packetApprove(desk, OLGA, approvalOf(ready));
  expect(refused).toMatchObject({
    reasons: [{ code: "HELD" }, { code: "STALE_REVISION" }, { code: "CLOCK_IN_DOUBT" }],
  });
});

test("what does not fit the clock is refused, and writes nothing", async () => {
  const before = await written(database.sql);
  expect(await epochFreeze(desk, REX, ask("twice"))).toMatchObject({ code: "CLOCK_UNCHANGED" });
  const advanced = await epochAdvance(desk, REX, ask("while frozen"));
  expect(advanced).toMatchObject({ code: "CLOCK_IN_DOUBT", doubt: "EPOCH_FROZEN" });
  expect(await epochTick(desk)).toBeNull();
  expect(await written(database.sql)).toEqual(before);
});

test("what is accepted while the epoch stands still does not do: the thaw breaks the mapping again", async () => {
  await accept(desk, ready, await windowOf(desk));
  await accept(desk, ready, await calendarOf(desk));
  expect(await holdsOf(ready.packet)).toEqual([]);
  expect(await reasonsOf(ready.packet)).toContain("EPOCH_FROZEN");
  const { revision, digest } = await readyAt(desk, ready);
  expect(await packetApprove(desk, OLGA, approvalOf({ ...ready, revision, digest }))).toMatchObject(
    {
      reasons: [{ code: "CLOCK_IN_DOUBT", doubt: "EPOCH_FROZEN" }],
    },
  );
  accepted(await epochThaw(desk, REX, ask("done")));
  expect(await holdsOf(ready.packet)).toEqual(["TIME_MAPPING_STALE TIME"]);
  expect(await epochThaw(desk, REX, ask("twice"))).toMatchObject({ code: "CLOCK_UNCHANGED" });
});

test("window and calendar, accepted again, clear the hold together and not before", async () => {
  await accept(desk, ready, await windowOf(desk));
  expect(await holdsOf(ready.packet)).toEqual(["TIME_MAPPING_STALE TIME"]);
  await accept(desk, ready, await calendarOf(desk));
  expect(await holdsOf(ready.packet)).toEqual([]);
  const now = await readyAt(desk, ready);
  accepted(await packetApprove(desk, OLGA, approvalOf(now)));
  expect(await reasonsOf(ready.packet)).toEqual([]);
});

test("rule 6.1: of steps by hand one a second is taken, and each breaks the mapping", async () => {
  const { epoch } = await desk.ledger.moment();
  let taken = 0n;
  while (taken === 0n) {
    const asked = Array.from({ length: 20 }, () => epochAdvance(desk, REX, ask("by hand")));
    for (const answer of await Promise.all(asked)) {
      if (answer instanceof Refusal) expect(answer).toMatchObject({ code: "EPOCH_TOO_SOON" });
      else taken += 1n;
    }
  }
  expect((await desk.ledger.moment()).epoch).toBe(epoch + taken);
  expect(await shortestEpochMs(database.sql)).toBeGreaterThanOrEqual(1000);
  expect(await holdsOf(ready.packet)).toEqual(["TIME_MAPPING_STALE TIME"]);
  expect(await reasonsOf(ready.packet)).toEqual(["HOLDS_OPEN", "APPROVAL_LAPSED"]);
});
