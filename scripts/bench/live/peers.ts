import type { RevisionEvent } from "./dialect.ts";
import { Worker } from "./worker.ts";

/** What a peer is started with. */
export interface PeerOptions {
  /** Where it appends; null for one that appends nothing. */
  readonly databaseUrl: string | null;
  /** What carries its events from node to node; null for one node alone. */
  readonly redisUrl: string | null;
  /** The event that it tells of whatever is appended, but for the number. */
  readonly event: RevisionEvent | null;
}

/** One event of one packet. */
export interface Published {
  readonly packet: string;
  readonly event: RevisionEvent;
}

/** What a peer's process answers. */
export interface PeerCalls {
  /** Resolves to the port of 127.0.0.1 where it serves. */
  start(options: PeerOptions): Promise<number>;
  /** Publishes these one after the other, each in a turn of the loop of its own, as if each came by itself. */
  publish(published: readonly Published[]): Promise<void>;
}

/** The peers, by the script that each runs. */
export const PEERS = {
  floor: "floorProcess.ts",
  yoga: "yogaProcess.ts",
  graphqlWs: "graphqlWsProcess.ts",
  mercurius: "mercuriusProcess.ts",
} as const;

export type PeerName = keyof typeof PEERS;

/** One node of a peer that serves. */
export interface Peer {
  readonly worker: Worker<PeerCalls>;
  /** Such as `127.0.0.1:4000`. */
  readonly host: string;
}

/** Starts one node of a peer. */
export async function startPeer(name: PeerName, options: PeerOptions): Promise<Peer> {
  const worker = await Worker.start<PeerCalls>(PEERS[name]);
  try {
    return { worker, host: `127.0.0.1:${await worker.ask("start", options)}` };
  } catch (fault) {
    await worker.stop();
    throw fault;
  }
}
