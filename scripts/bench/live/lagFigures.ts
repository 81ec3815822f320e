import type { PacketId } from "#packet/name.ts";
import { openPacket, withLedger } from "../store.ts";
import { Posting, recordsOf } from "./appends.ts";
import type { RevisionEvent } from "./dialect.ts";
import { type LiveFigure, type LiveRun, median, rounded, versionsOf } from "./figure.ts";
import { type Appending, type LagRound, type Load, lagUnder, p99 } from "./lag.ts";
import { type PeerName, startPeer } from "./peers.ts";
import { type Stage, readerToken, withStage } from "./stage.ts";
import { type Entered, dashboard, enter } from "./troupe.ts";

const ARTIFACTS = 10;
const ROUNDS = 7;
/** Servers of a war room run for days: each contestant's code is as warm as its runtime makes it. */
const WARM_UPS = 6;
const LOAD: Load = { perSecond: 50, count: 300 };
const TOPIC = "one";

type Rival = Extract<PeerName, "floor" | "yoga">;
type Competing = Appending & Entered;

/** 100 dashboards: against the least that has to happen, and against the stock recipe. */
export const liveLag: LiveFigure = {
  name: "live-lag",
  what: `${LOAD.perSecond} appends a second to one packet, open loop, to 100 dashboards at two nodes`,
  run: () =>
    runLag(100, ["floor", "yoga"], ([ours = [], floor = [], yoga = []]) => [
      p99("the floor", ours, floor, { atMost: 2 }),
      p99("graphql-yoga with its Redis event target", ours, yoga, { atMost: 0.2 }),
    ]),
};

/** 500 dashboards: against the floor alone. */
export const liveLag500: LiveFigure = {
  name: "live-lag-500",
  what: `${LOAD.perSecond} appends a second to one packet, open loop, to 500 dashboards at two nodes`,
  run: () =>
    runLag(500, ["floor"], ([ours = [], floor = []]) => [
      p99("the floor", ours, floor, { atMost: 3 }),
    ]),
};

async function runLag(
  count: number,
  rivals: readonly Rival[],
  compare: (rounds: readonly (readonly LagRound[])[]) => LiveRun["comparisons"],
): Promise<LiveRun> {
  return withStage(async (stage) => {
    const packet = await withLedger(stage, (ledger) => openPacket(ledger, ARTIFACTS, "train-lag"));
    const entered: Competing[] = [];
    try {
      const ours = await enterProduct(stage, packet, count);
      entered.push(ours);
      for (const name of rivals) entered.push(await enterPeer(stage, name, ours.event, count));
      const rounds = await inTurn(entered);
      const settings = Object.fromEntries(
        entered.flatMap(({ name }, index) => toldOf(name, rounds[index] ?? [])),
      );
      return {
        faults: rounds.flat().flatMap(({ faults }) => faults),
        comparisons: compare(rounds),
        settings: {
          dashboards: count,
          "appends a second": LOAD.perSecond,
          "appends a round": LOAD.count,
          ...settings,
        },
        versions: { ...stage.versions, ...(await versionsOf(VERSIONED)) },
      };
    } finally {
      for (const one of entered.toReversed()) await one.stop();
    }
  });
}

const VERSIONED = [
  "ws",
  "ioredis",
  "graphql-yoga",
  "@graphql-yoga/redis-event-target",
  "ioredis-5",
  "graphql-ws",
];

/** Rounds to warm up, then those that count, each contestant in turn. */
async function inTurn(entered: readonly Competing[]): Promise<LagRound[][]> {
  const rounds: LagRound[][] = entered.map(() => []);
  for (let round = -WARM_UPS; round < ROUNDS; round += 1) {
    for (const [index, contestant] of entered.entries()) {
      const lag = await lagUnder(contestant, LOAD);
      if (round >= 0 || lag.faults.length > 0) rounds[index]?.push(lag);
    }
  }
  return rounds;
}

function toldOf(name: string, rounds: readonly LagRound[]): [string, number][] {
  const middle = (of: (round: LagRound) => number): number => rounded(median(rounds.map(of)));
  return [
    [`${name}: p50 ms`, middle(({ p50Ms }) => p50Ms)],
    [`${name}: p99 ms`, middle(({ p99Ms }) => p99Ms)],
    [`${name}: max ms`, middle(({ maxMs }) => maxMs)],
    [`${name}: server µs a delivery`, middle(({ serverCpuMicros }) => serverCpuMicros)],
    [`${name}: client µs a delivery`, middle(({ clientCpuMicros }) => clientCpuMicros)],
  ];
}

/** Half of the dashboards at each node; all appends come to one. */
async function enterProduct(stage: Stage, packet: PacketId, count: number): Promise<Competing> {
  const posting = new Posting(`http://${stage.near.host}/graphql`);
  const record = recordsOf(posting);
  const append = (): Promise<number> => record(packet);
  const hosts = [stage.near.host, stage.far.host];
  const dashboards = Array.from({ length: count }, (_, place) =>
    dashboard(hosts[place % 2] ?? "", { packet, token: readerToken(place, "alike") }),
  );
  const pids = [stage.near.pid, stage.far.pid];
  const entered = await enter({ name: "holdfast", pids, dashboards, publish: many(append) }, () => {
    posting.close();
    return Promise.resolve();
  });
  return { ...entered, append };
}

/** Two nodes of a peer on the same Postgres and Redis, in the same way. */
async function enterPeer(
  stage: Stage,
  name: Rival,
  event: RevisionEvent,
  count: number,
): Promise<Competing> {
  const options = { databaseUrl: stage.url, redisUrl: stage.redisUrl, event };
  const peers = [await startPeer(name, options), await startPeer(name, options)];
  const hosts = peers.map(({ host }) => host);
  const posting = new Posting(`http://${hosts[0]}/${name === "floor" ? "append" : "graphql"}`);
  const append = name === "floor" ? floorAppend(posting) : yogaAppend(posting);
  const dialect = name === "floor" ? "PLAIN" : "GRAPHQL";
  const dashboards = Array.from({ length: count }, (_, place) =>
    dashboard(hosts[place % 2] ?? "", { packet: TOPIC, token: null, dialect }),
  );
  const pids = peers.map(({ worker }) => worker.pid);
  const entered = await enter({ name, pids, dashboards, publish: many(append) }, async () => {
    posting.close();
    await Promise.all(peers.map(({ worker }) => worker.stop()));
  });
  return { ...entered, append };
}

function many(append: () => Promise<number>): (count: number) => Promise<void> {
  return async (count) => {
    for (let number = 0; number < count; number += 1) await append();
  };
}

function floorAppend(posting: Posting): () => Promise<number> {
  return async () => ((await posting.post({ packet: TOPIC })) as { number: number }).number;
}

const RECORD = `mutation ($packet: UUID!) { record(packet: $packet) { number } }`;

function yogaAppend(posting: Posting): () => Promise<number> {
  return async () => {
    const answer = await posting.post({ query: RECORD, variables: { packet: TOPIC } });
    return (answer as { data: { record: { number: number } } }).data.record.number;
  };
}
