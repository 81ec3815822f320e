import { beforeAll, describe, expect, test } from "vitest";
import { numberOf, told } from "../streams/stage.ts";
import { WHO, streamWorld } from "../streams/streamWorld.ts";
import { CURL, SOCKETS, type Transport } from "../streams/transports.ts";
import type { Passport } from "../identity/passports.ts";

const world = streamWorld();

/** Stands in a reason, which is GOVERNED. */
const HIDDEN = "gsx-said-at-the-vault";
const HOLDS = "holds(first: 50) { totalCount edges { node { id code why subject } } }";
const WAY = { id: "" };
let packet = "";

beforeAll(async () => {
  ({ packet } = await world.packet());
  await world.server.place(packet, HIDDEN);
  const data = await world.server.ask(WHO.rita, `{ packet(packet: "${packet}") { ${HOLDS} } }`);
  const { holds } = data["packet"] as { holds: { edges: { node: { id: string; why: string } }[] } };
  WAY.id = holds.edges.find(({ node }) => node.why.includes(HIDDEN))?.node.id ?? "";
});

const asked = (by: Passport, query: string): Promise<string> =>
  world.server.ask(by, query).then((data) => JSON.stringify(data));

describe("A04: what a query hides no other way shows", () => {
  test.each<[string, () => string]>([
    ["the query itself", () => `{ packet(packet: "${packet}") { ${HOLDS} } }`],
    ["the edges of a list", () => `{ packets(first: 50) { edges { node { ${HOLDS} } } } }`],
    [
      "the id of the packet",
      () => `{ node(id: "Packet:${packet}") { ... on Packet { ${HOLDS} } } }`,
    ],
    ["the id of the hold", () => `{ node(id: "${WAY.id}") { ... on Hold { code why subject } } }`],
    ["a list of ids", () => `{ nodes(ids: ["${WAY.id}"]) { ... on Hold { code why subject } } }`],
    [
      "another name",
      () => `{ packet(packet: "${packet}") { holds(first: 50) { edges { node { code: why } } } } }`,
    ],
  ])("by %s", async (_way, query) => {
    expect(await asked(WHO.rita, query())).toContain(HIDDEN);
    expect(await asked(WHO.vic, query())).not.toContain(HIDDEN);
  });

  test.each<[string, Transport]>(
    [...SOCKETS, CURL].map((transport) => [transport.name, transport]),
  )("by following over %s", async (_name, transport) => {
    const query = `subscription ($packet: UUID!) { register(packet: $packet) { kind: __typename ... on Heartbeat { cursor head }
        ... on RegisterSnapshot { cursor packet { currentRevision { number } ${HOLDS} } }
        ... on HoldsChanged { cursor revision { packet number }
          change { holds(first: 50) { edges { node { ordinal subject } } } } } } }`;
    const wanted = { url: world.server.url, query, variables: { packet } };
    const followers = [WHO.rita, WHO.vic].map((by) => transport.follow({ ...wanted, by }));
    const first = await Promise.all(followers.map((stream) => told(stream)));
    expect(first.map((event) => JSON.stringify(event).includes(HIDDEN))).toEqual([true, false]);
    const revision = await world.server.place(packet, HIDDEN);
    const second = await Promise.all(followers.map((stream) => told(stream)));
    expect(second.map(numberOf)).toEqual([revision, revision]);
    const subjects = /"(?:ordinal|subject)":(?:"|\d)/;
    expect(second.map((event) => subjects.test(JSON.stringify(event)))).toEqual([true, false]);
    for (const stream of followers) stream.leave();
  });
});
