import type { Ledger } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import {
  EMMETT_PACKAGES,
  type EventStore,
  MESSAGE_DB_PACKAGES,
  emmett,
  messageDb,
  withPackages,
} from "./eventStores.ts";
import type { Figure, Rounds } from "./measure.ts";
import { bareInserts } from "./pgbench.ts";
import { type Postgres, appendDrift, openPacket, withLedger, withPostgres } from "./store.ts";

const ROUNDS = 12;
/** Rounds that do not count: for some ten thousand appends the compiler is still at work. */
const WARM_UP = 30;

/** How many appends of a round a caller makes on average, and the least of a round. */
const APPENDS_EACH = 40;
const APPENDS_MIN = 400;

interface Scene {
  readonly name: string;
  readonly callers: number;
  readonly packets: number;
  readonly limit: Figure["limit"];
}

/** Milliseconds that durable, judged appends take, all callers together, against bare inserts. */
function throughputFigure({ name, callers, packets, limit }: Scene): Figure {
  const onWhat = packets === 1 ? "one packet" : `${packets} packets`;
  const count = Math.max(APPENDS_MIN, callers * APPENDS_EACH);
  return {
    name,
    what: `${count} durable, judged appends by ${callers} callers to ${onWhat}`,
    peer: `as many inserts of one row by as many clients`,
    limit,
    run: () =>
      withPostgres((postgres) =>
        withLedger(postgres, async (ledger): Promise<Rounds> => {
          const bare = await bareInserts(postgres);
          const opened: PacketId[] = [];
          for (let number = 0; number < packets; number += 1) {
            opened.push(await openPacket(ledger, 10, `train-${number}`));
          }
          const subject: number[] = [];
          const peer: number[] = [];
          for (let round = -WARM_UP; round < ROUNDS; round += 1) {
            const ms = await appendsMs(ledger, opened, callers, count);
            const bareMs = (count / (await bare.perSecond(callers, count))) * 1000;
            if (round < 0) continue;
            subject.push(ms);
            peer.push(bareMs);
          }
          const perSecond = Math.round((count / median(subject)) * 1000);
          const settings = { postgres: postgres.version, peer: bare.name, callers, packets };
          return { subject, peer, settings: { ...settings, perSecond } };
        }),
      ),
  };
}

async function appendsMs(
  ledger: Ledger,
  packets: readonly PacketId[],
  callers: number,
  count: number,
): Promise<number> {
  return together(callers, count, (left) =>
    appendDrift(ledger, packets[left % packets.length] ?? ""),
  );
}

/** Milliseconds that so many appends take, shared among so many callers. */
async function together(
  callers: number,
  count: number,
  append: (left: number) => Promise<unknown>,
): Promise<number> {
  let left = count;
  const start = performance.now();
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await append(left);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return performance.now() - start;
}

const PEER_CALLERS = 16;
const PEER_APPENDS = 320;

interface Peer {
  readonly name: string;
  readonly what: string;
  readonly packages: readonly string[];
  readonly limit: Figure["limit"];
  readonly open: (postgres: Postgres, modules: string, ledger: Ledger) => Promise<EventStore>;
}

/** What durable, judged appends to one packet take, against another way to append as many to one stream. */
function peerFigure({ name, what, packages, limit, open }: Peer): Figure {
  return {
    name,
    what: `${PEER_APPENDS} durable, judged appends by ${PEER_CALLERS} callers to one packet`,
    peer: what,
    limit,
    run: () =>
      withPackages(packages, (modules) =>
        withPostgres((postgres) =>
          withLedger(postgres, async (ledger): Promise<Rounds> => {
            const packet = await openPacket(ledger, 10, "train-ours");
            const peer = await open(postgres, modules, ledger);
            const times = { subject: [] as number[], peer: [] as number[] };
            for (let round = -WARM_UP; round < ROUNDS; round += 1) {
              const ms = await appendsMs(ledger, [packet], PEER_CALLERS, PEER_APPENDS);
              const peerMs = await together(PEER_CALLERS, PEER_APPENDS, () => peer.append());
              if (round < 0) continue;
              times.subject.push(ms);
              times.peer.push(peerMs);
            }
            await peer.close();
            const settings = { postgres: postgres.version, peer: peer.name, callers: PEER_CALLERS };
            return { ...times, settings };
          }),
        ),
      ),
  };
}

/** The same store with a transaction for each append: whoever asks waits until it is their turn. */
async function oneEach(ledger: Ledger): Promise<EventStore> {
  const packet = await openPacket(ledger, 10, "train-one-each");
  let turn: Promise<unknown> = Promise.resolve();
  return {
    name: "one transaction each",
    async append() {
      turn = turn.then(() => appendDrift(ledger, packet));
      await turn;
    },
    async close() {
      await turn;
    },
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

/** At one caller: at most 2.2 times as long as pgbench; at 16 on one packet: at least half as many. */
const AGAINST_PGBENCH: readonly Figure[] = [
  { name: "throughput-1", callers: 1, packets: 1, limit: { atMost: 2.2 } },
  { name: "throughput-16", callers: 16, packets: 1, limit: { atMost: 2 } },
  { name: "throughput-128", callers: 128, packets: 1, limit: null },
  { name: "throughput-1000-packets", callers: 128, packets: 1000, limit: null },
].map(throughputFigure);

/** At least eight times as many as one transaction each, and ahead of both event stores. */
const AGAINST_PEERS: readonly Figure[] = [
  {
    name: "throughput-one-each",
    what: "as many in a transaction each, through the same store",
    packages: [],
    limit: { atMost: 1 / 8 },
    open: (_postgres: Postgres, _modules: string, ledger: Ledger) => oneEach(ledger),
  },
  {
    name: "throughput-message-db",
    what: "as many writes to one stream of message-db by as many callers",
    packages: MESSAGE_DB_PACKAGES,
    limit: { atMost: 1 },
    open: messageDb,
  },
  {
    name: "throughput-emmett",
    what: "as many appends to one stream of Emmett by as many callers",
    packages: EMMETT_PACKAGES,
    limit: { atMost: 1 },
    open: emmett,
  },
].map(peerFigure);

/** What appends at many callers take. */
export const THROUGHPUT: readonly Figure[] = [...AGAINST_PGBENCH, ...AGAINST_PEERS];
