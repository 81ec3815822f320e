import { expect } from "vitest";
import { compareNames } from "#packet/name.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { confirmation, safeguard } from "../gate/reports.ts";
import { artifact } from "../gate/train.ts";
import { PIA } from "../workflow/cast.ts";
import { BINDINGS, GOOD_NEWS, accepted, newKey, settle, tell } from "../workflow/trains.ts";
import type { Claim } from "./conformance.ts";
import { type Stage, changeOf, current, numberOf, told, toldTimes } from "./stage.ts";
import { WHO } from "./streamWorld.ts";
import { ALL_HOLD_CHANGES, GATE, HOLD_CHANGES, REGISTER, REVISIONS } from "./subscriptions.ts";

const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_none, index) => first + index);

async function revisionsInOrder(stage: Stage): Promise<void> {
  const { packet, digest } = await stage.world.packet();
  const stream = stage.follow(REVISIONS, { packet });
  await current(stream, 3);
  await Promise.all(upTo(1, 20).map(() => stage.server.place(packet)));
  const events = await toldTimes(stream, 20);
  expect(events.map(numberOf)).toEqual(upTo(4, 23));
  let before = digest;
  for (const event of events) {
    const revision = event["revision"] as { digest: string; predecessor: string };
    expect(revision.predecessor).toBe(before);
    before = revision.digest;
  }
}

async function revisionsResumed(stage: Stage): Promise<void> {
  const { packet } = await stage.world.packet();
  const first = stage.follow(REVISIONS, { packet });
  const start = await current(first, 3);
  for (const _ of upTo(4, 6)) await stage.server.place(packet);
  const cursors = (await toldTimes(first, 3)).map(({ cursor }) => cursor);
  first.leave();
  for (const _ of upTo(7, 8)) await stage.server.place(packet);
  for (const [index, after] of [start, ...cursors].entries()) {
    const again = stage.follow(REVISIONS, { packet, after });
    const missed = upTo(4 + index, 8);
    expect((await toldTimes(again, missed.length)).map(numberOf)).toEqual(missed);
    await current(again, 8);
    if (index < 3) again.leave();
    else {
      const live = told(again);
      await stage.server.place(packet);
      expect(numberOf(await live)).toBe(9);
    }
  }
}

const BAD_NEWS = [
  confirmation("app", { observed: `sha256:${"0".repeat(64)}` }),
  safeguard("REGISTRY_RELEASE", "DISENGAGED"),
];

const OPENED = [
  "OPENED DIGEST_CONFIRMATION_MISSING 1",
  "OPENED DIGEST_MISMATCH 1",
  "OPENED PUBLICATION_SAFEGUARD_MISSING 1",
];

async function holdChangesResumed(stage: Stage): Promise<void> {
  const { packet } = await stage.world.packet();
  const first = stage.follow(HOLD_CHANGES, { packet });
  const start = await current(first, 3);
  await tell(stage.server.desk, packet, BAD_NEWS);
  await stage.server.place(packet);
  const events = await toldTimes(first, 4);
  expect(events.map(changeOf)).toEqual([...OPENED, "OPENED OPERATOR_HOLD 1"]);
  expect(events.map(numberOf)).toEqual([4, 4, 4, 5]);
  const cursors = [start, ...events.map(({ cursor }) => cursor)];
  for (const [index, after] of cursors.entries()) {
    const again = stage.follow(HOLD_CHANGES, { packet, after });
    expect(await toldTimes(again, 4 - index)).toEqual(events.slice(index));
    await current(again, 5);
    again.leave();
  }
}

async function silentRevisions(stage: Stage): Promise<void> {
  const { packet } = await stage.world.packet();
  const streams = [
    stage.follow(HOLD_CHANGES, { packet }),
    stage.follow(HOLD_CHANGES, { packet }),
  ] as const;
  for (const stream of streams) await current(stream, 3);
  await tell(stage.server.desk, packet, GOOD_NEWS.slice(0, 1));
  const after = await current(streams[0], 4);
  await tell(stage.server.desk, packet, BAD_NEWS.slice(0, 1));
  const again = stage.follow(HOLD_CHANGES, { packet, after });
  expect(await toldTimes(again, 2)).toEqual(await toldTimes(streams[0], 2));
  expect((await toldTimes(streams[1], 2)).map(numberOf)).toEqual([5, 5]);
}

async function registerFollowed(stage: Stage): Promise<void> {
  const { packet } = await stage.world.packet();
  await stage.server.place(packet);
  const stream = stage.follow(REGISTER, { packet });
  const snapshot = await stream.next();
  expect(snapshot).toMatchObject({
    kind: "RegisterSnapshot",
    packet: { status: "ON_HOLD", currentRevision: { number: 4 } },
  });
  const holds = snapshot["packet"] as { holds: { edges: { node: object }[] } };
  expect(holds.holds.edges.map(({ node }) => node)).toContainEqual({
    code: "OPERATOR_HOLD",
    status: "OPEN",
  });
  await current(stream, 4);
  await stage.server.place(packet);
  const change = await told(stream);
  expect([numberOf(change), changeOf(change)]).toEqual([5, "OPENED OPERATOR_HOLD 1"]);
  for (const query of [REGISTER, HOLD_CHANGES]) {
    const again = stage.follow(query, { packet, after: snapshot.cursor });
    expect(await again.next()).toEqual(change);
    await current(again, 5);
  }
}

async function gateFollowed(stage: Stage): Promise<void> {
  const ready = await stage.world.packet();
  const { packet } = ready;
  const stream = stage.follow(GATE, { packet }, { by: WHO.vic });
  const gates = [(await stream.next())["gate"]];
  await stage.server.approve(ready);
  gates.push((await told(stream))["gate"]);
  await stage.server.place(packet);
  const last = await told(stream);
  gates.push(last["gate"]);
  expect(gates).toMatchObject([
    { status: "CLOSED", reasons: ["NOT_APPROVED"], revision: 3 },
    { status: "OPEN", reasons: [], revision: 4 },
    { status: "CLOSED", reasons: ["HOLDS_OPEN", "APPROVAL_LAPSED"], revision: 5 },
  ]);
  const again = stage.follow(GATE, { packet, after: last.cursor }, { by: WHO.vic });
  expect(await again.next()).toEqual(last);
}

async function allInOneOrder(stage: Stage): Promise<void> {
  const packets = [await stage.world.packet(), await stage.world.packet()];
  const readers = [stage.follow(ALL_HOLD_CHANGES), stage.follow(ALL_HOLD_CHANGES)] as const;
  const head = await stage.server.desk.ledger.sequence();
  for (const reader of readers) await current(reader, head);
  await Promise.all(
    packets.flatMap(({ packet }) => upTo(1, 5).map(() => stage.server.place(packet))),
  );
  const [events, same] = await Promise.all(readers.map((reader) => toldTimes(reader, 10)));
  expect(same).toEqual(events);
  for (const { packet } of packets) {
    const its = events?.filter(
      ({ revision }) => (revision as { packet: string }).packet === packet,
    );
    expect(its?.map(numberOf)).toEqual(upTo(4, 8));
  }
  const again = stage.follow(ALL_HOLD_CHANGES, { after: events?.[3]?.cursor });
  expect(await toldTimes(again, 6)).toEqual(events?.slice(4));
}

const MANY = 1_000;
const NAMES = upTo(1, MANY).map((index) => `modules/part-${String(index).padStart(4, "0")}`);

interface Page {
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  readonly edges: readonly { readonly node: { readonly subject: string } }[];
}

const FURTHER = `query ($packet: UUID!, $after: String) {
  packet(packet: $packet) {
    currentRevision { holdChanges(code: DIGEST_CONFIRMATION_MISSING, transition: OPENED) {
      holds(first: 500, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { ordinal subject } }
      }
    } }
  }
}`;

/** Rule 4.2.5. */
async function manyAsOne(stage: Stage): Promise<void> {
  const { desk } = stage.server;
  const stream = stage.follow(ALL_HOLD_CHANGES);
  await current(stream, await desk.ledger.sequence());
  const artifacts = NAMES.map((name) => artifact(name));
  const sources = [{ kind: "MANIFEST", artifacts }];
  const train = `many-${stage.transport.name}`;
  const settled = await settle(desk, train, { sources });
  const { exercise } = settled;
  const wish = { idempotencyKey: newKey(), train, exercise, bindings: BINDINGS, entries: [] };
  const { packet } = accepted(await packetOpen(desk, PIA, wish));
  let event = await told(stream);
  while (changeOf(event) !== `OPENED DIGEST_CONFIRMATION_MISSING ${MANY}`)
    event = await told(stream);
  expect(event["revision"]).toEqual({ packet, number: 1 });
  const first = (event["change"] as { holds: Page }).holds;
  const { packet: seen } = await stage.server.ask(WHO.rita, FURTHER, {
    packet,
    after: first.pageInfo.endCursor,
  });
  const { currentRevision } = seen as {
    currentRevision: { holdChanges: readonly { readonly holds: Page }[] };
  };
  const second = currentRevision.holdChanges[0]?.holds;
  expect([first.totalCount, first.pageInfo.hasNextPage]).toEqual([MANY, true]);
  expect(second?.pageInfo.hasNextPage).toBe(false);
  const subjects = [...first.edges, ...(second?.edges ?? [])].map(
    ({ node }) => node.subject.split(" ")[0] ?? "",
  );
  expect(subjects.toSorted(compareNames)).toEqual(NAMES);
}

/** Of what a stream tells, and when. */
export const DELIVERY_CLAIMS: readonly Claim[] = [
  { claim: "revisions come in order, one each, chained by digest", show: revisionsInOrder },
  {
    claim: "from every cursor come exactly the later revisions, then live",
    show: revisionsResumed,
  },
  { claim: "hold changes resume also within one revision", show: holdChangesResumed },
  { claim: "revisions that change no hold move the reader on", show: silentRevisions },
  { claim: "a register is told as it is, then what changes", show: registerFollowed },
  { claim: "a gate is told at once, and whenever it becomes another", show: gateFollowed },
  { claim: "changes of all packets have one order for all", show: allInOneOrder },
  { claim: "1,000 artifacts are one event with a count and pages", show: manyAsOne },
];
