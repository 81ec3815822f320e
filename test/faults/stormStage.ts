import { afterAll, beforeAll, expect } from "vitest";
import { connect } from "#database/connect.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { lineageFaults } from "./lineageCheck.ts";
import { deadlocks, wrongApprovals } from "./races.ts";
import { type Stormed, type Weather, storm } from "./storm.ts";
import { type VerbNode, startVerbNode } from "./verbNode.ts";

/** Call once at the top of a test file: two processes on one database, and what to expect of a storm. */
export function stormStage(): (weather: Weather) => Promise<Stormed> {
  const fresh = freshDatabase();
  const app = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
  const checker = connect(fresh.url, { applicationName: "holdfast check", connectionsMax: 2 });
  let nodes: readonly [VerbNode, VerbNode] | null = null;
  beforeAll(async () => {
    nodes = await Promise.all([startVerbNode(fresh.appUrl), startVerbNode(fresh.appUrl)]);
  });
  afterAll(async () => {
    await Promise.all((nodes ?? []).map((node) => node.leave()));
    await Promise.all([app.close(), checker.close()]);
  });
  return async (weather) => {
    if (nodes === null) throw new Error("nothing is started yet");
    const desk = await openDesk(app);
    const stormed = await storm({ nodes, desk, sql: checker.sql }, weather);
    process.stderr.write(`${JSON.stringify(stormed)}\n`);
    expect(stormed.violations, `seed ${stormed.seed}`).toEqual([]);
    expect(await wrongApprovals(checker.sql)).toEqual([]);
    expect(await lineageFaults(checker)).toEqual([]);
    expect(await deadlocks(checker.sql)).toBe(0n);
    await desk.ledger.close();
    return stormed;
  };
}
