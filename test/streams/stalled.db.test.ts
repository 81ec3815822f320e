import { afterEach, expect, test } from "vitest";
import { type Opened } from "../workflow/trains.ts";
import { RawSocket } from "./rawSocket.ts";
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
  const received = await drained(stalled);
  expect(received).toBeLessThan(REVISIONS_MADE);
  expect(pulled - received).toBeLessThanOrEqual(1);
  for (const neighbour of neighbours) neighbour.leave();
  await server.followedBy(0);
});

/** How many messages came before the end. */
async function drained(socket: RawSocket): Promise<number> {
  let count = 0;
  for (;;) {
    try {
      await socket.next();
      count += 1;
    } catch {
      return count;
    }
  }
}

test("W24 a stalled reader of events is cut off, and comes back with what it had", async () => {
  const server = await world.start({ stalledMs: 150 });
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
