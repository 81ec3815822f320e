import { readFile, writeFile } from "node:fs/promises";
import { createServer, request, type IncomingMessage } from "node:http";
import { type AddressInfo, createConnection } from "node:net";
import { once } from "node:events";
import path from "node:path";
import { afterEach, describe, expect, inject, test } from "vitest";
import { WebSocket } from "ws";
import { connect } from "#database/connect.ts";
import { CannotListen } from "#door/httpDoor.ts";
import { PrincipalsUnusable } from "#identity/principalsFile.ts";
import { Refusal } from "#packet/refusal.ts";
import type { RunningServer } from "#server.ts";
import { DatabaseUnreachable } from "#store.ts";
import { epochFreeze } from "#workflow/epochFreeze.ts";
import { epochThaw } from "#workflow/epochThaw.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { bearer } from "../identity/passports.ts";
import { configFor, principalsFile, RUTH, startTestServer, type TestServer } from "./startTest.ts";

const database = freshDatabase();
const principals = principalsFile();

const started: RunningServer[] = [];
afterEach(async () => {
  // Also what a failed test has left: the next one begins with nobody on the database.
  await Promise.all(started.splice(0).map((server) => server.close()));
});

async function start(change: Record<string, string> = {}): Promise<TestServer> {
  const test = await startTestServer(configFor(database.url, principals.path, change));
  started.push(test.server);
  return test;
}

async function readyOf(url: string): Promise<{ code: number; body: unknown }> {
  const response = await fetch(`${url}/ready`);
  return { code: response.status, body: await response.json() };
}

/** Sends an upgrade and resolves to the status of its refusal. */
async function refusalOf(url: string, headers: Record<string, string>): Promise<number> {
  const asking = request(url, { headers: { connection: "Upgrade", ...headers } });
  asking.end();
  const [response] = (await once(asking, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
}

/** Resolves when no session of the server is on its database any more. */
async function leftTheDatabase(): Promise<void> {
  const own = connect(database.url, { applicationName: "holdfast tests", connectionsMax: 1 });
  try {
    const sessions = () => own.sql`
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'holdfast server%'`;
    // Postgres takes a moment to end the session of a connection that was closed.
    while ((await sessions()).length > 0) continue;
  } finally {
    await own.close();
  }
}

describe("a server that runs", () => {
  test("answers its probes, and says on which database it is", async () => {
    const { server } = await start();
    const live = await fetch(`${server.url}/live`);
    expect([live.status, await live.json()]).toEqual([200, { status: "LIVE" }]);
    expect(await readyOf(server.url)).toEqual({
      code: 200,
      body: {
        status: "READY",
        database: "EXTERNAL",
        databaseRole: "APPEND_ONLY",
        checks: {
          database: "OK",
          principals: "OK",
          signers: "OK",
          oidc: "NONE",
          clock: "OK",
          lineage: "OK",
          witness: "NONE",
          changeRate: "NOT_CONTROLLED",
          revocations: "OK",
          wakeUps: "IN_PROCESS",
        },
      },
    });
    const asked = await fetch(`${server.url}/ready?verbose`, { method: "HEAD" });
    expect([asked.status, await asked.text()]).toEqual([200, ""]);
    expect((await fetch(`${server.url}/live`, { method: "POST" })).status).toBe(405);
    await server.close();
  });

  test("tells anybody what an offline sign-in must name, and nothing else", async () => {
    const { server, room } = await start();
    const asked = await fetch(`${server.url}/sign-in`);
    const { epoch } = await room.options.desk.ledger.moment();
    const { deployment } = room.options.desk.ledger;
    expect(await asked.json()).toEqual({ deployment, epoch: String(epoch) });
    expect((await fetch(`${server.url}/sign-in`, { method: "POST" })).status).toBe(405);
    await server.close();
  });

  test("has nothing at other paths, and says where the API is", async () => {
    const { server } = await start();
    for (const path of ["/", "/graphqlx", "/live/", "/GRAPHQL"]) {
      const response = await fetch(`${server.url}${path}`);
      expect(response.status, path).toBe(404);
      expect(await response.json()).toMatchObject({ error: "NOT_FOUND" });
    }
    await server.close();
  });

  test("hands requests and upgrades to the API, with whoever asks and its own origins", async () => {
    const { server, room } = await start({ HOLDFAST_ORIGINS: "https://desk.example" });
    const { port } = new URL(server.url);
    expect(room.options).toMatchObject({
      embedded: false,
      introspection: true,
      origins: [
        "https://desk.example",
        `http://127.0.0.1:${port}`,
        `http://localhost:${port}`,
        `http://[::1]:${port}`,
      ],
    });
    const headers = { authorization: bearer(RUTH) };
    expect(await (await fetch(`${server.url}/graphql/who`, { headers })).text()).toBe("ruth");
    expect(await (await fetch(`${server.url}/graphql/who`)).text()).toBe("nobody");

    const socket = new WebSocket(`${server.url.replace("http", "ws")}/graphql`);
    await once(socket, "open");
    const closed = once(socket, "close");
    await server.close();
    await closed;
  });

  test("refuses upgrades of any other kind, or anywhere else", async () => {
    const { server } = await start();
    expect(await refusalOf(`${server.url}/live`, { upgrade: "websocket" })).toBe(404);
    expect(await refusalOf(`${server.url}/graphql`, { upgrade: "h2c" })).toBe(400);
    await server.close();
  });

  test("keeps a crash to its log", async () => {
    const { server, heard } = await start();
    const response = await fetch(`${server.url}/graphql/crash`, { method: "POST", body: "{}" });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("nobody may read this");
    expect(heard.lines).toMatchObject([{ level: "error", fields: { path: "/graphql/crash" } }]);
    await server.close();
  });
});

describe("a server is not ready", () => {
  test("while the principals file has a fault", async () => {
    const { server } = await start();
    const text = await readFile(principals.path, "utf8");
    await writeFile(principals.path, "{");
    let ready = await readyOf(server.url);
    while (ready.code === 200) ready = await readyOf(server.url);
    expect(ready).toMatchObject({ code: 503, body: { checks: { principals: "FAULTY" } } });
    await writeFile(principals.path, text);
    while (ready.code !== 200) ready = await readyOf(server.url);
    await server.close();
  });

  test("while its database is away, and is again when that is back", async () => {
    const { server } = await start();
    const name = new URL(database.url).pathname.slice(1);
    const keeper = connect(inject("serverUrl"), {
      applicationName: "holdfast tests",
      connectionsMax: 1,
    });
    await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await keeper.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
    let ready = await readyOf(server.url);
    while (ready.code === 200) ready = await readyOf(server.url);
    expect(ready).toMatchObject({
      code: 503,
      body: { status: "NOT_READY", checks: { database: "NO_ANSWER", clock: "UNKNOWN" } },
    });
    expect((await fetch(`${server.url}/live`)).status).toBe(200);
    await keeper.sql.unsafe(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await keeper.close();
    while (ready.code !== 200) ready = await readyOf(server.url);
    await server.close();
  });

  test("but is while somebody has frozen the epoch", async () => {
    const { server, room } = await start();
    const actor = { actor: "ruth", kind: "PERSON", roles: ["RELEASE_SECURITY"] } as const;
    const { desk } = room.options;
    const frozen = await epochFreeze(desk, actor, {
      idempotencyKey: "freeze-for-a-drill",
      reason: "a drill",
    });
    expect(frozen).not.toBeInstanceOf(Refusal);
    expect(await readyOf(server.url)).toMatchObject({
      code: 200,
      body: { checks: { clock: "FROZEN" } },
    });
    const thawed = await epochThaw(desk, actor, {
      idempotencyKey: "thaw-after-a-drill",
      reason: "it is over",
    });
    expect(thawed).not.toBeInstanceOf(Refusal);
    await server.close();
  });
});

describe("the epoch", () => {
  test("is ticked before the first answer and goes on", async () => {
    const { server, room } = await start({ HOLDFAST_EPOCH_MS: "1500" });
    const { ledger } = room.options.desk;
    const { epoch, doubt } = await ledger.moment();
    expect(doubt).toBeNull();
    let now = epoch;
    while (now < epoch + 2n) now = (await ledger.moment()).epoch;
    await server.close();
    await expect(ledger.stepClock({ asker: null, decide: () => null })).rejects.toThrow("closed");
  });
});

describe("a server that is closed", () => {
  test("answers what runs, takes nothing new, and then leaves the database", async () => {
    const { server, room } = await start({ HOLDFAST_DRAIN_MS: "600000" });
    const answer = fetch(`${server.url}/graphql/wait`);
    await room.arrived(1);
    const closing = server.close();
    await expect(fetch(`${server.url}/live`)).rejects.toThrow("fetch failed");
    expect(room.closed).toEqual([]);
    room.letGo();
    const response = await answer;
    expect([response.status, await response.text()]).toEqual([200, "answered"]);
    await closing;
    expect(room.closed).toEqual(["api"]);
    await server.close();
    await leftTheDatabase();
  });

  test("says that it drains on a connection that it still serves", async () => {
    const { server, room } = await start({ HOLDFAST_DRAIN_MS: "600000" });
    const { port } = new URL(server.url);
    let heard = "";
    const asking = createConnection(Number(port), "127.0.0.1");
    asking.setEncoding("utf8").on("data", (text: string) => {
      heard += text;
    });
    asking.write("GET /graphql/wait HTTP/1.1\r\nHost: x\r\n\r\n");
    await room.arrived(1);
    const closing = server.close();
    const ended = once(asking, "close");
    // The one after it has come only when the probe has.
    asking.write("GET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
    asking.write("GET /graphql/wait HTTP/1.1\r\nHost: x\r\n\r\n");
    await room.arrived(2);
    room.letGo();
    await ended;
    await closing;
    expect(heard).toContain("answered");
    expect(heard).toMatch(/HTTP\/1\.1 503 [\s\S]+"status":"DRAINING"/);
  });

  test("cuts off what does not end in time", async () => {
    const { server, room, heard } = await start({ HOLDFAST_DRAIN_MS: "1" });
    const answer = fetch(`${server.url}/graphql/wait`);
    await room.arrived(1);
    const outcome = answer.catch((fault: unknown) => String(fault));
    await server.close();
    expect(await outcome).toContain("fetch failed");
    expect(heard.lines).toMatchObject([{ level: "warn", fields: { requests: 1 } }]);
  });

  test("does not wait for streams, which never end by themselves", async () => {
    const { server, heard } = await start({ HOLDFAST_DRAIN_MS: "600000" });
    const stream = await fetch(`${server.url}/graphql/stream`);
    const rest = stream.text().catch((fault: unknown) => String(fault));
    await server.close();
    expect(await rest).toContain("terminated");
    expect(heard.lines).toEqual([]);
  });
});

describe("a start that fails leaves nothing open", () => {
  test("where the port is taken", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const starting = start({ HOLDFAST_PORT: String(port) });
    await expect(starting).rejects.toThrow(`127.0.0.1:${port}: another process listens there`);
    await expect(starting).rejects.toBeInstanceOf(CannotListen);
    other.close();
    await leftTheDatabase();
  });

  test("where the address is not this machine's", async () => {
    await expect(start({ HOLDFAST_HOST: "192.0.2.1" })).rejects.toThrow("HOLDFAST_HOST");
  });

  test("where the principals file is not there", async () => {
    const config = configFor(database.url, `${principals.path}.absent`);
    await expect(startTestServer(config)).rejects.toBeInstanceOf(PrincipalsUnusable);
    await leftTheDatabase();
  });

  test.each([
    ["nobody listens", (url: URL) => (url.port = "1"), "ECONNREFUSED"],
    ["the password is another", (url: URL) => (url.password = "no-such-word"), "28P01"],
    ["the database is not there", (url: URL) => (url.pathname = "/absent"), "3D000"],
  ])("where, at the database, %s", async (_what, change, code) => {
    const url = new URL(database.url);
    change(url);
    // One that knew its deployment before would start apart.
    const HOLDFAST_DATA = path.join(path.dirname(principals.path), "strange");
    const config = configFor(url.href, principals.path, { HOLDFAST_DATA });
    const fault = await startTestServer(config).catch((fault: unknown) => fault);
    expect(fault).toBeInstanceOf(DatabaseUnreachable);
    expect(String(fault)).toContain(code);
    expect(String(fault)).not.toContain(url.password);
  });
});
