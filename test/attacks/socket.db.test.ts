import { afterEach, describe, expect, test } from "vitest";
import { MESSAGE_BYTES_MAX } from "#graphql/limits.ts";
import { type Message, RawSocket } from "../streams/rawSocket.ts";
import { WHO, streamWorld } from "../streams/streamWorld.ts";
import { ALL_HOLD_CHANGES, REVISIONS } from "../streams/subscriptions.ts";
import { BAD_DOCUMENTS } from "./badDocuments.ts";

const world = streamWorld();

const sockets: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
});

async function introduced(): Promise<RawSocket> {
  const socket = new RawSocket(world.server.wsUrl);
  sockets.push(socket);
  return socket.introduce(WHO.rita);
}

/** What is wrong with the variables of one subscription. */
const BAD_VARIABLES: readonly (readonly [row: string, query: string, variables: string])[] = [
  ["D12", REVISIONS, `{"packet":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
  ["D12", REVISIONS, `{"__proto__":{"packet":"x"}}`],
  ["D13", REVISIONS, `{"packet":1.5}`],
  ["D13", REVISIONS, `{"packet":1e400}`],
  ["D13", REVISIONS, `{"packet":true}`],
  [
    "D15",
    "subscription ($if: Boolean!) { allHoldChanges { __typename @include(if: $if) } }",
    `{"if":null}`,
  ],
];

function messageOf(id: string, query: string, variables = "{}"): string {
  const [text, name] = [JSON.stringify(query), JSON.stringify(id)];
  return `{"type":"subscribe","id":${name},"payload":{"query":${text},"variables":${variables}}}`;
}

const MESSAGES: readonly (readonly [row: string, what: string, message: string])[] = [
  ...BAD_DOCUMENTS.flatMap(({ row, what, query }) => [
    [row, what, messageOf("bad", query)] as const,
    [
      row,
      `${what}, as a subscription`,
      messageOf("bad", query.replace(/^(?:mutation )?\{/, "subscription {")),
    ] as const,
  ]),
  ...BAD_VARIABLES.map(
    ([row, query, variables]) =>
      [row, variables.slice(0, 30), messageOf("bad", query, variables)] as const,
  ),
];
const isTaken = ([, , message]: (typeof MESSAGES)[number]): boolean =>
  Buffer.byteLength(message) <= MESSAGE_BYTES_MAX;

describe("S01: what is wrong with a document ends one subscription and no other", () => {
  test("whichever it is, its socket and its neighbour on it go on", async () => {
    const { packet } = await world.packet();
    const raw = await introduced();
    raw.subscribe("good", REVISIONS, { packet });
    expect(await raw.next()).toMatchObject({ id: "good", type: "next" });
    for (const [row, what, message] of MESSAGES.filter(isTaken)) {
      raw.send(message);
      const told: Message = await raw.next();
      expect([told.type, told.id], `${row} ${what}`).toEqual(["error", "bad"]);
      expect(told.payload, `${row} ${what}`).toBeInstanceOf(Array);
    }
    const revision = await world.server.place(packet);
    expect(await raw.next()).toMatchObject({
      id: "good",
      payload: { data: { revisions: { revision: { number: revision } } } },
    });
    expect(Reflect.get(Object.prototype, "isAdmin")).toBeUndefined();
  });

  test("above 64 KiB it is no message, and its socket alone is closed", async () => {
    const neighbour = await introduced();
    neighbour.subscribe("1", ALL_HOLD_CHANGES);
    await neighbour.next();
    const long = MESSAGES.filter((message) => !isTaken(message));
    expect(long.length).toBeGreaterThan(4);
    for (const [row, what, message] of long) {
      const raw = await introduced();
      raw.send(message);
      expect(await raw.closed, `${row} ${what}`).toBe(1009);
    }
    expect(await neighbour.untilPong()).toEqual([]);
  });

  test("none of it ended in a crash", () => {
    expect(world.server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});
