import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { Refusal, ReportReplayed } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { readinessRecord } from "#workflow/readinessRecord.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { confirmation, enclave } from "../gate/reports.ts";
import { PIA, PROBE, SCOUT } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import { BINDINGS, type Opened, type Train, newKey, onWire, openReady, settle } from "./trains.ts";

const fresh = freshDatabase();
const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
let desks: readonly [Desk, Desk];
let first: Opened;
let second: Opened;
let drill: Opened;
let unopened: Train;
beforeAll(async () => {
  desks = [await openDesk(database), await openDesk(database)];
  const [desk] = desks;
  first = await openReady(desk, "first");
  second = await openReady(desk, "second");
  drill = await openReady(desk, "first", { exercise: true });
  unopened = await settle(desk, "unopened");
});
afterAll(() => database.close());

const CONFIRMED = [onWire(confirmation("app"))];

function record(on: Opened, reportNumber: string, by = PROBE, desk = desks[0]): Promise<unknown> {
  const wish = { idempotencyKey: newKey(), packet: on.packet, entries: CONFIRMED, reportNumber };
  return readinessRecord(desk, by, wish);
}

function share(reportNumber: string, exercise = false): Promise<unknown> {
  const entries = [onWire(enclave(first.enclaves[0]))];
  return sharedRecord(desks[0], PROBE, {
    idempotencyKey: newKey(),
    exercise,
    entries,
    reportNumber,
  });
}

test("rule 4.3.2: a number that does not increase is a replay, whatever it is replayed to", async () => {
  expect(await record(first, "5")).not.toBeInstanceOf(Refusal);
  for (const replay of ["5", "4", "1"]) {
    expect(await record(first, replay)).toMatchObject({ code: "REPORT_REPLAYED", last: 5n });
    expect(await record(second, replay)).toBeInstanceOf(ReportReplayed);
    expect(await share(replay)).toBeInstanceOf(ReportReplayed);
    const robot = { ...PROBE, roles: PIA.roles };
    const { train, exercise } = unopened;
    const opening = {
      train,
      exercise,
      bindings: BINDINGS,
      entries: CONFIRMED,
      reportNumber: replay,
    };
    const opened = await packetOpen(desks[0], robot, { idempotencyKey: newKey(), ...opening });
    expect(opened).toBeInstanceOf(ReportReplayed);
  }
  expect(await share("6")).not.toBeInstanceOf(Refusal);
  expect(await record(second, "7")).not.toBeInstanceOf(Refusal);
  expect(await record(first, "9223372036854775806")).not.toBeInstanceOf(Refusal);
  expect(await share("9223372036854775806")).toBeInstanceOf(ReportReplayed);
});

test("each reporter counts by itself, and for exercises apart (rule 2.3)", async () => {
  expect(await record(first, "1", SCOUT)).not.toBeInstanceOf(Refusal);
  expect(await record(drill, "1")).not.toBeInstanceOf(Refusal);
  expect(await share("1", true)).toBeInstanceOf(ReportReplayed);
});

test("what is refused takes no number", async () => {
  const stale = {
    packet: first.packet,
    entries: CONFIRMED,
    reportNumber: "8",
    expectedRevision: 1,
  };
  const refused = await readinessRecord(desks[0], SCOUT, { idempotencyKey: newKey(), ...stale });
  expect(refused).toMatchObject({ code: "REVISION_CONFLICT" });
  const unknown = [onWire(confirmation("unheard-of"))];
  const wish = { packet: first.packet, entries: unknown, reportNumber: "8" };
  const invalid = await readinessRecord(desks[0], SCOUT, { idempotencyKey: newKey(), ...wish });
  expect(invalid).toMatchObject({ code: "INVALID_INPUT" });
  expect(await record(second, "8", SCOUT)).not.toBeInstanceOf(Refusal);
});

test("of fifty reports with one number, to two packets and through two processes, one counts", async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_none, index) =>
      record(index % 2 === 0 ? first : second, "20", SCOUT, desks[index % 3 === 0 ? 0 : 1]),
    ),
  );
  const refused = answers.filter((answer) => answer instanceof Refusal);
  expect(answers.length - refused.length).toBe(1);
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(["REPORT_REPLAYED"]));
});
