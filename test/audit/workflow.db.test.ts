import { afterAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { findingText } from "#audit/finding.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { situations } from "../workflow/situations.ts";
import { verified } from "./realLineage.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
afterAll(() => database.close());

test("whatever people and systems did by the product's own verbs is right", async () => {
  const desk = await openDesk(database);
  await situations(desk);
  await desk.ledger.sequence();
  const { findings, unchecked, packets } = await verified(fresh.url);
  expect(findings.map(findingText)).toEqual([]);
  expect(unchecked).toBeNull();
  expect(packets).toBeGreaterThan(3);
});
