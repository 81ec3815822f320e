import { mkdtemp, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Database, connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Chance, chance } from "../faults/chance.ts";
import { EPOCH_MS, PASSPORTS } from "../faults/httpNode.ts";
import { lineageFaults } from "../faults/lineageCheck.ts";
import { type Passport, bearer, ownFolder, passport, textOf } from "../identity/passports.ts";
import { type RedisServer, startRedis } from "../live/redisServer.ts";
import { GRAPHQL_WS, type Transport } from "../streams/transports.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, openReady } from "../workflow/trains.ts";
import { Dashboard, type Mark, type Showing } from "./dashboard.ts";
import { STATE, WATCHED, type Watched } from "./documents.ts";
import { Drift, type Drifting } from "./drift.ts";
import { EVENT_SOURCE } from "./eventSource.ts";
import { firstOf, seenFaults } from "./seen.ts";
import { type TrueRevision, type Truth, truthOf } from "./truth.ts";
import { type WallNode, closeNode, startNode } from "./wallNode.ts";

/** Both kinds of reader that a wall has. */
const TRANSPORTS: readonly Transport[] = [GRAPHQL_WS, EVENT_SOURCE];

/** A dashboard is current so long after whatever kept it from being so is over, in milliseconds. */
export const CONVERGED_MS = 2_000;

/** How long whoever changes something waits for an answer, in milliseconds. */
const ANSWER_MS = 3_000;

const { rita } = PASSPORTS;

/** Two nodes on one database and one Redis, with walls of dashboards on both. */
export class Wall {
  readonly dice: Chance;
  readonly nodes: readonly [WallNode, WallNode];
  readonly redis: RedisServer;
  readonly database: Database;
  readonly desk: Desk;
  readonly #principals: string;
  #dashboards: Dashboard[] = [];
  #packets: Opened[] = [];
  #drifts: Drift[] = [];
  #trains = 0;

  constructor(parts: {
    readonly dice: Chance;
    readonly nodes: readonly [WallNode, WallNode];
    readonly redis: RedisServer;
    readonly database: Database;
    readonly desk: Desk;
    readonly principals: string;
  }) {
    this.dice = parts.dice;
    this.nodes = parts.nodes;
    this.redis = parts.redis;
    this.database = parts.database;
    this.desk = parts.desk;
    this.#principals = parts.principals;
  }

  get dashboards(): readonly Dashboard[] {
    return this.#dashboards;
  }

  /** Opens so many packets more that are READY_FOR_APPROVAL, and how they drift. */
  async drift(
    packets: number,
    {
      urls = this.nodes.map(({ node }) => node.url),
      answerMs = ANSWER_MS,
      isPlain = false,
    }: Partial<Pick<Drifting, "urls" | "answerMs" | "isPlain">> = {},
  ): Promise<Drift> {
    const opened: Opened[] = [];
    for (let index = 0; index < packets; index += 1) {
      this.#trains += 1;
      opened.push(await openReady(this.desk, `wall-${this.#trains}`));
    }
    this.#packets.push(...opened);
    const drift = new Drift({ packets: opened, urls, answerMs, isPlain, dice: this.dice });
    this.#drifts.push(drift);
    return drift;
  }

  /** The packets that were opened. */
  get packets(): readonly Opened[] {
    return this.#packets;
  }

  /** Puts up dashboards, and resolves when each knows where it stands. */
  async watch(showings: readonly Showing[]): Promise<Dashboard[]> {
    const opened = showings.map((showing) => new Dashboard(showing, this.dice));
    this.#dashboards.push(...opened);
    return Promise.all(opened.map((dashboard) => dashboard.open()));
  }

  /** One of each kind for each packet, node and transport, who come back at the other node. */
  everyShowing(packets: readonly Opened[], by: Passport = rita): Showing[] {
    const doors = this.nodes.map(({ api }) => api);
    return packets.flatMap(({ packet }) =>
      WATCHED.flatMap((watched) =>
        TRANSPORTS.flatMap((transport) =>
          [doors, doors.toReversed()].map((own) => ({
            watched,
            packet,
            by,
            transport,
            doors: own,
          })),
        ),
      ),
    );
  }

  /** So many who come to these doors, of every kind, packet and reader in turn. */
  manyShowings(count: number, doors: readonly string[], readers = [rita]): Showing[] {
    const packets = this.#packets;
    return Array.from({ length: count }, (_none, index): Showing => {
      const { packet } = inTurn(packets, Math.floor(index / WATCHED.length));
      const watched: Watched = inTurn(WATCHED, index);
      const transport = inTurn(TRANSPORTS, Math.floor(index / 2));
      return { watched, packet, by: inTurn(readers, index), transport, doors };
    });
  }

  /** Lets these in beside the usual ones, and nobody else, from when this resolves. */
  async admit(...others: readonly Passport[]): Promise<void> {
    await writePrincipals(this.#principals, others);
  }

  /** Resolves when both nodes know somebody. */
  async known(somebody: Passport): Promise<void> {
    for (const { node } of this.nodes) {
      const headers = { authorization: bearer(somebody), "content-type": "application/json" };
      const body = JSON.stringify({ query: "{ viewer { name } }" });
      for (;;) {
        const response = await fetch(`${node.url}/graphql`, { method: "POST", headers, body });
        await response.text();
        if (response.ok) break;
      }
    }
  }

  /** Resolves to how long it took these dashboards, in milliseconds, to know of these revisions. */
  async converged(marks: readonly Mark[], dashboards = this.dashboards): Promise<number> {
    const from = performance.now();
    let last = "";
    await Promise.all(
      dashboards.map(async (dashboard) => {
        await dashboard.reached(marks);
        last = dashboard.name;
      }),
    );
    const tookMs = performance.now() - from;
    process.stderr.write(`current after ${Math.round(tookMs)} ms, the last was ${last}\n`);
    return tookMs;
  }

  /** The newest revision of every packet. */
  async heads(): Promise<Mark[]> {
    const { packets } = await this.truth();
    return this.#packets.flatMap(({ packet }) => {
      const last = packets.get(packet)?.at(-1);
      return last === undefined ? [] : [{ packet, number: last.number, position: last.position }];
    });
  }

  /** What the database has in the end. */
  async truth(): Promise<Truth> {
    await this.desk.ledger.sequence();
    return truthOf(this.database.sql);
  }

  /**
   * I1, I2, I8, I9 and I11: what of all that every dashboard was told is not what the database
   * has, what was acknowledged and is not there, where the nodes disagree, and where a cold fold
   * of the log gives something else. Of many faults the first.
   */
  async faultsIn(drift: Drift, dashboards = this.dashboards): Promise<readonly string[]> {
    const truth = await this.truth();
    const made = truth.log.map(({ packet, number, digest }) => `${packet} ${number} ${digest}`);
    const left = new Set(made);
    const agreed = await Promise.all(
      this.#packets.map(({ packet }) => this.#disagreements(packet, truth)),
    );
    return firstOf([
      ...dashboards.flatMap((dashboard) => seenFaults(dashboard, truth)),
      ...drift.acknowledged
        .filter((revision) => !left.delete(revision))
        .map((revision) => `${revision} was acknowledged, and is not there or another's`),
      ...agreed.flat(),
      ...(await lineageFaults(this.database)),
    ]);
  }

  async #disagreements(packet: string, { packets }: Truth): Promise<string[]> {
    const last = packets.get(packet)?.at(-1);
    const answers: string[] = [];
    for (const { node, isGone } of this.nodes) {
      if (isGone()) continue;
      const answer = await node.read<Answered>(STATE, { packet });
      answers.push(JSON.stringify(answer));
      const heads = [answer.packet, answer.gate];
      if (heads.every(({ revision, digest }) => isHead(last, revision, digest))) continue;
      answers.push(`not ${last?.number} ${last?.digest}`);
    }
    return new Set(answers).size === 1 ? [] : [`${packet}: ${answers.join(" or ")}`];
  }

  /** Heals every way, and ends whatever drifts or is shown. */
  async clear(): Promise<void> {
    for (const { door, postgres, redis } of this.nodes) {
      for (const way of [door, postgres, redis]) way.heal();
    }
    await Promise.allSettled(this.#drifts.map((drift) => drift.end()));
    await Promise.all(this.#dashboards.map((dashboard) => dashboard.leave()));
    this.#drifts = [];
    this.#dashboards = [];
    this.#packets = [];
  }
}

interface Answered {
  readonly packet: HeadTold;
  readonly gate: HeadTold;
}

interface HeadTold {
  readonly revision: number | null;
  readonly digest: string | null;
}

function isHead(
  last: TrueRevision | undefined,
  revision: number | null,
  digest: string | null,
): boolean {
  return last?.number === revision && last?.digest === digest;
}

function inTurn<T>(all: readonly T[], index: number): T {
  const one = all[index % all.length];
  if (one === undefined) throw new Error("there is none");
  return one;
}

/** In one step: whoever looks finds the old file or the new one. */
async function writePrincipals(file: string, others: readonly Passport[]): Promise<void> {
  await writeFile(`${file}.new`, textOf(...Object.values(PASSPORTS), ...others));
  await rename(`${file}.new`, file);
}

/** Somebody who may read, of this name. */
export function reader(name: string): Passport {
  return passport(name, ["READER"]);
}

/** Makes what both nodes find in their environment, given a folder of the test file's own. */
type Prepare = (folder: string) => Promise<Readonly<Record<string, string>>>;

/**
 * Call once at the top of a test file: two nodes for all of its tests, which end with it.
 */
export function wall(
  what: string,
  prepare: Prepare = () => Promise.resolve({}),
): { readonly it: Wall } {
  const fresh = freshDatabase();
  const folder = ownFolder();
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  const closing: (() => Promise<unknown>)[] = [];
  let built: Wall | null = null;
  beforeAll(async () => {
    const principals = path.join(folder.path, "principals.json");
    await writePrincipals(principals, []);
    const more = await prepare(folder.path);
    const dice = chance(what);
    const redis = await startRedis();
    closing.push(() => redis.remove());
    const start = async (): Promise<WallNode> => {
      const data = await mkdtemp(path.join(folder.path, "node-"));
      const around = { url: fresh.url, principals, data, redis: redis.url, more };
      const started = await startNode(around, dice);
      closing.push(() => closeNode(started));
      return started;
    };
    const nodes = await Promise.all([start(), start()]);
    const desk = await openDesk(database, { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS });
    built = new Wall({ dice, nodes, redis, database, desk, principals });
  });
  afterEach(async () => {
    await built?.clear();
  });
  afterAll(async () => {
    await Promise.all(closing.map((close) => close()));
    await built?.desk.ledger.close();
    await database.close();
  });
  return {
    get it() {
      if (built === null) throw new Error("nothing is started yet");
      return built;
    },
  };
}
