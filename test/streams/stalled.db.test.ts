import { afterEach, expect, test } from "vitest";
import { QUEUE_BYTES_MAX } from "#graphql/limits.ts";
import { type Opened } from "../workflow/trains.ts";
import type { Event } from "./inbox.ts";
import { type Message, RawSocket } from "./rawSocket.ts";
import { numberOf, told } from "./stage.ts";
import { type StreamServer, WHO, streamWorld } from "./streamWorld.ts";
import { REVISIONS } from "./subscriptions.ts";
import { CURL, SOCKETS } from "./transports.ts";

const world = streamWorld();

const sockets: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
});

/** An event of some 80 KB: what a connection holds by itself is soon full of them. */
const COPIES = Array.from({ length: 100 }, (_none, copy) => `copy${copy}: document`);
const LARGE = `subscription ($packet: UUID!, $after: Cursor) {
  revisions(packet: $packet, after: $after) {
    kind: __typename
    ... on Heartbeat { cursor head }
    ... on RevisionEvent { cursor revision { number ${COPIES.join(" ")} } }
  }
}`;

const REVISIONS_MADE = 240;

/** Of which so many subscriptions of one socket are told: more than its connection holds by itself. */
const MANY_MADE = 20;

/** A packet with many revisions after a cursor. */
async function history(server: StreamServer): Promise<Opened & { readonly after: string }> {
  const ready = await world.packet();
  const made = Array.from({ length: REVISIONS_MADE }, () => server.place(ready.packet));
  await Promise.all(made);
  return { ...ready, after: server.cursors.write(`revisions ${ready.packet}`, 3n) };
}

test("W24 W32 a stalled socket is closed, its neighbours go on, and nothing was piled up for it", async () => {
  const server = await world.start({ stalledMs: 150, closeMs: 60_000 });
  const { packet, after } = await history(server);
  const { packet: other } = await world.packet();
  const neighbours = [...SOCKETS, CURL].map((transport) =>
    transport.follow({
      url: server.url,
      by: WHO.rita,
      query: REVISIONS,
      variables: { packet: other },
    }),
  );
  for (const neighbour of neighbours) await neighbour.next();
  const stalled = new RawSocket(server.wsUrl);
  sockets.push(stalled);
  await stalled.introduce(WHO.rita);
  stalled.socket.pause();
  stalled.subscribe("1", LARGE, { packet, after });
  await server.followedBy(4);
  const placing = server.place(other);
  for (const neighbour of neighbours) expect(numberOf(await told(neighbour))).toBe(4);
  await placing;
  await server.followedBy(3);
  const pulled = server.pulled(packet);
  stalled.socket.resume();
  expect(await stalled.closed).toBe(4013);
  const received = (await eventsOf(stalled)).length;
  expect(received).toBeLessThan(REVISIONS_MADE);
  expect(pulled - received).toBeLessThanOrEqual(1);
  for (const neighbour of neighbours) neighbour.leave();
  await server.followedBy(0);
});

const MANY = 20;

test.each([
  ["read by themselves", "PAUSED_FIRST"],
  ["are told together", "CURRENT_FIRST"],
])(
  "W24 what waits for a stalled socket is bounded however many subscriptions of it %s, and all comes once and in order",
  async (_how, begin) => {
    const server = await world.start({ stalledMs: 600_000 });
    const { packet } = await world.packet();
    const after = server.cursors.write(`revisions ${packet}`, 3n);
    const placeHalf = async (): Promise<void> => {
      for (let made = 0; made < MANY_MADE / 2; made += 1) await server.place(packet);
    };
    const raw = await new RawSocket(server.wsUrl).introduce(WHO.rita);
    sockets.push(raw);
    if (begin === "PAUSED_FIRST") {
      await placeHalf();
      raw.socket.pause();
    }
    for (let id = 0; id < MANY; id += 1) raw.subscribe(String(id), LARGE, { packet, after });
    await server.followedBy(MANY);
    if (begin === "CURRENT_FIRST") {
      for (let id = 0; id < MANY; id += 1) await raw.next();
      raw.socket.pause();
      await placeHalf();
    }
    while (server.queueBytes < QUEUE_BYTES_MAX) await server.ask(WHO.rita, "{ viewer { name } }");
    await placeHalf();
    const waitingBytes = server.queueBytes;
    raw.socket.resume();
    const { numbers, largestBytes } = await toldOf(raw, MANY * MANY_MADE);
    expect(waitingBytes).toBeGreaterThan(QUEUE_BYTES_MAX);
    expect(waitingBytes).toBeLessThan(QUEUE_BYTES_MAX + 1.1 * largestBytes);
    const all = Array.from({ length: MANY_MADE }, (_none, index) => 4 + index);
    expect([...numbers.values()]).toEqual(Array.from({ length: MANY }, () => all));
  },
);

/** The numbers of the next so many revisions, by operation, and how long the longest message is. */
async function toldOf(raw: RawSocket, count: number) {
  const numbers = new Map<string, number[]>();
  let largestBytes = 0;
  for (let left = count; left > 0;) {
    const message = await raw.next();
    largestBytes = Math.max(largestBytes, JSON.stringify(message).length);
    const { id = "" } = message;
    const event = eventIn(message);
    if (event.kind === "Heartbeat") continue;
    left -= 1;
    numbers.set(id, [...(numbers.get(id) ?? []), numberOf(event)]);
  }
  return { numbers, largestBytes };
}

test("W24 a stalled socket that does not even take its close is counted by the code that it was closed with", async () => {
  const server = await world.start({ stalledMs: 50, closeMs: 50 });
  const { packet, after } = await history(server);
  const stalled = new RawSocket(server.wsUrl);
  sockets.push(stalled);
  await stalled.introduce(WHO.rita);
  stalled.socket.pause();
  stalled.subscribe("1", LARGE, { packet, after });
  await server.closed(1);
  expect(server.closes).toEqual(["4013"]);
});

function eventIn({ payload }: Message): Event {
  return (payload as { data: { revisions: Event } }).data.revisions;
}

/** What came before the end of a socket that is closed. */
async function eventsOf(socket: RawSocket): Promise<Event[]> {
  const events: Event[] = [];
  for (;;) {
    try {
      events.push(eventIn(await socket.next()));
    } catch {
      return events;
    }
  }
}

test("W24 a socket that does not gain on what it follows is closed, and goes on elsewhere from its last cursor", async () => {
  const server = await world.start({ stalledMs: 600_000, slowMs: 200, closeMs: 60_000 });
  const { packet, after } = await history(server);
  const slow = await new RawSocket(server.wsUrl).introduce(WHO.rita);
  sockets.push(slow);
  slow.socket.pause();
  slow.subscribe("1", LARGE, { packet, after });
  await server.followedBy(1);
  await server.followedBy(0);
  slow.socket.resume();
  expect(await slow.closed).toBe(4013);
  const before = await eventsOf(slow);
  expect(before.length).toBeLessThan(REVISIONS_MADE);
  const again = await new RawSocket(world.server.wsUrl).introduce(WHO.rita);
  sockets.push(again);
  again.subscribe("1", LARGE, { packet, after: before.at(-1)?.cursor ?? after });
  const numbers = before.map(numberOf);
  while (numbers.length < REVISIONS_MADE) numbers.push(numberOf(eventIn(await again.next())));
  expect(numbers).toEqual(Array.from({ length: REVISIONS_MADE }, (_none, index) => 4 + index));
});

test.each([
  ["takes nothing", { stalledMs: 150 }],
  ["does not gain on what they follow", { stalledMs: 600_000, slowMs: 200 }],
])("W24 a reader of events who %s is cut off", async (_what, limits) => {
  const server = await world.start(limits);
  const { packet, after } = await history(server);
  const abort = new AbortController();
  const response = await fetch(server.url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${WHO.rita.token}`,
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ query: LARGE, variables: { packet, after } }),
    signal: abort.signal,
  });
  // Nobody reads the body: what the connection holds fills up.
  expect(response.status).toBe(200);
  await server.followedBy(1);
  await server.followedBy(0);
  expect(server.pulled(packet)).toBeLessThan(REVISIONS_MADE);
  await expect(response.text()).rejects.toThrow("terminated");
  abort.abort();
});
