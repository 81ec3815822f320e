import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import {
  exported,
  newSigning,
  seasonedPacket,
  sourcesOn,
  verified,
} from "../bundle/bundleWorld.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { chance } from "../faults/chance.ts";
import { ledgerOn, readyPacket } from "../ledger/trainWorld.ts";

/** A busy machine takes minutes for thousands. */
const TIMEOUT_MS = 900_000;

/** How often of thirty-two times each bundle has its turn: judging a long lineage again takes the longest. */
const TURNS = [1, 6, 2, 23].flatMap((times, which) => Array<number>(times).fill(which));

/** Declares that every one of so many single flipped bits in exported bundles is found. */
export function flipsAreFound(flips: number): void {
  const fresh = freshDatabase();
  const database = connect(fresh.url, { applicationName: "holdfast flips", connectionsMax: 4 });
  const signing = newSigning();
  const bundles: Buffer[] = [];
  let ledger: Ledger;
  beforeAll(async () => {
    ledger = await ledgerOn(database);
    const sources = sourcesOn(ledger, signing);
    const ready = await readyPacket(ledger, "plain-1");
    const packets = [await seasonedPacket(ledger, "orion-7"), ready.packet];
    for (const packet of packets) {
      for (const form of ["FULL", "SHARED"] as const) {
        bundles.push(Buffer.from((await exported(sources, packet, form)).join("")));
      }
    }
  });
  afterAll(async () => {
    await ledger.close();
    await database.close();
  });

  test(
    `each of ${flips} single flipped bits in exported bundles is found`,
    { timeout: TIMEOUT_MS },
    async () => {
      const drawn = chance("flipped bits");
      for (const bundle of bundles) expect((await verified(bundle, signing)).findings).toEqual([]);
      const missed: string[] = [];
      for (let flip = 0; flip < flips; flip += 1) {
        const which = TURNS[drawn.below(TURNS.length)] ?? 0;
        const bundle = bundles[which] ?? Buffer.alloc(1);
        const [at, bit] = [drawn.below(bundle.length), drawn.below(8)];
        bundle.writeUInt8(bundle.readUInt8(at) ^ (1 << bit), at);
        const { findings } = await verified(bundle, signing, 0n);
        bundle.writeUInt8(bundle.readUInt8(at) ^ (1 << bit), at);
        if (findings.length === 0) missed.push(`bundle ${which}, byte ${at}, bit ${bit}`);
      }
      expect({ seed: drawn.seed, missed }).toEqual({ seed: drawn.seed, missed: [] });
    },
  );
}
