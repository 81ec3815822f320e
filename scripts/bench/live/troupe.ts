import type { PacketId } from "#packet/name.ts";
import { type AppendOne, Posting, recordForAll, recordsOf } from "./appends.ts";
import { type Contestant, settle } from "./contestant.ts";
import { type Dashboard, startDashboards } from "./dashboards.ts";
import { FOLLOW, type RevisionEvent, eventOf, renumbered } from "./dialect.ts";
import { type PeerName, type Published, startPeer } from "./peers.ts";
import { type Stage, readerToken } from "./stage.ts";
import { usageOf } from "./usage.ts";

/** A contestant whose dashboards are all being told. */
export interface Entered extends Contestant {
  /** Bytes of resident memory that the server took for each of its dashboards. */
  readonly bytesEach: number;
  /** The newest event. */
  readonly event: RevisionEvent;
  stop(): Promise<void>;
}

/** How the product is entered: who looks, and at which packets in turn. */
export interface Entry {
  readonly name: string;
  readonly packets: readonly PacketId[];
  readonly readers: "alike" | "varied";
  readonly count: number;
}

/**
 * The product: one node is told to append, and all dashboards are at the other, which stands still
 * until everything is appended: what it then takes is delivering, and nothing else.
 */
export async function enterProduct(stage: Stage, entry: Entry): Promise<Entered> {
  const posting = new Posting(`http://${stage.near.host}/graphql`);
  const { packets, readers, count } = entry;
  const [only, ...others] = packets;
  if (only === undefined) throw new Error("there is a packet to follow");
  const record: AppendOne = recordsOf(posting);
  const append = async (events: number): Promise<void> => {
    if (others.length > 0) {
      for (let number = 0; number < events; number += 1) await recordForAll(posting);
      return;
    }
    await Promise.all(Array.from({ length: events }, () => record(only)));
  };
  const publish = async (events: number): Promise<void> => {
    process.kill(stage.far.pid, "SIGSTOP");
    try {
      await append(events);
    } finally {
      process.kill(stage.far.pid, "SIGCONT");
    }
  };
  const dashboards = Array.from({ length: count }, (_, place) =>
    dashboard(stage.far.host, {
      packet: packets[place % packets.length] ?? only,
      token: readerToken(place, readers),
    }),
  );
  return enter({ name: entry.name, pids: [stage.far.pid], publish, dashboards }, () => {
    posting.close();
    return Promise.resolve();
  });
}

/** A peer in one process that is told what to publish; its dashboards follow as many topics as there are packets. */
export async function enterPeer(
  name: PeerName,
  event: RevisionEvent,
  { packets, count }: Pick<Entry, "packets" | "count">,
): Promise<Entered> {
  const { worker, host } = await startPeer(name, {
    databaseUrl: null,
    redisUrl: null,
    event: null,
  });
  let head = 0;
  const publish = async (events: number): Promise<void> => {
    const published: Published[] = [];
    for (let number = 0; number < events; number += 1) {
      head += 1;
      const told = renumbered(event, head);
      published.push(...packets.map((packet) => ({ packet, event: told })));
    }
    await worker.ask("publish", published);
  };
  const dashboards = Array.from({ length: count }, (_, place) =>
    dashboard(host, {
      packet: packets[place % packets.length] ?? "",
      token: null,
      ...(name === "floor" ? { dialect: "PLAIN" } : {}),
    }),
  );
  return enter({ name: NAMES[name], pids: [worker.pid], publish, dashboards }, () => worker.stop());
}

const NAMES: Readonly<Record<PeerName, string>> = {
  floor: "plain ws",
  yoga: "graphql-yoga",
  graphqlWs: "graphql-ws",
  mercurius: "mercurius",
};

/** One that takes what comes, at a server that speaks GraphQL unless something else is said. */
export function dashboard(
  host: string,
  told: Pick<Dashboard, "packet" | "token"> & Partial<Dashboard>,
): Dashboard {
  const path = told.dialect === "PLAIN" ? told.packet : "graphql";
  const url = `ws://${host}/${path}`;
  return { url, dialect: "GRAPHQL", query: FOLLOW, pace: "PROMPT", ...told };
}

interface Entering extends Omit<Contestant, "dashboards"> {
  readonly dashboards: readonly Dashboard[];
}

/** Opens the dashboards, and waits until all of them are told. */
export async function enter(
  { dashboards: wanted, ...contestant }: Entering,
  close: () => Promise<void>,
): Promise<Entered> {
  const dashboards = await startDashboards();
  const stop = async (): Promise<void> => {
    await dashboards.stop();
    await close();
  };
  try {
    const before = await usageOf(contestant.pids);
    await dashboards.ask("open", wanted);
    const message = await settle({ ...contestant, dashboards });
    const after = await usageOf(contestant.pids);
    const bytesEach = (after.residentBytes - before.residentBytes) / wanted.length;
    return { ...contestant, dashboards, bytesEach, event: eventOf(message), stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}
