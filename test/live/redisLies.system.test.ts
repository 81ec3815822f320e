import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messageOf } from "#live/wakeMessage.ts";
import { chance } from "../faults/chance.ts";
import { ROUNDS } from "../faults/rounds.ts";
import { newKey } from "../workflow/trains.ts";
import { DECIDED_RIGHT, relayStage } from "./relayStage.ts";

const there = relayStage({ isAway: false });
const NODE = "019a0000-0000-7000-8000-0000000000ff";

/** As fast as one client sends, in lots that are awaited. */
const FLOOD_LOTS = 30 * ROUNDS;
const LOT_MESSAGES = 500;

let liar: Redis;
let eavesdropper: Redis;

beforeAll(async () => {
  liar = new Redis(there.stage.redis.url);
  eavesdropper = new Redis(there.stage.redis.url);
  await there.stage.wakeUps("REDIS");
});

afterAll(() => {
  liar.disconnect();
  eavesdropper.disconnect();
});

describe("F10: of a Redis that tells what is false", () => {
  test("garbage, forged heads, old news and messages of megabytes change nothing that is shown", async () => {
    const { stage } = there;
    const known = await stage.packet();
    const said = [
      "",
      "garbage",
      "{}",
      `1 ${NODE}`,
      `1 ${NODE} ${known.packet}`,
      messageOf(NODE, [{ packet: known.packet, revision: 1 }]),
      messageOf(NODE, [{ packet: known.packet, revision: 999_999_999 }]),
      messageOf(NODE, [{ packet: NODE, revision: 7 }]),
      `1 ${NODE} ${known.packet} -1`,
      `1 ${NODE} ${known.packet} 99999999999999999999`,
      "\0".repeat(5_000),
      "9".repeat(4_194_304),
    ];
    const lie = async (): Promise<void> => {
      for (const message of said) {
        for (let n = 0; n < 3; n += 1) await liar.publish(stage.channel, message);
      }
    };
    expect(await stage.faultsOf(lie)).toEqual([]);
    expect(await stage.decides()).toEqual(DECIDED_RIGHT);
    await stage.wakeUps("REDIS");
  });

  test("messages doubled, reordered and told again later by another relay change nothing", async () => {
    const { stage } = there;
    const dice = chance("relay");
    const kept: string[] = [];
    const sent: Promise<unknown>[] = [];
    const repeat = (_channel: string, message: string): void => {
      if (message.includes(NODE)) return;
      const told = message.split(" ").slice(2).join(" ");
      kept.push(`1 ${NODE} ${told}`);
      for (let n = 0; n < 3; n += 1) {
        sent.push(liar.publish(stage.channel, kept[dice.below(kept.length)] ?? ""));
      }
    };
    eavesdropper.on("message", repeat);
    await eavesdropper.subscribe(stage.channel);
    expect(await stage.faultsOf(() => Promise.resolve(), 40)).toEqual([]);
    await eavesdropper.unsubscribe();
    eavesdropper.off("message", repeat);
    await Promise.all(sent);
    expect(kept.length).toBeGreaterThan(0);
  });

  test("a flood of wake-ups of what is followed and of what is not keeps nobody from anything", async () => {
    const { stage } = there;
    const followed = await stage.packet();
    const dashboards = await stage.open(followed.packet);
    const flooded = new AbortController();
    const flood = async (): Promise<void> => {
      for (let lot = 0; lot < FLOOD_LOTS; lot += 1) {
        const batch = liar.pipeline();
        for (let n = 0; n < LOT_MESSAGES; n += 1) {
          const packet = n % 2 === 0 ? followed.packet : newKey();
          const revision = 1_000_000 + lot * LOT_MESSAGES + n;
          batch.publish(stage.channel, messageOf(NODE, [{ packet, revision }]));
        }
        await batch.exec();
      }
      flooded.abort();
    };
    const flooding = flood();
    for (let turn = 0; !flooded.signal.aborted; turn += 1) await stage.place(followed.packet, turn);
    await flooding;
    await stage.place(followed.packet, 0);
    expect(await stage.untrue(followed.packet, followed.revision, dashboards)).toEqual([]);
    expect(await stage.decides()).toEqual(DECIDED_RIGHT);
    await stage.wakeUps("REDIS");
  });
});

describe("F25: a server that is killed", () => {
  test("between what it recorded and what it would have told leaves nobody without it", async () => {
    const { stage } = there;
    for (let round = 0; round < ROUNDS; round += 1) {
      const [, mortal] = stage.nodes;
      if (mortal === undefined) throw new Error("one server is not enough");
      const { packet, revision } = await stage.packet();
      const dashboards = await stage.open(packet);
      const surviving = dashboards.slice(0, dashboards.length / 2);
      for (let n = 0; n < 4; n += 1) await stage.place(packet, n);
      const placing = Array.from({ length: 8 }, () =>
        // What it was asked when it died may be recorded or not: the ledger knows.
        stage.place(packet, 1).catch(() => undefined),
      );
      await Promise.race(placing);
      await stage.kill(mortal);
      await Promise.all(placing);
      expect(await stage.untrue(packet, revision, surviving)).toEqual([]);
      for (const dashboard of dashboards) dashboard.close();
      await stage.fill();
      await stage.wakeUps("REDIS");
    }
  });
});
