import { afterAll, beforeAll, expect } from "vitest";
import { connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { openReady } from "../workflow/trains.ts";
import { unlikeAcknowledged } from "./kills.ts";
import { lineageFaults } from "./lineageCheck.ts";
import { type Course, type Met, type Mishap, meetAll } from "./points.ts";
import { wrongApprovals } from "./races.ts";
import { type VerbNode, startVerbNode } from "./verbNode.ts";
import { type Wire, openWire } from "./wire.ts";

/** A database, a way to it on which statements can be met, and a process that goes that way. */
export interface PointStage {
  /** A desk of the test's own process, straight on the database. */
  desk(): Desk;
  wire(): Wire;
  /** The process; another one once it was killed. */
  node(): Promise<VerbNode>;
  /** Expects that every lineage and every approval is as it must be. */
  isSound(): Promise<void>;
  /** Lets something go wrong at named points, and expects that each change is there once or not at all. */
  met(mishap: Mishap, course: Course): Promise<Met>;
}

/** Far less than the usual ten seconds, so that a stopped process is given up in a test's time. */
const IDLE_MS = 1500;

/** Call once at the top of a test file. */
export function pointStage(): PointStage {
  const fresh = freshDatabase();
  const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
  const checker = connect(fresh.url, { applicationName: "holdfast check", connectionsMax: 1 });
  let opened: { readonly desk: Desk; readonly wire: Wire } | null = null;
  let node: VerbNode | null = null;
  beforeAll(async () => {
    opened = { desk: await openDesk(database), wire: await openWire(fresh.appUrl) };
  });
  afterAll(async () => {
    await node?.kill();
    await opened?.wire.close();
    await Promise.all([database.close(), checker.close()]);
  });
  const there = () => {
    if (opened === null) throw new Error("nothing is open yet");
    return opened;
  };
  const stage: PointStage = {
    desk: () => there().desk,
    wire: () => there().wire,
    async node() {
      if (node !== null) return node;
      const started = await startVerbNode(there().wire.url, IDLE_MS);
      node = started;
      started.gone.then(
        () => (node = null),
        () => (node = null),
      );
      return started;
    },
    async isSound() {
      expect(await lineageFaults(checker)).toEqual([]);
      expect(await wrongApprovals(checker.sql)).toEqual([]);
    },
    async met(mishap, course) {
      const { desk, wire } = there();
      const packet = await openReady(desk, `train-${mishap}`);
      const met = await meetAll({ wire, desk, packet, node: () => stage.node() }, mishap, course);
      expect(met.faults, `seed ${met.seed}`).toEqual([]);
      expect(await unlikeAcknowledged(checker.sql, met), `seed ${met.seed}`).toEqual([]);
      await stage.isSound();
      return met;
    },
  };
  return stage;
}
