import { afterAll, expect, inject, test } from "vitest";
import { connect } from "#database/connect.ts";
import { current, endOf, numberOf, told } from "./stage.ts";
import { WHO, streamWorld } from "./streamWorld.ts";
import { GATE, REGISTER, REVISIONS } from "./subscriptions.ts";
import { CURL, type Followed, SOCKETS, curl } from "./transports.ts";

const world = streamWorld();
const keeper = connect(inject("serverUrl"), {
  applicationName: "holdfast tests",
  connectionsMax: 1,
});
afterAll(() => keeper.close());

/** The database takes no connections while this runs, and has ended those that it had. */
async function whileAway(run: () => Promise<void>): Promise<void> {
  const name = new URL(world.databaseUrl).pathname.slice(1);
  await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await keeper.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
  try {
    await run();
  } finally {
    await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  }
}

/** Whether an answer comes between, when the database is back, depends on who is faster. */
async function closedUntil(stream: Followed, revision: number): Promise<void> {
  for (;;) {
    const gate = (await told(stream))["gate"] as { revision: number | null; status: string };
    expect(gate.status).toBe("CLOSED");
    if (gate.revision === revision) return;
  }
}

test("streams outlive a database that is away: gates are CLOSED meanwhile, and all that came is told", async () => {
  const { server } = world;
  const { packet } = await world.packet();
  const wanted = { url: server.url, by: WHO.rita, variables: { packet } };
  const follow = (query: string) =>
    [...SOCKETS, CURL].map((transport) => transport.follow({ ...wanted, query }));
  const [revisions, registers, gates] = [follow(REVISIONS), follow(REGISTER), follow(GATE)];
  for (const stream of revisions) await current(stream, 3);
  for (const stream of [...registers, ...gates]) await told(stream);

  await whileAway(async () => {
    for (let asked = 0; asked < 20; asked += 1) {
      server.stir();
      await server.ask(WHO.rita, "{ viewer { name } }");
    }
    for (const stream of gates) {
      expect((await told(stream))["gate"]).toMatchObject({
        revision: null,
        status: "CLOSED",
        reasons: ["UNREADABLE"],
      });
    }
  });

  // Of what another process appends, no wake-up tells this one.
  const other = await world.start({});
  await other.place(packet);
  for (const stream of [...revisions, ...registers]) expect(numberOf(await told(stream))).toBe(4);
  for (const stream of gates) await closedUntil(stream, 4);
  for (const stream of [...revisions, ...registers, ...gates]) stream.leave();
  await server.followedBy(0);
});

test("a script that comes back with its last id meanwhile is answered 503 and when to ask again, and goes on then", async () => {
  const { packet } = await world.packet();
  // Another node, which does not know yet where the packet's stream ends.
  const { url, cursors } = await world.start({});
  const resume = () =>
    curl({ url, by: WHO.rita, query: REVISIONS, variables: { packet } }, [
      `last-event-id: ${cursors.write(`revisions ${packet}`, 2n)}`,
    ]);
  await whileAway(async () => {
    const refused = resume();
    expect(await endOf(refused)).toEqual(["503", "UNAVAILABLE"]);
    expect(refused.events.head).toMatch(/^retry-after: 1\r?$/im);
  });
  for (;;) {
    const back = resume();
    await back.next().catch(() => undefined);
    back.leave();
    if (back.events.head.startsWith("HTTP/1.1 200 ")) break;
    expect(back.events.head).toMatch(/^HTTP\/1\.1 503 /);
  }
});
