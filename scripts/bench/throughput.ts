import type { Ledger } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import type { Figure, Rounds } from "./measure.ts";
import { bareInserts } from "./pgbench.ts";
import { appendDrift, openPacket, withLedger, withPostgres } from "./store.ts";

const ROUNDS = 12;

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
          for (let round = -2; round < ROUNDS; round += 1) {
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
  let left = count;
  const start = performance.now();
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await appendDrift(ledger, packets[left % packets.length] ?? "");
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

/** At one caller: at most 2.2 times as long as pgbench; at 16 on one packet: at least half as many. */
export const THROUGHPUT: readonly Figure[] = [
  { name: "throughput-1", callers: 1, packets: 1, limit: { atMost: 2.2 } },
  { name: "throughput-16", callers: 16, packets: 1, limit: { atMost: 2 } },
  { name: "throughput-128", callers: 128, packets: 1, limit: null },
  { name: "throughput-1000-packets", callers: 128, packets: 1000, limit: null },
].map(throughputFigure);
