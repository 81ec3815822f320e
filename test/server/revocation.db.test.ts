import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { openApi } from "#graphql/api.ts";
import { shardOf, shardText } from "#proof/revocationList.ts";
import { readChange } from "#recovery/change.ts";
import { type RunningServer, startServer } from "#server.ts";
import type { Desk } from "#workflow/desk.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { heardLog } from "../identity/heardLog.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { bearer, type Passport, passport, textOf } from "../identity/passports.ts";
import { CONTENTS } from "../gate/train.ts";
import { fileOf } from "../programs/program.ts";
import { tokenMaker } from "../recovery/tokenMaker.ts";
import { idIn, INES, listOf, signedText } from "../revocation/lists.ts";
import { accept, onWire, type Opened, openReady, tell } from "../workflow/trains.ts";
import { configFor } from "./startTest.ts";
import { needsOf } from "./needs.ts";

const database = freshDatabase();

const ines = passport("ines", ["RELEASE_SECURITY"]);
const ana = passport("ana", ["READER"]);
const rita = passport("rita", ["READER"]);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A node of the deployment, in this process, with a folder of its own. */
interface Node {
  readonly name: string;
  readonly folder: string;
  readonly desk: Desk;
  readonly server: RunningServer;
}

const started: Node[] = [];
let base = "";
beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "holdfast-revocation-"));
});
afterAll(async () => {
  await Promise.all(started.map(({ server }) => server.close()));
  await rm(base, { recursive: true });
});

async function start(
  name: string,
  peers: readonly Node[] = [],
  folder = name,
  variables: Readonly<Record<string, string>> = {},
): Promise<Node> {
  const data = path.join(base, folder);
  const principals = path.join(data, "principals.json");
  await mkdir(data, { recursive: true });
  await writeFile(principals, textOf(ines, ana, rita));
  await writeFile(path.join(data, "allowed_signers"), lineOf("ines", INES, "revocation@holdfast"));
  await writeFile(path.join(data, "revoked_keys"), "");
  const config = configFor(database.url, principals, {
    HOLDFAST_EPOCH_MS: String(DAY_MS),
    HOLDFAST_NODE: name,
    ...variables,
    ...(peers.length === 0
      ? {}
      : { HOLDFAST_REVOCATION_PEERS: peers.map(({ server }) => server.url).join(",") }),
  });
  const opened: { desk?: Desk } = {};
  const server = await startServer(config, {
    ...needsOf(heardLog().log),
    openApi(options) {
      opened.desk = options.desk;
      return openApi(options);
    },
  });
  if (opened.desk === undefined) throw new Error("the API was not opened");
  const node = { name, folder: data, desk: opened.desk, server };
  started.push(node);
  return node;
}

async function push({ server }: Node, shard: number, body: Uint8Array) {
  const answer = await fetch(`${server.url}/revocation/${shardText(shard)}`, {
    method: "POST",
    body: new Uint8Array(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function ask({ server }: Node, by: Passport, query: string) {
  const answer = await fetch(`${server.url}/graphql`, {
    method: "POST",
    headers: { authorization: bearer(by), "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const told = (await answer.json()) as { data?: Record<string, unknown> };
  return { status: answer.status, data: told.data };
}

/** The open holds of a packet by their codes and subjects, as the API tells them. */
async function holdsOf(node: Node, packet: string): Promise<string[]> {
  const query = `{ packet(packet: "${packet}") { holds(status: OPEN, first: 50) { edges { node { code subject } } } } }`;
  const { data } = await ask(node, rita, query);
  const { holds } = (data?.["packet"] ?? { holds: { edges: [] } }) as {
    holds: { edges: { node: { code: string; subject: string } }[] };
  };
  return holds.edges.map(({ node: { code, subject } }) => `${code} ${subject}`);
}

async function until<T>(look: () => Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
  let seen = await look();
  while (!isIt(seen)) seen = await look();
  return seen;
}

const deploymentOf = ({ desk }: Node): string => desk.ledger.deployment;

describe("revocation alone, through the public API", () => {
  let north: Node;
  let south: Node;
  let opened: Opened;
  const ANA = "principal:ana";
  const shard = shardOf(ANA);
  beforeAll(async () => {
    north = await start("north");
    south = await start("south");
    // Everybody is needed, so that nobody can be done without.
    const seats = [
      { role: "SIGNER", count: 4 },
      { role: "CUSTODIAN", count: 1 },
    ];
    const policy = onWire({ ...CONTENTS.QUORUM_POLICY, seats });
    opened = await openReady(north.desk, "alone", { sources: [policy] });
  });

  test("a push to every node ends somebody's sign-ins and sockets at once, on each", async () => {
    const sockets = await Promise.all([north, south].map((node) => watching(node, opened.packet)));
    const ended = sockets.map((socket) => once(socket, "close"));
    const list = listOf([ANA], { deployment: deploymentOf(north) });
    for (const node of [north, south]) {
      expect(await push(node, shard, signedText(list))).toMatchObject({
        status: 200,
        body: { outcome: "APPLIED", version: "1" },
      });
      expect((await ask(node, ana, "{ viewer { name } }")).status).toBe(401);
      expect((await ask(node, rita, "{ viewer { name } }")).status).toBe(200);
    }
    const codes = (await Promise.all(ended)).map(([code]) => code as number);
    expect(codes).toEqual([4403, 4403]);
    expect((await push(north, shard, signedText(list))).body).toMatchObject({ outcome: "KNOWN" });
  });

  test("opens the quorum's hold, which another roster and its people's word clear", async () => {
    const holds = await until(
      () => holdsOf(south, opened.packet),
      (seen) => seen.length > 0,
    );
    expect(holds.toSorted()).toEqual(
      ["early", "late", "night"].map((shift) => `SIGNER_QUORUM_MISSING ${shift}`),
    );
    const { people } = CONTENTS.ROSTER;
    const roster = onWire({
      ...CONTENTS.ROSTER,
      people: [
        ...people.filter(({ person }) => person !== "ana"),
        ...people
          .filter(({ person }) => person === "ana")
          .map((one) => ({ ...one, person: "zed" })),
      ],
    });
    await accept(north.desk, opened, roster);
    const word = (shift: string) => ({
      kind: "AVAILABILITY",
      person: "zed",
      shift,
      status: "COMMITTED",
    });
    await tell(north.desk, opened.packet, ["early", "late", "night"].map(word));
    expect(await holdsOf(north, opened.packet)).toEqual([]);
  });

  test("is asked for by other nodes, and by release security and auditors; nobody else is told a list", async () => {
    const at = `${north.server.url}/revocation/${shardText(shard)}`;
    const by = async (authorization: string | null, url = at): Promise<number> =>
      (await fetch(url, { headers: authorization === null ? {} : { authorization } })).status;
    expect(await by(null)).toBe(401);
    expect(await by(bearer(rita))).toBe(403);
    expect(await by(bearer(ines))).toBe(200);
    expect(await by(`Holdfast-Node south:${"A".repeat(43)}`)).toBe(401);
    expect(await by(bearer(ines), `${north.server.url}/revocation/zz`)).toBe(404);
    expect(await by(bearer(ines), `${north.server.url}/revocation/${shardText(shard ^ 1)}`)).toBe(
      404,
    );
    expect((await fetch(at, { method: "PUT", body: "x" })).status).toBe(405);
    expect((await push(north, shard, new Uint8Array(1_100_000))).status).toBe(413);
    expect(await push(north, shard, Buffer.from("x\ny"))).toMatchObject({
      status: 409,
      body: { error: "UNREADABLE" },
    });
  });

  test("reaches a node that was away by its peers, which a node that is revoked is told nothing by", async () => {
    const west = await start("west", [north]);
    await until(
      () => ask(west, ana, "{ viewer { name } }"),
      ({ status }) => status === 401,
    );
    const EAST = idIn(shardOf("node:elsewhere"), "node:east");
    const list = listOf([EAST], { deployment: deploymentOf(north) });
    expect((await push(north, list.shard, signedText(list))).status).toBe(200);
    const east = await start(EAST.slice("node:".length), [north], "east");
    expect((await ask(east, ana, "{ viewer { name } }")).status).toBe(200);
    const status = await fetch(`${north.server.url}/revocation`, {
      headers: { authorization: bearer(ines) },
    });
    expect(await status.json()).toMatchObject({
      node: "north",
      lists: { [shardText(shard)]: { version: "1" } },
      lost: [],
      refused: {},
    });
  });

  test("goes on after a restart, with nobody to ask", async () => {
    await south.server.close();
    const again = await start("south");
    expect((await ask(again, ana, "{ viewer { name } }")).status).toBe(401);
  });
});

describe("where the rate of changes is controlled", () => {
  const maker = tokenMaker();
  const run = promisify(execFile);
  const command = (...words: readonly string[]) =>
    run(process.execPath, [fileOf("revocation"), ...words]);
  const refusal = async (...words: readonly string[]): Promise<unknown> =>
    command(...words).catch(({ stderr }: { stderr: string }) => stderr);

  test("a list waits for its token, which the command brings to each node; peers are caught up without", async () => {
    const lists = path.join(base, "lists");
    const tokens = path.join(base, "tokens");
    await Promise.all([mkdir(lists), mkdir(tokens)]);
    const keys = path.join(base, "change-keys.json");
    await writeFile(keys, JSON.stringify(maker.keySet));
    const controlled = { HOLDFAST_CHANGE_KEYS: keys };
    const paced = await start("paced", [], "paced", controlled);
    const list = listOf(["principal:mallory"], { deployment: deploymentOf(paced) });
    const name = shardText(list.shard);
    await writeFile(path.join(lists, name), signedText(list));
    const pushing = ["push", "--lists", lists, "--to", paced.server.url, "--tokens", tokens];

    const waiting = await push(paced, list.shard, signedText(list));
    expect(waiting).toMatchObject({ status: 409, body: { error: "CHANGE_TOKEN_NEEDED" } });
    expect(await refusal(...pushing)).toContain("CHANGE_TOKEN_NEEDED");
    const { stdout } = await command("change", name, "--lists", lists);
    expect(waiting.body["faults"]).toMatchObject([{ change: stdout.trimEnd() }]);
    const change = readChange(stdout);
    if (change === null) throw new Error("what to ask for cannot be read");
    await writeFile(path.join(tokens, name), `${tokenMaker().token(change)}\n`);
    expect(await refusal(...pushing)).toContain("CHANGE_TOKEN_REFUSED");
    await writeFile(path.join(tokens, name), `${maker.token(change)}\n`);
    expect((await command(...pushing)).stdout).toContain(`${name}: APPLIED version 1`);

    const late = await start("late", [paced], "late", controlled);
    const held = await until(
      async () => {
        const answer = await fetch(`${late.server.url}/revocation`, {
          headers: { authorization: bearer(ines) },
        });
        return (await answer.json()) as { readonly lists: Readonly<Record<string, unknown>> };
      },
      (told) => told.lists[name] !== undefined,
    );
    expect(held.lists[name]).toMatchObject({ version: "1" });
  });
});

/** A socket of ana's on which a subscription of a packet runs. */
async function watching({ server }: Node, packet: string): Promise<WebSocket> {
  const socket = new WebSocket(
    `${server.url.replace("http", "ws")}/graphql`,
    "graphql-transport-ws",
  );
  await once(socket, "open");
  const said = (): Promise<string> => once(socket, "message").then(([data]) => String(data));
  socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: bearer(ana) } }));
  expect(await said()).toContain("connection_ack");
  const query = `subscription { gate(packet: "${packet}") { __typename } }`;
  socket.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query } }));
  expect(await said()).toContain("next");
  return socket;
}
