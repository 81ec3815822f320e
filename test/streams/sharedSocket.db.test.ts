import { expect, test } from "vitest";
import { passport } from "../identity/passports.ts";
import { RawSocket } from "./rawSocket.ts";
import { streamWorld } from "./streamWorld.ts";
import { REVISIONS } from "./subscriptions.ts";

// Rights are looked at with each event alone, so that this is what is shown.
const world = streamWorld({ rightsMs: 3_600_000 });

test("W22 I13: a socket whose operation ends while rights are looked at is closed, and its others are told nothing", async () => {
  const { server } = world;
  const zoe = passport("zoe", ["READER"]);
  await server.admit(zoe);
  const [{ packet }, { packet: other }] = [await world.packet(), await world.packet()];
  const raw = await new RawSocket(server.wsUrl).introduce(zoe);
  for (const [id, followed] of Object.entries({ one: packet, other })) {
    raw.subscribe(id, REVISIONS, { packet: followed });
    expect(await raw.next()).toMatchObject({ id, type: "next" });
  }
  await server.admit();
  const held = server.hold(zoe);
  await server.place(packet);
  await held.asked;
  raw.send({ type: "complete", id: "one" });
  expect(await raw.untilPong()).toEqual([]);
  held.answer();
  await server.place(other);
  await expect(raw.next()).rejects.toThrow("the socket is closed");
  expect(await raw.closed).toBe(4403);
});
