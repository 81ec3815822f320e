import { expect } from "vitest";
import { v4, v7 } from "uuid";
import { type Passport, passport } from "../identity/passports.ts";
import type { Claim } from "./conformance.ts";
import { type Stage, current, endOf, numberOf, told } from "./stage.ts";
import { WHO } from "./streamWorld.ts";
import { GATE, HOLD_CHANGES, REGISTER, REVISIONS } from "./subscriptions.ts";

const ZOE = passport("zoe", ["READER", "OPERATOR"]);

/** What is left of zoe's rights, as the principals file has it. */
const LEFT: readonly (readonly Passport[])[] = [
  [],
  [passport("zoe", ["OPERATOR"])],
  [passport("zoe", ["VIEWER"])],
];

async function lostWithEvent(stage: Stage): Promise<void> {
  for (const left of LEFT) {
    const { packet } = await stage.world.packet();
    await stage.server.admit(ZOE);
    const streams = [REVISIONS, HOLD_CHANGES, REGISTER].map((query) =>
      stage.follow(query, { packet }, { by: ZOE }),
    );
    const neighbour = stage.follow(REVISIONS, { packet });
    for (const stream of [...streams.slice(0, 2), neighbour]) await current(stream, 3);
    await told(streams[2] ?? neighbour);
    await stage.server.admit(...left);
    await stage.server.place(packet);
    for (const stream of streams) expect(await endOf(stream)).toEqual([stage.transport.lostRights]);
    expect(numberOf(await told(neighbour))).toBe(4);
    await stage.clear();
  }
}

async function lostInSilence(stage: Stage): Promise<void> {
  const quick = await stage.world.start({ rightsMs: 20 });
  const { packet } = await stage.world.packet();
  await quick.admit(ZOE);
  const stream = stage.follow(REVISIONS, { packet }, { by: ZOE, server: quick });
  const gate = stage.follow(GATE, { packet }, { by: ZOE, server: quick });
  await current(stream, 3);
  await gate.next();
  await quick.admit();
  expect(await endOf(stream)).toEqual([stage.transport.lostRights]);
  expect(await endOf(gate)).toEqual([stage.transport.lostRights]);
  await quick.followedBy(0);
}

async function gained(stage: Stage): Promise<void> {
  const ready = await stage.world.packet();
  const { packet } = ready;
  const sees = async (stream: { next(): Promise<object> }): Promise<unknown> => {
    const event = (await stream.next()) as { gate: { approval: { approvedBy: unknown } } };
    return event.gate.approval.approvedBy;
  };
  const yara = passport("yara", ["VIEWER"]);
  await stage.server.admit(yara);
  await stage.server.approve(ready);
  const stream = stage.follow(GATE, { packet }, { by: yara });
  expect(await sees(stream)).toBeNull();
  expect(await sees(stage.follow(GATE, { packet }))).toBe("olga");
  await stage.server.admit(passport("yara", ["VIEWER", "READER"]));
  await stage.server.place(packet);
  const event = await told(stream);
  expect(event["gate"]).toMatchObject({ approval: { approvedBy: "olga" } });
}

async function refusedAtOnce(stage: Stage): Promise<void> {
  const codeOf = async (query: string, variables: object) =>
    (await endOf(stage.follow(query, { ...variables }, { by: WHO.rita }))).at(-1);
  expect(await codeOf(REVISIONS, { packet: v7() })).toBe("UNKNOWN_PACKET");
  expect(await codeOf(GATE, { packet: v7() })).toBe("UNKNOWN_PACKET");
  expect(await codeOf(REVISIONS, {})).toBe("BAD_USER_INPUT");
}

/** What is no id of a packet, and no UUID for the most part. */
const NO_IDS = ["", "x", "018f", "0'; --", v7().toUpperCase(), v4(), `${v7()} `, "\0"];

/** What each stream of one packet tells first. */
const FIRST = [
  [REVISIONS, "Heartbeat"],
  [HOLD_CHANGES, "Heartbeat"],
  [REGISTER, "RegisterSnapshot"],
  [GATE, "GateEvent"],
] as const;

async function noIdAtAll(stage: Stage): Promise<void> {
  for (const [query, first] of FIRST) {
    // Of packets that nobody has followed, whose heads are read together with whatever is asked meanwhile.
    const ready = await Promise.all(NO_IDS.map(() => stage.world.packet()));
    const follow = (packet: string) => stage.follow(query, { packet }, { by: WHO.rita });
    const streams = NO_IDS.map((packet, index) => ({
      refused: follow(packet),
      neighbour: follow(ready[index]?.packet ?? ""),
    }));
    for (const { refused, neighbour } of streams) {
      expect((await neighbour.next()).kind).toBe(first);
      expect((await endOf(refused)).at(-1)).toBe("INVALID_INPUT");
    }
    await stage.clear();
  }
}

async function goneAway(stage: Stage): Promise<void> {
  const passing = await stage.world.start({});
  const { packet } = await stage.world.packet();
  const stream = stage.follow(REVISIONS, { packet }, { server: passing });
  const gate = stage.follow(GATE, { packet }, { server: passing });
  const after = await current(stream, 3);
  await gate.next();
  await passing.close();
  for (const left of [stream, gate]) expect(await endOf(left)).toEqual([stage.transport.goneAway]);
  await stage.server.place(packet);
  const again = stage.follow(REVISIONS, { packet, after });
  expect(numberOf(await told(again))).toBe(4);
}

/** Of who is told, and of how a stream ends. */
export const RIGHTS_CLAIMS: readonly Claim[] = [
  { claim: "W22 whoever lost a role is told nothing later", show: lostWithEvent },
  { claim: "W22 whoever lost their rights is let go also in silence", show: lostInSilence },
  { claim: "rights that were gained count from the next event", show: gained },
  { claim: "what may not be followed is refused at once", show: refusedAtOnce },
  { claim: "what can be no id of a packet is refused, and those beside it begin", show: noIdAtAll },
  { claim: "W31 a server that goes away says so, and another goes on", show: goneAway },
];
