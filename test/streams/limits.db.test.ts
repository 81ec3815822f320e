import { afterEach, expect, test } from "vitest";
import { bearer } from "../identity/passports.ts";
import { RawFrames } from "./rawFrames.ts";
import { PROTOCOL, RawSocket } from "./rawSocket.ts";
import { endOf } from "./stage.ts";
import { type StreamServer, WHO, streamWorld } from "./streamWorld.ts";
import { ALL_HOLD_CHANGES, REVISIONS } from "./subscriptions.ts";
import { curl } from "./transports.ts";

const world = streamWorld();

const sockets: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
});

function socketTo(server: StreamServer, options: object = {}): RawSocket {
  const socket = new RawSocket(server.wsUrl, options);
  sockets.push(socket);
  return socket;
}

test("W01 whoever does not introduce themselves in time is closed", async () => {
  const server = await world.start({ introductionMs: 20 });
  const idle = await socketTo(server).opened();
  expect(await idle.closed).toBe(4408);
});

test("W16 one subscription too many is refused, and the others go on", async () => {
  const server = await world.start({ subscriptionsMax: 3 });
  const { packet } = await world.packet();
  const raw = await socketTo(server).introduce(WHO.rita);
  for (const id of ["1", "2", "3"]) {
    raw.subscribe(id, REVISIONS, { packet });
    expect(await raw.next()).toMatchObject({ id, type: "next" });
  }
  raw.subscribe("4", REVISIONS, { packet });
  expect(await raw.next()).toMatchObject({
    id: "4",
    type: "error",
    payload: [{ extensions: { code: "SUBSCRIPTION_LIMIT" } }],
  });
  raw.send({ type: "complete", id: "2" });
  raw.subscribe("4", REVISIONS, { packet });
  expect(await raw.next()).toMatchObject({ id: "4", type: "next" });
  await server.place(packet);
  const told = [await raw.next(), await raw.next(), await raw.next()].map(({ id }) => id);
  expect(new Set(told)).toEqual(new Set(["1", "3", "4"]));
});

test("W16 a principal has so many subscriptions over all their sockets: one too many is refused, and the others go on", async () => {
  const server = await world.start({ subscriptionsOfPrincipalMax: 3 });
  const { packet } = await world.packet();
  const [one, other, ivans] = [
    await socketTo(server).introduce(WHO.rita),
    await socketTo(server).introduce(WHO.rita),
    await socketTo(server).introduce(WHO.ivan),
  ];
  const begin = async (raw: RawSocket, id: string, more = {}) => {
    raw.subscribe(id, REVISIONS, { packet, ...more });
    expect(await raw.next()).toMatchObject({ id, type: "next" });
  };
  const refused = async (query = REVISIONS, code = "SUBSCRIPTION_LIMIT") => {
    other.subscribe("refused", query, { packet });
    expect(await other.next()).toMatchObject({
      id: "refused",
      type: "error",
      payload: [{ extensions: { code } }],
    });
  };
  // A message of 9 KB is as many as there may be.
  await begin(one, "long", { fill: "x".repeat(9_000) });
  await refused();
  one.send({ type: "complete", id: "long" });
  await one.untilPong();
  await begin(one, "1");
  await begin(one, "2");
  // What does not begin takes no place.
  await refused("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED");
  await begin(other, "3");
  await refused();
  await begin(ivans, "4");
  one.send({ type: "complete", id: "1" });
  await one.untilPong();
  await begin(other, "5");
  await refused();
  one.socket.close();
  await one.closed;
  await begin(other, "6");
  await refused();
  await server.place(packet);
  const told = [await other.next(), await other.next(), await other.next()].map(({ id }) => id);
  expect(new Set(told)).toEqual(new Set(["3", "5", "6"]));
  expect(await ivans.next()).toMatchObject({ id: "4", type: "next" });
});

test("W17 a principal has so many sockets and streams, and nobody else is touched", async () => {
  const server = await world.start({ streamsOfPrincipalMax: 2 });
  const first = await socketTo(server).introduce(WHO.rita);
  const wanted = { url: server.url, by: WHO.rita, query: ALL_HOLD_CHANGES };
  const stream = curl(wanted);
  await stream.next();
  const third = await socketTo(server).opened();
  third.send({ type: "connection_init", payload: { authorization: bearer(WHO.rita) } });
  expect(await third.closed).toBe(4429);
  expect(await endOf(curl(wanted))).toEqual(["429", "TOO_MANY_STREAMS"]);
  await socketTo(server).introduce(WHO.ivan);
  first.socket.close();
  await first.closed;
  await socketTo(server).introduce(WHO.rita);
  stream.leave();
});

test("W18 a flood of messages or of pings closes its socket alone", async () => {
  const server = await world.start({ messagesPerSecondMax: 50 });
  const { packet } = await world.packet();
  const calm = await socketTo(server).introduce(WHO.rita);
  calm.subscribe("1", REVISIONS, { packet });
  await calm.next();
  const flooding = await socketTo(server).introduce(WHO.ivan);
  for (let sent = 0; sent < 10_000; sent += 1) flooding.send({ type: "ping" });
  expect(await flooding.closed).toBe(4429);
  for (const opcode of [0x89, 0x8a]) {
    const frames = await RawFrames.open(server.url, { "sec-websocket-protocol": PROTOCOL });
    for (let sent = 0; sent < 200; sent += 1) frames.write(opcode, Buffer.from("x"));
    expect(await frames.closeCode()).toBe(4429);
    frames.end();
  }
  await server.place(packet);
  expect(await calm.next()).toMatchObject({ id: "1", type: "next" });
});

test("W18 a flood that is spread over a principal's sockets closes those that send it, and nobody else's", async () => {
  // Of 20 a minute two may come at once.
  const server = await world.start({ messagesOfPrincipalPerMinuteMax: 20, keepAliveMs: 300 });
  const { packet } = await world.packet();
  const quiet = await socketTo(server).introduce(WHO.rita);
  quiet.subscribe("1", REVISIONS, { packet });
  await quiet.next();
  const [first, second, third] = [
    await socketTo(server).introduce(WHO.rita),
    await socketTo(server).introduce(WHO.rita),
    await socketTo(server).introduce(WHO.rita),
  ];
  expect(await first.untilPong()).toEqual([]);
  for (const flooding of [second, third]) {
    // Far less than one socket may send.
    for (let sent = 0; sent < 50; sent += 1) flooding.send({ type: "ping" });
    expect(await flooding.closed).toBe(4429);
  }
  const ivans = await socketTo(server).introduce(WHO.ivan);
  expect(await ivans.untilPong()).toEqual([]);
  // Whoever only answers what they are asked stays.
  for (let pinged = 0; pinged < 3; pinged += 1) {
    await new Promise((resolve) => {
      quiet.socket.once("ping", resolve);
    });
  }
  await server.place(packet);
  expect(await quiet.next()).toMatchObject({ id: "1", type: "next" });
  expect(first.socket.readyState).toBe(first.socket.OPEN);
});

test("W18 to follow is to ask: whoever asks too often is refused it and told when to come again, and the others go on", async () => {
  const server = await world.start({}, { HOLDFAST_REQUESTS_PER_MINUTE: "3" });
  const { packet } = await world.packet();
  const raw = await socketTo(server).introduce(WHO.rita);
  for (const id of ["1", "2"]) {
    raw.subscribe(id, REVISIONS, { packet });
    expect(await raw.next()).toMatchObject({ id, type: "next" });
  }
  raw.subscribe("3", REVISIONS, { packet });
  expect(await raw.next()).toMatchObject({
    id: "3",
    type: "error",
    payload: [
      { extensions: { code: "RATE_LIMITED", retryAfterSeconds: expect.any(Number) as number } },
    ],
  });
  const ivans = await socketTo(server).introduce(WHO.ivan);
  ivans.subscribe("4", REVISIONS, { packet });
  expect(await ivans.next()).toMatchObject({ id: "4", type: "next" });
  await server.place(packet);
  const told = [await raw.next(), await raw.next()].map(({ id, type }) => `${id} ${type}`);
  expect(new Set(told)).toEqual(new Set(["1 next", "2 next"]));
});

test("W25 whoever answers no ping is gone within two of them", async () => {
  const server = await world.start({ keepAliveMs: 300 });
  const silent = await socketTo(server, { autoPong: false }).introduce(WHO.rita);
  silent.subscribe("1", ALL_HOLD_CHANGES);
  await silent.next();
  expect(await silent.closed).toBe(1006);
  await server.followedBy(0);
  const lively = await socketTo(server).introduce(WHO.rita);
  for (let pinged = 0; pinged < 3; pinged += 1) {
    await new Promise((resolve) => {
      lively.socket.once("ping", resolve);
    });
  }
  expect(await lively.untilPong()).toEqual([]);
});

test("whoever asks and takes no answer is closed before the answers pile up", async () => {
  const server = await world.start({ untakenBytesMax: 1 << 20, messagesPerSecondMax: 1e6 });
  const raw = await socketTo(server).introduce(WHO.rita);
  raw.subscribe("1", ALL_HOLD_CHANGES);
  await raw.next();
  const fill = "x".repeat(60_000);
  raw.socket.pause();
  // Far more than the kernel keeps for both ends, so that the answers must pile up in the server.
  for (let sent = 0; sent < 1000; sent += 1) raw.send({ type: "ping", payload: { fill } });
  await server.followedBy(0);
  raw.socket.resume();
  expect(await raw.closed).toBe(4013);
});
