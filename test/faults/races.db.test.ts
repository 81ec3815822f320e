import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { raceOpenings } from "./openingRaces.ts";
import { deadlocks, headIn, race, total, wrongApprovals } from "./races.ts";
import { type VerbNode, startVerbNode } from "./verbNode.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
let desk: Desk;
let nodes: readonly [VerbNode, VerbNode];
beforeAll(async () => {
  desk = await openDesk(database);
  nodes = await Promise.all([startVerbNode(fresh.appUrl), startVerbNode(fresh.appUrl)]);
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.leave()));
  await database.close();
});

test("rule 5.2: in 100 races of two processes no approval follows an acknowledged drift", async () => {
  const [owner, world] = nodes;
  const raced = await race(
    { owner, world, desk, headOf: headIn(database.sql) },
    { races: 100, lanes: 4 },
  );
  expect(raced.violations, `seed ${raced.seed}`).toEqual([]);
  expect(total(raced.approvedFirst)).toBeGreaterThan(0);
  expect(total(raced.driftedFirst)).toBeGreaterThan(0);
  expect(await wrongApprovals(database.sql)).toEqual([]);
  expect(await deadlocks(database.sql)).toBe(0n);
});

test("decision 3: a packet that opens while a shared report arrives does not miss it", async () => {
  const [opener, reporter] = nodes;
  const raced = await raceOpenings({ opener, reporter, desk }, { races: 30, lanes: 3 });
  expect(raced.violations, `seed ${raced.seed}`).toEqual([]);
  expect(raced.folded + raced.told).toBe(60);
});
