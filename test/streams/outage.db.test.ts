import { afterAll, expect, inject, test } from "vitest";
import { connect } from "#database/connect.ts";
import { current, numberOf, told } from "./stage.ts";
import { WHO, streamWorld } from "./streamWorld.ts";
import { GATE, REGISTER, REVISIONS } from "./subscriptions.ts";
import { CURL, type Followed, SOCKETS } from "./transports.ts";

const world = streamWorld();
const keeper = connect(inject("serverUrl"), {
  applicationName: "holdfast tests",
  connectionsMax: 1,
});
afterAll(() => keeper.close());

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

  const name = new URL(world.databaseUrl).pathname.slice(1);
  await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await keeper.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
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
  await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);

  // Of what another process appends, no wake-up tells this one.
  const other = await world.start({});
  await other.place(packet);
  for (const stream of [...revisions, ...registers]) expect(numberOf(await told(stream))).toBe(4);
  for (const stream of gates) await closedUntil(stream, 4);
  for (const stream of [...revisions, ...registers, ...gates]) stream.leave();
  await server.followedBy(0);
});
