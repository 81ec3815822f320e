import type { Ledger } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { openPacket, openUnreported, withLedger } from "../store.ts";
import { type Course, best, compete, cost, peerVersions, rate, told } from "./fanout.ts";
import { type LiveFigure, type LiveRun, rounded } from "./figure.ts";
import { CLASSES, READERS, type Stage, withStage } from "./stage.ts";
import { type Entered, enterPeer, enterProduct } from "./troupe.ts";

const ARTIFACTS = 10;

/** One packet, and all events of a round at once: what counts is delivering, and not appending. */
const ONE_PACKET: Course = { warmUps: 3, rounds: 7, waves: 1, events: 30 };

/** One event of each packet at a time, by one report that they all depend on. */
const MANY_PACKETS: Course = { warmUps: 2, rounds: 5, waves: 5, events: 1 };

const PEERS = ["floor", "yoga", "graphqlWs", "mercurius"] as const;

/** To 1,000 subscribers of one packet. */
export const liveFanout: LiveFigure = {
  name: "live-fanout",
  what: `${ONE_PACKET.events} revisions of one packet to ${READERS} subscribers at a node that did not append them`,
  run: () =>
    onStage(async (stage, ledger, entered) => {
      const packets = [await openPacket(ledger, ARTIFACTS, "train-fanout")];
      const [ours, ...others] = await enterAll(stage, packets, entered);
      const { scores, faults } = await compete([ours, ...others], ONE_PACKET);
      const [we, floor, ...peers] = scores;
      if (we === undefined || floor === undefined) throw new Error("nobody competed");
      return {
        faults,
        comparisons: [
          rate(we, floor, { atLeast: 0.75 }),
          cost(we, floor, { atMost: 1.5 }),
          rate(we, best(peers), { atLeast: 6 }),
        ],
        settings: { ...told(scores), ...memory(entered), ...sizes(ours) },
      };
    }),
};

/** To 1,000 subscribers of as many packets. */
export const liveFanoutPackets: LiveFigure = {
  name: "live-fanout-packets",
  what: `one revision of each of ${READERS} packets to the one subscriber of each`,
  run: () =>
    onStage(async (stage, ledger, entered) => {
      const packets = await openMany(ledger, READERS);
      const [ours, ...others] = await enterAll(stage, packets, entered);
      const { scores, faults } = await compete([ours, ...others], MANY_PACKETS);
      const [we, floor, ...peers] = scores;
      if (we === undefined || floor === undefined) throw new Error("nobody competed");
      return {
        faults,
        comparisons: [
          rate(we, best(peers), { atLeast: 2 }),
          rate(we, floor, null),
          cost(we, floor, null),
        ],
        settings: { ...told(scores), ...memory(entered), ...sizes(ours) },
      };
    }),
};

/** To 1,000 subscribers of one packet with as many sets of rights as {@link CLASSES}. */
export const liveFanoutClasses: LiveFigure = {
  name: "live-fanout-classes",
  what: `as live-fanout, to subscribers of ${CLASSES} sets of roles`,
  run: () =>
    onStage(async (stage, ledger, entered) => {
      const enter = async (readers: "alike" | "varied"): Promise<Entered> => {
        const packets = [await openPacket(ledger, ARTIFACTS, `train-${readers}`)];
        const name = `holdfast, ${readers}`;
        const one = await enterProduct(stage, { name, packets, readers, count: READERS });
        entered.push(one);
        return one;
      };
      const [varied, alike] = [await enter("varied"), await enter("alike")];
      const floor = await enterPeer("floor", alike.event, { packets: ["one"], count: READERS });
      entered.push(floor);
      const { scores, faults } = await compete([varied, alike, floor], ONE_PACKET);
      const [many, one, plain] = scores;
      if (many === undefined || one === undefined || plain === undefined) {
        throw new Error("nobody competed");
      }
      return {
        faults,
        comparisons: [rate(many, one, null), rate(many, plain, null), cost(many, plain, null)],
        settings: { ...told(scores), classes: CLASSES, ...memory(entered), ...sizes(alike) },
      };
    }),
};

type Played = Omit<LiveRun, "versions">;

/** A stage, a ledger of ours on it, and a list of those who are sent home in the end. */
function onStage(
  play: (stage: Stage, ledger: Ledger, entered: Entered[]) => Promise<Played>,
): Promise<LiveRun> {
  return withStage((stage) =>
    withLedger(stage, async (ledger) => {
      const entered: Entered[] = [];
      try {
        const played = await play(stage, ledger, entered);
        return { ...played, versions: { ...stage.versions, ...(await peerVersions()) } };
      } finally {
        for (const one of entered.toReversed()) await one.stop();
      }
    }),
  );
}

/** The product first, whose events the peers then tell. */
async function enterAll(
  stage: Stage,
  packets: readonly PacketId[],
  entered: Entered[],
): Promise<[Entered, ...Entered[]]> {
  const entry = { name: "holdfast", packets, readers: "alike", count: READERS } as const;
  const ours = await enterProduct(stage, entry);
  entered.push(ours);
  const others: Entered[] = [];
  for (const name of PEERS) {
    const peer = await enterPeer(name, ours.event, { packets, count: READERS });
    entered.push(peer);
    others.push(peer);
  }
  return [ours, ...others];
}

const OPENED_AT_ONCE = 8;

async function openMany(ledger: Ledger, count: number): Promise<PacketId[]> {
  const packets: PacketId[] = [];
  while (packets.length < count) {
    const lot = Array.from({ length: Math.min(OPENED_AT_ONCE, count - packets.length) }, (_, one) =>
      openUnreported(ledger, 1, `train-${packets.length + one}`),
    );
    packets.push(...(await Promise.all(lot)));
  }
  return packets;
}

function memory(entered: readonly Entered[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    entered.map(({ name, bytesEach }) => [`${name}: KB a subscriber`, rounded(bytesEach / 1024)]),
  );
}

function sizes({ event }: Entered): Readonly<Record<string, number>> {
  return { subscribers: READERS, eventBytes: Buffer.byteLength(JSON.stringify(event)) };
}
