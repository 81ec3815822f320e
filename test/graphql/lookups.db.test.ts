import { beforeAll, describe, expect, test } from "vitest";
import { RITA } from "../workflow/cast.ts";
import { type Opened, openReady } from "../workflow/trains.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type Answered, served } from "./served.ts";

const fresh = freshDatabase();
const server = served(fresh);
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(server.desk, "ready");
});

describe("what is looked for by its id", () => {
  const ask = (query: string, variables: unknown): Promise<Answered> =>
    server.ask(RITA, query, variables);

  test("many ids at once are many elements of one list", async () => {
    const query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    const ids = Array.from({ length: 100_000 }, (_none, at) => `Packet:${at}`);
    expect((await ask(query, { ids })).status).toBe(400);
  });

  test("an id that is none finds nothing, in its place among others", async () => {
    const query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    const { packet } = ready;
    const held = await ask(
      "query ($id: UUID!) { packet(packet: $id) { holds(first: 1) { nodes { id } } } }",
      {
        id: packet,
      },
    );
    const [, hold = ""] = /"id":"(Hold:[^"]+)"/.exec(held.text) ?? [];
    const good = [`Packet:${packet}`, `Revision:${packet}.2`, hold];
    const wrong = [":", "", "Packet", "Packet:", "Viewer:1", "Gate:x", "__proto__:x", "\0"];
    const strange = [packet, `${packet}.0`, `${packet}.01`, `${packet}.-1`, `${packet}.1.1`];
    const bad = [
      ...wrong,
      ...strange.flatMap((id) => [`Revision:${id}`, `Hold:${id}`]),
      `Revision:${packet}.${"9".repeat(20)}`,
      `Hold:${packet}.1`,
      `Hold:${packet}.${"0".repeat(32)}`,
      `${hold}.1`,
      `${hold}0`,
      hold.toUpperCase(),
      `packet:${packet}`,
      `Packet:${packet}.1`,
      `Packet: ${packet}`,
      `Packet:${packet.toUpperCase()}`,
    ];
    const ids = [...bad, ...good, ...bad];
    const answer = await ask(query, { ids });
    const found = good.map((id) => ({ __typename: id.split(":")[0], id }));
    const nothing = bad.map(() => null);
    expect(answer.data).toEqual({ nodes: [...nothing, ...found, ...nothing] });
    expect(answer.errors).toEqual([]);
    for (const id of bad) {
      const one = await ask("query ($id: ID!) { node(id: $id) { id } }", { id });
      expect([one.data, one.errors], id).toEqual([{ node: null }, []]);
    }
  });
});

describe("a query for what nobody has finds nothing", () => {
  const TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "' OR 1=1 --",
    "%00",
    "x".repeat(10_000),
    "\u202e",
  ];
  const NUMBERS = [0, -1, 2_147_483_647, -2_147_483_648];
  const inPacket = (field: string): string => `{ packet(packet: "${ready.packet}") { ${field} } }`;
  const of = "of: { train: $text, exercise: false, kind: MANIFEST }";

  test.each<[string, string, () => string]>([
    ["packet", "UUID!", () => "{ packet(packet: $text) { status } }"],
    ["gate", "UUID!", () => "{ gate(packet: $text) { status } }"],
    ["node", "ID!", () => "{ node(id: $text) { id } }"],
    ["source", "String!", () => `{ source(${of}) { version } }`],
    [
      "sourceVersions",
      "String!",
      () => `{ sourceVersions(${of}) { totalCount edges { cursor } } }`,
    ],
    ["component", "String!", () => "{ component(name: $text, exercise: false) { label } }"],
    [
      "packets",
      "String!",
      () => "{ packets(filter: { train: $text }) { totalCount edges { cursor } } }",
    ],
    ["revisionBy", "RevisionDigest!", () => inPacket("revisionBy(digest: $text) { number }")],
  ])("by %s, whatever the text", async (_what, type, query) => {
    for (const text of TEXTS) {
      const asked = `query ($text: ${type}) ${query()}`;
      const { status, data, errors } = await server.ask(RITA, asked, { text });
      expect([status, errors], JSON.stringify(text)).toEqual([200, []]);
      expect(JSON.stringify(data)).not.toMatch(/"(?:status|id|label|version|number|cursor)":/);
    }
  });

  test.each<[string, () => string]>([
    ["revisionBy", () => inPacket("revisionBy(number: $number) { number }")],
    [
      "source",
      () => `{ source(of: { train: "ready", exercise: false, kind: MANIFEST }, version: $number)
        { version } }`,
    ],
  ])("by %s, whatever the number", async (_what, query) => {
    for (const number of NUMBERS) {
      const asked = `query ($number: Int!) ${query()}`;
      const { status, data, errors } = await server.ask(RITA, asked, { number });
      expect([status, errors], String(number)).toEqual([200, []]);
      expect(JSON.stringify(data)).not.toMatch(/"(?:version|number)":/);
    }
  });
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
