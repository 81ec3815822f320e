import { createConnection } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { bearer } from "../identity/passports.ts";
import { conform } from "./conformance.ts";
import { Openings } from "./openings.ts";
import { current, endOf, numberOf, told } from "./stage.ts";
import { WHO, streamWorld } from "./streamWorld.ts";
import { ALL_HOLD_CHANGES, REGISTER, REVISIONS } from "./subscriptions.ts";
import { CURL, curl } from "./transports.ts";

// Rights are looked at with each event alone, so that this is what is shown.
const world = streamWorld({ rightsMs: 3_600_000 });
conform(world, CURL);

/** What a reader sends who wants events, and the parts of it that make up a request's head. */
const EVENTS = "text/event-stream";
const BOTH = `application/graphql-response+json, application/json, ${EVENTS}, multipart/mixed`;

function post(body: object, accept: string, more: Record<string, string> = {}): Promise<Response> {
  const headers = { "content-type": "application/json", authorization: bearer(WHO.rita) };
  return fetch(world.server.url, {
    method: "POST",
    headers: { ...headers, accept, ...more },
    body: JSON.stringify(body),
  });
}

describe("Last-Event-ID", () => {
  test("is where a reader goes on, whatever `after` says", async () => {
    const { packet } = await world.packet();
    const wanted = { url: world.server.url, by: WHO.rita, query: REGISTER, variables: { packet } };
    const first = curl(wanted);
    const { cursor: start } = await first.next();
    await world.server.place(packet);
    await world.server.place(packet);
    const { cursor } = await told(first);
    const again = curl({ ...wanted, variables: { packet, after: start } }, [
      `last-event-id: ${cursor}`,
    ]);
    expect(numberOf(await again.next())).toBe(5);
    await current(again, 5);
    first.leave();
    again.leave();
    await world.server.followedBy(0);
  });

  test("is refused like any other cursor", async () => {
    const { packet } = await world.packet();
    const wanted = { url: world.server.url, by: WHO.rita, query: REVISIONS, variables: { packet } };
    const refused = curl(wanted, ["last-event-id: 7"]);
    expect(await endOf(refused)).toEqual(["400", "CURSOR_FORGED"]);
    expect(refused.events.head).toMatch(/^content-type: application\/json/im);
  });
});

test("a stream is neither compressed nor kept nor held back on its way", async () => {
  const stream = curl({ url: world.server.url, by: WHO.rita, query: ALL_HOLD_CHANGES });
  await stream.next();
  const { head } = stream.events;
  expect(head).toMatch(/^HTTP\/1\.1 200 /);
  expect(head).toMatch(/^content-type: text\/event-stream; charset=utf-8\r?$/im);
  expect(head).toMatch(/^cache-control: no-store\r?$/im);
  expect(head).toMatch(/^x-accel-buffering: no\r?$/im);
  expect(head).not.toMatch(/^content-encoding:/im);
  stream.leave();
  await world.server.followedBy(0);
});

describe("what is asked for and what is taken", () => {
  const SUBSCRIPTION = { query: ALL_HOLD_CHANGES };
  const QUERY = { query: "{ viewer { name } }" };
  test.each([
    ["a query, taken as events alone", QUERY, EVENTS, 400, "WRONG_TRANSPORT"],
    ["a query, taken either way", QUERY, BOTH, 200, undefined],
    ["a query, taken in any way", QUERY, "*/*", 200, undefined],
    [
      "a subscription, taken as JSON alone",
      SUBSCRIPTION,
      "application/json",
      200,
      "WRONG_TRANSPORT",
    ],
    ["what is no document, taken either way", { query: "{" }, BOTH, 400, "GRAPHQL_PARSE_FAILED"],
    ["what is no document, taken as events", { query: "{" }, EVENTS, 400, "GRAPHQL_PARSE_FAILED"],
  ])("%s", async (_what, body, accept, status, code) => {
    const response = await post(body, accept);
    expect(response.headers.get("content-type")).toMatch(/^application\/.*json/);
    const { errors = [] } = (await response.json()) as { errors?: { extensions: object }[] };
    expect([response.status, errors.map(({ extensions }) => extensions)]).toMatchObject([
      status,
      code === undefined ? [] : [{ code }],
    ]);
  });

  test("what the server is to blame for is answered 500, and only the log has it whole", async () => {
    const server = await world.start({});
    server.beforeHead = () => Promise.reject(new Error("nobody may read this"));
    const refused = curl({ url: server.url, by: WHO.rita, query: ALL_HOLD_CHANGES });
    expect(await endOf(refused)).toEqual(["500", "INTERNAL"]);
    expect(refused.events.head).not.toMatch(/^retry-after:/im);
  });

  test("a subscription, taken either way, is a stream", async () => {
    const response = await post(SUBSCRIPTION, BOTH);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    await response.body?.cancel();
    await world.server.followedBy(0);
  });

  test("H25: nothing by GET, and nothing by whoever is not known", async () => {
    const asked = await fetch(`${world.server.url}?query=${encodeURIComponent(ALL_HOLD_CHANGES)}`, {
      headers: { accept: EVENTS, authorization: bearer(WHO.rita) },
    });
    expect(asked.status).toBe(405);
    const unknown = await post(SUBSCRIPTION, EVENTS, { authorization: "Bearer hf_nobody" });
    expect(unknown.status).toBe(401);
  });
});

test("a quiet stream has comments, which are no events", async () => {
  const server = await world.start({ keepAliveMs: 20 });
  const { packet } = await world.packet();
  const stream = curl({ url: server.url, by: WHO.rita, query: REVISIONS, variables: { packet } });
  await current(stream, 3);
  while (stream.events.comments < 3) await server.ask(WHO.rita, "{ viewer { name } }");
  await server.place(packet);
  expect(numberOf(await stream.next())).toBe(4);
  stream.leave();
});

test("W27 readers that leave while their streams are being opened leave nobody behind", async () => {
  const server = await world.start({});
  const { packet } = await world.packet();
  const openings = new Openings(server);
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify({ query: REVISIONS, variables: { packet } });
  const lines = [
    "POST /graphql HTTP/1.1",
    `host: ${hostname}`,
    `authorization: ${bearer(WHO.rita)}`,
    `accept: ${EVENTS}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  const READERS = 20;
  for (let round = 0; round < READERS; round += 1) {
    const connection = createConnection(Number(port), hostname);
    await once(connection, "connect");
    connection.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    await openings.reach(round + 1);
    if (round % 3 === 0) connection.resetAndDestroy();
    else connection.destroy();
  }
  // Whoever began last is told something only after all who left have been opened as well.
  const stays = curl({ url: server.url, by: WHO.rita, query: REVISIONS, variables: { packet } });
  await openings.reach(READERS + 1);
  openings.letGo();
  await stays.next();
  expect(server.followers).toBe(1);
  await server.closed(READERS);
  stays.leave();
  await server.followedBy(0);
  expect(server.heard.lines.filter(({ level }) => level !== "info")).toEqual([]);
});
