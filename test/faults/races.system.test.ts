import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { DRIFTS, FREEZE } from "./drifts.ts";
import { raceOpenings } from "./openingRaces.ts";
import { type Course, type Raced, deadlocks, headIn, race, wrongApprovals } from "./races.ts";
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

async function raced(course: Course): Promise<Raced> {
  const [owner, world] = nodes;
  const result = await race({ owner, world, desk, headOf: headIn(database.sql) }, course);
  process.stderr.write(`${JSON.stringify(result)}\n`);
  expect(result.violations, `seed ${result.seed}`).toEqual([]);
  expect(await wrongApprovals(database.sql)).toEqual([]);
  expect(await deadlocks(database.sql)).toBe(0n);
  return result;
}

test("F15, F16 and rule 5.2: in 2,000 races of two processes no approval follows an acknowledged drift", async () => {
  const result = await raced({ races: 2000, lanes: 8 });
  for (const { name } of DRIFTS) {
    expect(result.approvedFirst[name], name).toBeGreaterThan(50);
    expect(result.driftedFirst[name], name).toBeGreaterThan(50);
  }
  expect(result.approvedAfter).toBeGreaterThan(50);
  expect(result.driftedAfter).toBeGreaterThan(50);
});

test("rule 6.5: nor does one follow an acknowledged freeze of the epoch", async () => {
  const result = await raced({ races: 60, lanes: 1, drifts: [FREEZE] });
  expect(result.approvedFirst["freeze"]).toBeGreaterThan(0);
  expect(result.driftedFirst["freeze"]).toBeGreaterThan(0);
});

test("decision 3: in 200 openings while a shared report arrives none misses it", async () => {
  const [opener, reporter] = nodes;
  const result = await raceOpenings({ opener, reporter, desk }, { races: 200, lanes: 4 });
  process.stderr.write(`${JSON.stringify(result)}\n`);
  expect(result.violations, `seed ${result.seed}`).toEqual([]);
  expect(result.folded).toBeGreaterThan(20);
  expect(result.told).toBeGreaterThan(20);
});
