import type { Ledger } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { type Figure, interleave } from "./measure.ts";
import { appendDrift, openPacket, withStore } from "./store.ts";

const rounds = { warmUp: 50, counted: 400 };
/** Appends that go into one transaction while a history is being made. */
const TOGETHER = 128;

/** Whether an append costs what changes, and not what there is. */
const appendArtifacts: Figure = {
  name: "append-artifacts",
  what: "one durable append to a packet of 10,000 artifacts",
  peer: "one durable append to a packet of 10 artifacts",
  limit: { atMost: 1.15 },
  async run() {
    return withStore(async (ledger, server) => {
      const large = await openPacket(ledger, 10_000, "train-large");
      const small = await openPacket(ledger, 10, "train-small");
      const times = await interleave(
        rounds,
        () => appendDrift(ledger, large),
        () => appendDrift(ledger, small),
      );
      return { ...times, settings: { postgres: server, callers: 1 } };
    });
  },
};

/** Whether an append re-reads history. */
const appendHistory: Figure = {
  name: "append-history",
  what: "one durable append after 100,000 revisions",
  peer: "one durable append after 100 revisions",
  limit: { atMost: 1.1 },
  async run() {
    return withStore(async (ledger, server) => {
      const long = await openPacket(ledger, 10, "train-long");
      const short = await openPacket(ledger, 10, "train-short");
      await grow(ledger, long, 100_000);
      await grow(ledger, short, 100);
      const times = await interleave(
        rounds,
        () => appendDrift(ledger, long),
        () => appendDrift(ledger, short),
      );
      return { ...times, settings: { postgres: server, callers: 1 } };
    });
  },
};

/** What an append costs in a large packet and after a long history. */
export const APPEND: readonly Figure[] = [appendArtifacts, appendHistory];

async function grow(ledger: Ledger, packet: PacketId, revisions: number): Promise<void> {
  for (let made = 1; made < revisions;) {
    const count = Math.min(TOGETHER, revisions - made);
    await Promise.all(Array.from({ length: count }, () => appendDrift(ledger, packet)));
    made += count;
  }
}
