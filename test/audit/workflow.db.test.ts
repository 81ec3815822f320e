import { afterAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { findingText } from "#audit/finding.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { emergencyExercise } from "#workflow/emergencyExercise.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { emergencyPlan } from "../gate/reports.ts";
import { OLGA, REX } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { situations } from "../workflow/situations.ts";
import { LANE, accepted, newKey, onWire, openReady, settleLane } from "../workflow/trains.ts";
import { verified } from "./realLineage.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
afterAll(() => database.close());

test("whatever people and systems did by the product's own verbs is right", async () => {
  const desk = await openDesk(database);
  await situations(desk);
  const asked = await openReady(desk, "asked");
  const emergencyAccess = { maxAgeEpochs: "30", holds: true };
  await settleLane(desk, asked, { ...LANE, emergencyAccess });
  const plan = onWire(emergencyPlan(["ana"]));
  const wish = { idempotencyKey: newKey(), exercise: false, entries: [plan] };
  accepted(await sharedRecord(desk, REX, wish));
  await emergencyExercise(desk, OLGA, "OFFLINE_SIGN_IN");
  await desk.ledger.sequence();
  const { findings, unchecked, packets } = await verified(fresh.url);
  expect(findings.map(findingText)).toEqual([]);
  expect(unchecked).toBeNull();
  expect(packets).toBeGreaterThan(3);
});
