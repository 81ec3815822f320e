import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { connect } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { asApplication, freshDatabase } from "../database/freshDatabase.ts";
import { EPOCH_MS, type HttpNode, PASSPORTS, startHttpNode } from "../faults/httpNode.ts";
import { ownFolder, textOf } from "../identity/passports.ts";
import { REVISIONS } from "../streams/subscriptions.ts";
import { CURL, type Followed, GRAPHQL_WS, type Transport } from "../streams/transports.ts";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, approvalOf, newKey, openReady } from "../workflow/trains.ts";
import { type RedisServer, startRedis } from "./redisServer.ts";

const GATE = "query ($packet: UUID!) { gate(packet: $packet) { status } }";

/** What becomes of an approval, whoever tells of it. */
export interface Decided {
  readonly isApproved: boolean;
  readonly isHeldApproved: boolean;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** As it has to be, with Redis and without. */
export const DECIDED_RIGHT: Decided = {
  isApproved: true,
  isHeldApproved: false,
  before: ["OPEN", "OPEN"],
  after: ["CLOSED", "CLOSED"],
};

/** What the servers of a stage say of their wake-ups. */
export type WakeUps = "IN_PROCESS" | "REDIS" | "DEGRADED";

/** Two servers on one Postgres that hear of each other by a Redis, and dashboards on both. */
export class RelayStage {
  readonly redis: RedisServer;
  readonly desk: Desk;
  readonly #startNode: () => Promise<HttpNode>;
  readonly #nodes: HttpNode[] = [];
  #trains = 0;

  constructor(redis: RedisServer, desk: Desk, startNode: () => Promise<HttpNode>) {
    this.redis = redis;
    this.desk = desk;
    this.#startNode = startNode;
  }

  /** The two servers that are there at present. */
  get nodes(): readonly HttpNode[] {
    return this.#nodes;
  }

  /** Starts servers until there are two. */
  async fill(): Promise<void> {
    const missing = Array.from({ length: 2 - this.#nodes.length }, () => this.#startNode());
    this.#nodes.push(...(await Promise.all(missing)));
  }

  /** Ends one as a crash does. */
  async kill(node: HttpNode): Promise<void> {
    this.#nodes.splice(this.#nodes.indexOf(node), 1);
    await node.kill();
  }

  async leave(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map((node) => node.leave()));
  }

  /** Where this deployment's wake-ups are told. */
  get channel(): string {
    return `holdfast/wakes/${this.desk.ledger.deployment}`;
  }

  packet(): Promise<Opened> {
    return openReady(this.desk, `train-${(this.#trains += 1)}`);
  }

  /** Resolves when both are ready and say this. */
  async wakeUps(wanted: WakeUps): Promise<void> {
    for (const node of this.#nodes) while ((await wakeUpsOf(node)) !== wanted);
  }

  /**
   * Changes a packet through both servers in turn, with a fault in the middle, and tells of each
   * dashboard on both that did not show what the ledger has: everything, once and in order.
   */
  async faultsOf(fault: () => Promise<unknown>, changes = 12): Promise<string[]> {
    const { packet, revision } = await this.packet();
    const dashboards = await this.open(packet);
    for (let n = 0; n < changes / 2; n += 1) await this.place(packet, n);
    const faulted = fault();
    for (let n = 0; n < changes / 2; n += 1) await this.place(packet, n);
    await faulted;
    await this.place(packet, changes);
    return this.untrue(packet, revision, dashboards);
  }

  /** Places a hold through one of the servers. */
  async place(packet: string, turn: number): Promise<void> {
    const input = { idempotencyKey: newKey(), packet, reason: "odd noise" };
    const by = IVAN;
    const told = await this.#at(turn).ask({ verb: "operatorHoldPlace", by, input, thinkUs: 0 });
    if (!told.outcome.done) throw new Error(told.outcome.codes.join());
  }

  /** What comes of an approval, of one of what was held elsewhere, and of both gates before and after a hold. */
  async decides(): Promise<Decided> {
    const [ready, held] = [await this.packet(), await this.packet()];
    await this.place(held.packet, 1);
    const ask = async (packet: Opened): Promise<boolean> => {
      const input = approvalOf(packet);
      const told = await this.#at(0).ask({ verb: "packetApprove", by: OLGA, input, thinkUs: 0 });
      return told.outcome.done;
    };
    const [isApproved, isHeldApproved] = [await ask(ready), await ask(held)];
    const before = await this.gates(ready);
    await this.place(ready.packet, 1);
    return { isApproved, isHeldApproved, before, after: await this.gates(ready) };
  }

  /** What each server's gate answers. */
  gates({ packet }: Opened): Promise<string[]> {
    return Promise.all(
      this.#nodes.map(async (node) => {
        const { gate } = await node.read<{ gate: { status: string } }>(GATE, { packet });
        return gate.status;
      }),
    );
  }

  /** Dashboards on every server there is, which have caught up. */
  open(packet: string): Promise<Dashboard[]> {
    return Promise.all(
      this.#nodes.flatMap((node) => DASHBOARDS.map((kind) => Dashboard.open(kind, node, packet))),
    );
  }

  /** Those of these dashboards, which it closes, that do not show what the ledger has after a revision. */
  async untrue(packet: string, after: number, dashboards: readonly Dashboard[]): Promise<string[]> {
    const recorded = await this.desk.ledger.revisions(packet, after, 1_000);
    const expected = recorded.map(({ number, digest }) => `${number} ${digest}`);
    const faults: string[] = [];
    for (const dashboard of dashboards) {
      const shown = await dashboard.upTo(expected.length);
      if (shown.join() !== expected.join()) faults.push(`${dashboard.name}: ${shown.join()}`);
      dashboard.close();
    }
    return faults;
  }

  #at(turn: number): HttpNode {
    const node = this.#nodes[turn % this.#nodes.length];
    if (node === undefined) throw new Error("no server is there");
    return node;
  }
}

/** Both ways in which a wall may follow. */
const DASHBOARDS = [GRAPHQL_WS, CURL];

/** Somebody who looks at a packet's revisions. */
export class Dashboard {
  readonly name: string;
  readonly #followed: Followed;

  private constructor(name: string, followed: Followed) {
    this.name = name;
    this.#followed = followed;
  }

  /** Resolves when it has caught up. */
  static async open(kind: Transport, node: HttpNode, packet: string): Promise<Dashboard> {
    const by = PASSPORTS.rita;
    const wanted = { url: `${node.url}/graphql`, by, query: REVISIONS, variables: { packet } };
    const followed = kind.follow(wanted);
    const event = await followed.next();
    if (event.kind !== "Heartbeat") throw new Error(`it begins with ${JSON.stringify(event)}`);
    return new Dashboard(`${kind.name} on ${node.url}`, followed);
  }

  /** So many revisions, each its number and digest, as they came. */
  async upTo(count: number): Promise<string[]> {
    const shown: string[] = [];
    while (shown.length < count) {
      const event = await this.#followed.next();
      if (event.kind === "Heartbeat") continue;
      const { number, digest } = event["revision"] as { number: number; digest: string };
      shown.push(`${number} ${digest}`);
    }
    return shown;
  }

  close(): void {
    this.#followed.leave();
  }
}

/** What one server says; null while it is not ready. */
async function wakeUpsOf(node: HttpNode): Promise<WakeUps | null> {
  const response = await fetch(`${node.url}/ready`);
  const { checks } = (await response.json()) as { checks: { wakeUps: WakeUps } };
  return response.status === 200 ? checks.wakeUps : null;
}

/** Call once at the top of a test file. With `isAway` its Redis is not there when the servers start. */
export function relayStage({ isAway }: { isAway: boolean }): { readonly stage: RelayStage } {
  const fresh = freshDatabase();
  const folder = ownFolder();
  const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  let stage: RelayStage | null = null;
  beforeAll(async () => {
    const principals = path.join(folder.path, "principals.json");
    await writeFile(principals, textOf(...Object.values(PASSPORTS)));
    const rate = { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS };
    const [redis, desk] = await Promise.all([startRedis(), openDesk(database, rate)]);
    stage = new RelayStage(redis, desk, async () =>
      startHttpNode(fresh.url, principals, {
        appUrl: asApplication(fresh.url),
        data: await mkdtemp(path.join(folder.path, "node-")),
        more: { REDIS_URL: redis.url },
      }),
    );
    if (isAway) await redis.stop();
    await stage.fill();
  });
  afterAll(async () => {
    await stage?.leave();
    await stage?.redis.remove();
    await database.close();
  });
  return {
    get stage() {
      if (stage === null) throw new Error("nothing is started yet");
      return stage;
    },
  };
}
