import { afterEach, describe, expect, test } from "vitest";
import { bearer } from "../identity/passports.ts";
import { Openings } from "./openings.ts";
import { RawFrames } from "./rawFrames.ts";
import { type Message, PROTOCOL, RawSocket } from "./rawSocket.ts";
import { WHO, streamWorld } from "./streamWorld.ts";
import { ALL_HOLD_CHANGES, GATE, REVISIONS } from "./subscriptions.ts";

const world = streamWorld();

const sockets: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
});

function socketTo(url = world.server.wsUrl, ...more: [object?, string[]?]): RawSocket {
  const socket = new RawSocket(url, ...more);
  sockets.push(socket);
  return socket;
}

const INIT = { type: "connection_init", payload: { authorization: bearer(WHO.rita) } };
const SUBSCRIBE = { type: "subscribe", id: "1", payload: { query: ALL_HOLD_CHANGES } };

describe("a socket is closed", () => {
  test.each([
    ["W02 for following before the introduction", [SUBSCRIBE], 4401],
    ["W02 for following before the acknowledgement", [INIT, SUBSCRIBE], 4401],
    ["W03 for two introductions", [INIT, INIT], 4429],
    ["for a token that nobody has", [{ ...INIT, payload: { authorization: "Bearer x" } }], 4403],
    ["for a token of another type", [{ ...INIT, payload: { authorization: 7 } }], 4403],
    ["for no token", [{ type: "connection_init" }], 4403],
    ["W07 for an introduction with a list", [{ type: "connection_init", payload: [] }], 4400],
    ["W07 for what is no JSON", ["{"], 4400],
    ["W07 for nothing", [""], 4400],
    ["W07 for null", ["null"], 4400],
    ["W07 for a list", ["[]"], 4400],
    ["W07 for a message without a type", [{}], 4400],
    ["W07 for an unknown type", [{ type: "start" }], 4400],
    ["W07 for a type that is inherited", [{ type: "toString" }], 4400],
    ["W10 for a message of a megabyte", [`{"type":"ping","x":"${"x".repeat(1 << 20)}"}`], 1009],
    ["W13 for bytes", [Buffer.from(JSON.stringify(INIT))], 1003],
    ["W15 for one byte above 64 KiB", ["x".repeat(65_537)], 1009],
  ])("%s", async (_what, messages, code) => {
    const raw = await socketTo().opened();
    for (const message of messages) {
      if (message instanceof Buffer) raw.socket.send(message);
      else raw.send(message);
    }
    expect(await raw.closed).toBe(code);
  });

  const { payload } = SUBSCRIBE;
  test.each([
    ["W03 an introduction", INIT, 4429],
    ["W07 no id", { type: "subscribe", payload }, 4400],
    ["W07 an empty id", { ...SUBSCRIBE, id: "" }, 4400],
    ["W07 a number for an id", { ...SUBSCRIBE, id: 1 }, 4400],
    ["W07 no payload", { type: "subscribe", id: "1" }, 4400],
    ["W07 null for a payload", { ...SUBSCRIBE, payload: null }, 4400],
    ["W07 a query that is no text", { ...SUBSCRIBE, payload: { query: {} } }, 4400],
    ["W07 a list of variables", { ...SUBSCRIBE, payload: { ...payload, variables: [] } }, 4400],
    [
      "W07 a name that is no text",
      { ...SUBSCRIBE, payload: { ...payload, operationName: 1 } },
      4400,
    ],
    [
      "W07 extensions that are none",
      { ...SUBSCRIBE, payload: { ...payload, extensions: 1 } },
      4400,
    ],
    ["W07 an end without an id", { type: "complete" }, 4400],
    ["W08 an event", { type: "next", id: "1", payload: { data: null } }, 4400],
    ["W08 errors", { type: "error", id: "1", payload: [{ message: "x" }] }, 4400],
    ["W08 an acknowledgement", { type: "connection_ack" }, 4400],
  ])("after the acknowledgement for %s", async (_what, message, code) => {
    const raw = await socketTo().introduce(WHO.rita);
    raw.send(message);
    expect(await raw.closed).toBe(code);
  });

  test.each(["1", "x".repeat(200), "__proto__"])("W09 for an id twice, %s", async (id) => {
    const raw = await socketTo().introduce(WHO.rita);
    raw.subscribe(id, ALL_HOLD_CHANGES);
    await raw.next();
    raw.subscribe(id, ALL_HOLD_CHANGES);
    expect(await raw.closed).toBe(4409);
    await world.server.followedBy(0);
  });

  test("W14 for text that is no UTF-8, for reserved bits and opcodes, and without a mask", async () => {
    const closeOf = async (first: number, payload: readonly number[], isMasked = true) => {
      const frames = await RawFrames.open(world.server.url, { "sec-websocket-protocol": PROTOCOL });
      frames.write(first, Buffer.from(payload), isMasked);
      const code = await frames.closeCode();
      frames.end();
      return code;
    };
    expect(await closeOf(0x81, [0xc3, 0x28])).toBe(1007);
    expect(await closeOf(0xc1, [0x7b])).toBe(1002);
    expect(await closeOf(0x83, [0x7b])).toBe(1002);
    expect(await closeOf(0x81, [0x7b], false)).toBe(1002);
  });

  test("W04 W05 where it does not speak the protocol of today", async () => {
    for (const offered of [{}, { "sec-websocket-protocol": "graphql-ws" }]) {
      const frames = await RawFrames.open(world.server.url, offered);
      expect(frames.head).toMatch(/^HTTP\/1\.1 101 /);
      expect(frames.head).not.toMatch(/sec-websocket-protocol/i);
      frames.write(0x81, Buffer.from('{"type":"connection_init"}'));
      expect(await frames.closeCode()).toBe(4406);
      frames.end();
    }
  });
});

test("W06 of two protocols, today's is spoken; W30 nothing is compressed", async () => {
  const raw = socketTo(world.server.wsUrl, { perMessageDeflate: true }, ["graphql-ws", PROTOCOL]);
  await raw.introduce(WHO.rita);
  expect([raw.socket.protocol, raw.socket.extensions]).toEqual([PROTOCOL, ""]);
});

describe("W19 an upgrade", () => {
  const own = (): string => world.server.url.replace("/graphql", "");
  test.each([
    ["https://desk.example", {}, 101],
    ["own", {}, 101],
    ["https://evil.example", {}, 403],
    ["null", {}, 403],
    ["https://desk.example.evil", {}, 403],
    ["https://desk.example, https://evil.example", {}, 403],
    ["HTTPS://DESK.EXAMPLE", {}, 403],
    [null, {}, 101],
    [null, { cookie: "session=1" }, 403],
  ])("of origin %s with %o is answered %d", async (said, headers, status) => {
    const origin = said === "own" ? own() : said;
    const frames = await RawFrames.open(world.server.url, {
      "sec-websocket-protocol": PROTOCOL,
      ...headers,
      ...(origin === null ? {} : { origin }),
    });
    expect(frames.head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    frames.end();
  });
});

test("W20 the token may come with the upgrade, but is not read from the address", async () => {
  const headers = { authorization: bearer(WHO.rita) };
  const raw = await socketTo(world.server.wsUrl, { headers }).opened();
  raw.send({ type: "connection_init" });
  expect(await raw.next()).toEqual({ type: "connection_ack" });
  const token = encodeURIComponent(bearer(WHO.rita));
  const other = socketTo(`${world.server.wsUrl}?authorization=${token}&token=${WHO.rita.token}`);
  await other.opened();
  other.send({ type: "connection_init" });
  expect(await other.closed).toBe(4403);
  expect(JSON.stringify(world.server.heard.lines)).not.toContain(WHO.rita.token);
});

/** What is wrong with one operation, and how its reader is told. */
const REFUSED: readonly (readonly [string, string, string])[] = [
  ["a syntax error", "subscription {", "GRAPHQL_PARSE_FAILED"],
  ["an empty document", "", "GRAPHQL_PARSE_FAILED"],
  ["an unknown field", "subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"],
  [
    "two fields",
    "subscription { allHoldChanges { __typename } other: allHoldChanges { __typename } }",
    "GRAPHQL_VALIDATION_FAILED",
  ],
  ["__typename for a field", "subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"],
  ["W12 a missing variable", REVISIONS, "BAD_USER_INPUT"],
  [
    "W23 a mutation",
    'mutation { epochFreeze(input: { reason: "x", idempotencyKey: "over-a-socket" }) { __typename } }',
    "WRONG_TRANSPORT",
  ],
  ["a query", "{ viewer { name } }", "WRONG_TRANSPORT"],
];

describe("W11 what is wrong with one operation", () => {
  test("ends that one with an error, and its neighbours go on", async () => {
    const { packet } = await world.packet();
    const raw = await socketTo().introduce(WHO.rita);
    raw.subscribe("good", REVISIONS, { packet });
    expect(await raw.next()).toMatchObject({ id: "good", type: "next" });
    for (const [what, query, code] of REFUSED) {
      raw.subscribe("bad", query);
      const { type, id, payload } = await raw.next();
      expect([type, id], what).toEqual(["error", "bad"]);
      expect(payload, what).toMatchObject([{ extensions: { code } }]);
    }
    await world.server.place(packet);
    expect(await raw.next()).toMatchObject({
      id: "good",
      type: "next",
      payload: { data: { revisions: { revision: { number: 4 } } } },
    });
  });

  test.each(["toString", "__proto__", "constructor", "\u{1f512}", "x".repeat(4_096)])(
    "W10 an id may be any text, such as %s",
    async (id) => {
      const raw = await socketTo().introduce(WHO.rita);
      raw.subscribe(id, ALL_HOLD_CHANGES);
      expect(await raw.next()).toMatchObject({ id, type: "next" });
      raw.send({ type: "complete", id });
      expect(await raw.untilPong()).toEqual([]);
      await world.server.followedBy(0);
    },
  );
});

test("a ping is answered with what it brought, and one of 64 KiB is taken", async () => {
  const raw = await socketTo().introduce(WHO.rita);
  raw.send({ type: "ping", payload: { at: 1 } });
  expect(await raw.next()).toEqual({ type: "pong", payload: { at: 1 } });
  raw.send({ type: "pong" });
  const bare = JSON.stringify({ type: "ping", payload: { fill: "" } });
  raw.send({ type: "ping", payload: { fill: "x".repeat(65_536 - bare.length) } });
  expect(await raw.next()).toMatchObject({ type: "pong" });
});

test("W26 an end that is asked for counts at once, and one of nothing is nothing", async () => {
  const { packet } = await world.packet();
  const raw = await socketTo().introduce(WHO.rita);
  raw.send({ type: "complete", id: "nobody" });
  raw.subscribe("1", REVISIONS, { packet });
  const { payload } = await raw.next();
  const { data } = payload as { data: { revisions: { cursor: string } } };
  const moved = world.server.place(packet);
  raw.send({ type: "complete", id: "1" });
  const inFlight = await raw.untilPong();
  expect(inFlight.length).toBeLessThan(2);
  await moved;
  await world.server.place(packet);
  raw.subscribe("2", REVISIONS, { packet, after: data.revisions.cursor });
  const after: Message[] = [await raw.next(), await raw.next(), await raw.next()];
  expect(after.map(({ id, type }) => `${id} ${type}`)).toEqual(["2 next", "2 next", "2 next"]);
});

test("an id may be used again as soon as its operation was ended", async () => {
  const raw = await socketTo().introduce(WHO.rita);
  for (let round = 0; round < 20; round += 1) {
    raw.subscribe("again", ALL_HOLD_CHANGES);
    raw.send({ type: "complete", id: "again" });
  }
  raw.subscribe("again", ALL_HOLD_CHANGES);
  expect(await raw.next()).toMatchObject({ id: "again", type: "next" });
  expect(await raw.untilPong()).toEqual([]);
  await world.server.followedBy(1);
});

test("W27 operations that are ended right behind their beginning leave nothing behind", async () => {
  const raw = await socketTo().introduce(WHO.rita);
  for (let round = 0; round < 20; round += 1) {
    raw.subscribe(String(round), `${ALL_HOLD_CHANGES} # ${round}`);
    raw.send({ type: "complete", id: String(round) });
  }
  raw.subscribe("last", ALL_HOLD_CHANGES);
  expect(await raw.next()).toMatchObject({ id: "last", type: "next" });
  raw.socket.close();
  await raw.closed;
  await world.server.followedBy(0);
});

test("W27 a socket that closes while it is opening subscriptions leaves nobody behind", async () => {
  const server = await world.start({});
  const { packet } = await world.packet();
  const openings = new Openings(server);
  const queries = [REVISIONS, GATE, ALL_HOLD_CHANGES];
  const SOCKETS = 10;
  const opening = async (others: number): Promise<RawSocket> => {
    const raw = await socketTo(server.wsUrl).introduce(WHO.rita);
    for (const [id, query] of queries.entries()) {
      raw.subscribe(String(id), query, query === ALL_HOLD_CHANGES ? {} : { packet });
    }
    await openings.reach((others + 1) * queries.length);
    return raw;
  };
  for (let round = 0; round < SOCKETS; round += 1) {
    const raw = await opening(round);
    if (round % 2 === 0) raw.socket.terminate();
    else raw.socket.close();
  }
  await server.closed(SOCKETS);
  // Whoever began last is told something only after all who left have been opened as well.
  const stays = await opening(SOCKETS);
  openings.letGo();
  const told = new Set<string | undefined>();
  while (told.size < queries.length) told.add((await stays.next()).id);
  expect(server.followers).toBe(queries.length);
  stays.socket.terminate();
  await server.followedBy(0);
  expect(server.heard.lines.filter(({ level }) => level !== "info")).toEqual([]);
});
