import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { ownFolder, textOf } from "../identity/passports.ts";
import { openDesk } from "../workflow/openDesk.ts";
import type { Opened } from "../workflow/trains.ts";
import { lineageOf, packetsOf, toldFaults } from "./httpLineage.ts";
import { EPOCH_MS, type HttpNode, PASSPORTS, startHttpNode } from "./httpNode.ts";
import { lineageFaults } from "./lineageCheck.ts";
import { type Course, type Raced, deadlocks, race, wrongApprovals } from "./races.ts";

/** Two servers on one database, to race between. */
export interface HttpTrack {
  /** Races with each of them as the owner's in turn; expects that nothing is wrong, there or in what is left behind. */
  raced(course: Course): Promise<readonly [Raced, Raced]>;
}

/** Call once at the top of a test file: starts the servers before its first test and stops them after its last. */
export function httpTrack(): HttpTrack {
  const fresh = freshDatabase();
  const folder = ownFolder();
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  const started: { desk?: Desk; nodes?: readonly [HttpNode, HttpNode] } = {};
  beforeAll(async () => {
    const principals = path.join(folder.path, "principals.json");
    await writeFile(principals, textOf(...Object.values(PASSPORTS)));
    const start = (): Promise<HttpNode> => startHttpNode(fresh.url, principals);
    const rate = { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS };
    [started.desk, started.nodes] = await Promise.all([
      openDesk(database, rate),
      Promise.all([start(), start()]),
    ]);
  });
  afterAll(async () => {
    await Promise.all((started.nodes ?? []).map((node) => node.leave()));
    await database.close();
  });
  return {
    async raced(course) {
      const { desk, nodes } = started;
      if (desk === undefined || nodes === undefined) throw new Error("nothing is started yet");
      const [left, right] = nodes;
      const there = await oneWay([left, right], desk, course);
      const back = await oneWay([right, left], desk, course);
      expect(await faultsIn(right, nodes)).toEqual([]);
      expect(await wrongApprovals(database.sql)).toEqual([]);
      expect(await lineageFaults(database)).toEqual([]);
      expect(await deadlocks(database.sql)).toBe(0n);
      for (const node of nodes) expect(node.faults()).toBe("");
      return [there, back];
    },
  };
}

async function oneWay(
  [owner, world]: readonly [HttpNode, HttpNode],
  desk: Desk,
  course: Course,
): Promise<Raced> {
  const result = await race({ owner, world, desk, headOf: headFrom(owner) }, course);
  process.stderr.write(`${JSON.stringify(result)}\n`);
  expect(result.violations, `seed ${result.seed}`).toEqual([]);
  return result;
}

/** Looks at packets as the owner does before they decide. */
function headFrom(node: HttpNode): (packet: Opened) => Promise<Opened | string> {
  const query =
    "query ($packet: UUID!) { packet(packet: $packet) { status openHolds revision digest } }";
  return async (opened) => {
    const { packet } = opened;
    const seen = await node.read<{
      packet: { status: string; openHolds: number; revision: number; digest: string };
    }>(query, { packet });
    const { status, openHolds, revision, digest } = seen.packet;
    if (status !== "READY_FOR_APPROVAL" || openHolds > 0) return `${status}, ${openHolds} open`;
    return { ...opened, revision, digest };
  };
}

/** What is wrong with every lineage, as one server tells it of what both acknowledged. */
async function faultsIn(teller: HttpNode, nodes: readonly HttpNode[]): Promise<string[]> {
  const approvals = nodes.flatMap((node) => node.approvals);
  const faults: string[] = [];
  for (const packet of await packetsOf(teller)) {
    const own = approvals.filter((approval) => approval.packet === packet);
    faults.push(...toldFaults(await lineageOf(teller, packet), own));
  }
  return faults;
}
