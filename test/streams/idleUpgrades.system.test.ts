import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { RawSocket } from "./rawSocket.ts";
import { current, numberOf, told } from "./stage.ts";
import { WHO, streamWorld } from "./streamWorld.ts";
import { REVISIONS } from "./subscriptions.ts";
import { GRAPHQL_WS } from "./transports.ts";

const world = streamWorld();

const IDLE = 10_000;
const OPENED_AT_A_TIME = 100;
/** Below what one address may have, and what one process has descriptors for: both ends are in this one. */
const OPEN_MAX = 4_000;
const DRIP_MS = 200;

/** A head of an upgrade that comes a byte at a time and never ends; resolves when its connection is over. */
async function drip(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  socket.on("error", () => undefined);
  socket.write("GET /graphql HTTP/1.1\r\nhost: holdfast\r\nupgrade: websocket\r\nx-padding: ");
  const dripping = setInterval(() => socket.write("x"), DRIP_MS);
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    answer += text;
  });
  await once(socket, "close");
  clearInterval(dripping);
  return answer;
}

test("W29 a head that drips in and sockets that say nothing are closed, and nobody else is touched", async () => {
  const { server } = world;
  const { packet } = await world.packet();
  const wanted = { url: server.url, by: WHO.rita, query: REVISIONS, variables: { packet } };
  const neighbour = GRAPHQL_WS.follow(wanted);
  onTestFinished(() => neighbour.leave());
  await current(neighbour, 3);
  const dripped = drip(server.url);
  const closes: Promise<number>[] = [];
  while (closes.length < IDLE) {
    await closes[closes.length - OPEN_MAX];
    const sockets = Array.from({ length: OPENED_AT_A_TIME }, () => new RawSocket(server.wsUrl));
    await Promise.all(sockets.map((socket) => socket.opened()));
    closes.push(...sockets.map(({ closed }) => closed));
  }
  await server.place(packet);
  expect(numberOf(await told(neighbour))).toBe(4);
  expect(new Set(await Promise.all(closes))).toEqual(new Set([4408]));
  expect(await dripped).toMatch(/^HTTP\/1\.1 408 /);
  await server.place(packet);
  expect(numberOf(await told(neighbour))).toBe(5);
});
