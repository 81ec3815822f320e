import type { PacketId } from "#packet/name.ts";
import { openPacket, withLedger } from "../store.ts";
import { Posting, recordsOf } from "./appends.ts";
import { faultsOf, wave } from "./contestant.ts";
import type { Pace } from "./dashboards.ts";
import { FOLLOW_WHOLE } from "./dialect.ts";
import { type LiveFigure, type LiveRun, median, rounded } from "./figure.ts";
import { type Appending, type LagRound, type Load, lagUnder, p99 } from "./lag.ts";
import { type Stage, readerToken, withStage } from "./stage.ts";
import { type Entered, dashboard, enter } from "./troupe.ts";

const ARTIFACTS = 10;
const ROUNDS = 7;
const LOAD: Load = { perSecond: 50, count: 300 };
const PROMPT = 80;
const STALLED = 10;
const SLOW = 10;

/** What fills the buffers between the node and a reader that takes nothing, before anything is measured. */
const FILLING = { waves: 20, events: 40 };

type Competing = Appending & Entered;

/** Whether readers that do not read cost the others anything. */
export const liveStalled: LiveFigure = {
  name: "live-stalled",
  what: `${LOAD.perSecond} appends a second to ${PROMPT} dashboards, beside ${STALLED} that take nothing and ${SLOW} that take an event a second`,
  run: () =>
    withStage(async (stage) => {
      const packet = await withLedger(stage, (ledger) =>
        openPacket(ledger, ARTIFACTS, "train-stalled"),
      );
      const ours = await enterProduct(stage, packet);
      try {
        return await runStalled(stage, packet, ours);
      } finally {
        await ours.stop();
      }
    }),
};

async function runStalled(stage: Stage, packet: PacketId, ours: Competing): Promise<LiveRun> {
  const faults: string[] = [];
  const rounds = { with: [] as LagRound[], without: [] as LagRound[] };
  let eventBytes = 0;
  for (let round = -1; round < ROUNDS; round += 1) {
    // Whatever else the machine does meanwhile must not always fall on the same of both.
    const kinds = ["with", "without"] as const;
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      if (kind === "with") await ours.dashboards.ask("open", backward(stage, packet));
      for (let number = 0; number < FILLING.waves; number += 1) {
        const filled = await wave(ours, FILLING.events);
        faults.push(...faultsOf(ours, filled));
        eventBytes = filled.eventBytes;
      }
      const lag = await lagUnder(ours, LOAD);
      await ours.dashboards.ask("leave", null);
      faults.push(...lag.faults);
      if (round >= 0) rounds[kind].push(lag);
    }
  }
  const middle = (kind: keyof typeof rounds, of: (round: LagRound) => number): number =>
    rounded(median(rounds[kind].map(of)));
  return {
    faults,
    comparisons: [p99("the same without them", rounds.with, rounds.without, { atMost: 2 })],
    settings: {
      dashboards: PROMPT,
      stalled: STALLED,
      slow: SLOW,
      eventBytes,
      "KB before a round": Math.round((FILLING.waves * FILLING.events * eventBytes) / 1024),
      "appends a second": LOAD.perSecond,
      "appends a round": LOAD.count,
      "with: p50 ms": middle("with", ({ p50Ms }) => p50Ms),
      "with: max ms": middle("with", ({ maxMs }) => maxMs),
      "with: server µs a delivery": middle("with", ({ serverCpuMicros }) => serverCpuMicros),
      "without: p50 ms": middle("without", ({ p50Ms }) => p50Ms),
      "without: max ms": middle("without", ({ maxMs }) => maxMs),
      "without: server µs a delivery": middle("without", ({ serverCpuMicros }) => serverCpuMicros),
    },
    versions: stage.versions,
  };
}

async function enterProduct(stage: Stage, packet: PacketId): Promise<Competing> {
  const posting = new Posting(`http://${stage.near.host}/graphql`);
  const record = recordsOf(posting);
  const append = (): Promise<number> => record(packet);
  const publish = async (count: number): Promise<void> => {
    await Promise.all(Array.from({ length: count }, append));
  };
  const entering = { name: "holdfast", pids: [stage.far.pid], publish };
  const dashboards = readers(stage, packet, { first: 0, count: PROMPT, pace: "PROMPT" });
  const entered = await enter({ ...entering, dashboards }, () => {
    posting.close();
    return Promise.resolve();
  });
  return { ...entered, append };
}

function backward(stage: Stage, packet: PacketId) {
  return [
    ...readers(stage, packet, { first: PROMPT, count: STALLED, pace: "STALLED" }),
    ...readers(stage, packet, { first: PROMPT + STALLED, count: SLOW, pace: "SLOW" }),
  ];
}

function readers(
  { far }: Stage,
  packet: PacketId,
  { first, count, pace }: { first: number; count: number; pace: Pace },
) {
  return Array.from({ length: count }, (_, place) => {
    const token = readerToken(first + place, "alike");
    return dashboard(far.host, { packet, token, pace, query: FOLLOW_WHOLE });
  });
}
