import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { SIGN_IN_NAMESPACE, signInStatementBytes } from "#proof/signInStatement.ts";
import { shardText } from "#proof/revocationList.ts";
import { DebianServer } from "../database/debianServer.ts";
import { credentialFrom, lineOf } from "../identity/offlineWorld.ts";
import { bearer, ownFolder, passport } from "../identity/passports.ts";
import { type MadeSigner, armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { INES, listOf, signedText } from "../revocation/lists.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, openReady } from "../workflow/trains.ts";
import { type MainProcess, startMain, urlOf } from "./startMain.ts";

/** One epoch lasts longer than the test: the statements stay of the present one. */
const EPOCH_MS = 24 * 60 * 60 * 1000;

const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);
const OLGA = passport("olga", ["APPROVAL_OWNER"]);
const RITA = passport("rita", ["READER"]);
const OWEN = passport("owen", ["READER"]);
const PETE = passport("pete", ["READER"]);

const KEYS: Readonly<Record<string, MadeSigner>> = {
  olga: makeSigner({ type: "ssh-ed25519" }),
  owen: makeSigner({ type: "ssh-ed25519" }),
  pete: makeSigner({ type: "ssh-ed25519" }),
};

let database: DebianServer;
let main: MainProcess;
let url = "";
let deployment = "";
let ready: Opened;

function start(): MainProcess {
  return startMain({
    DATABASE_URL: database.url,
    HOLDFAST_DATA: folder.path,
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_NODE: "north",
    // A peer that is never there: what this node knows, it knows by itself.
    HOLDFAST_REVOCATION_PEERS: "http://127.0.0.1:9",
    HOLDFAST_PORT: "0",
  });
}

/** A node that knew its deployment, a packet and a revocation, killed; then its database goes. */
beforeAll(async () => {
  database = await DebianServer.start();
  const responders = [OLGA, OWEN, PETE].map(({ entry }) => ({ ...entry, responder: true }));
  const issuer = passport("ines", ["RELEASE_SECURITY"]).entry;
  await writeFile(
    place("principals.json"),
    JSON.stringify({ principals: [...responders, RITA.entry, issuer] }),
  );
  const lines = Object.entries(KEYS).map(([name, key]) => lineOf(name, key, SIGN_IN_NAMESPACE));
  await writeFile(
    place("allowed_signers"),
    [...lines, lineOf("ines", INES, "revocation@holdfast")].join(""),
  );
  await writeFile(place("revoked_keys"), "");
  main = start();
  await main.says("Holdfast serves");
  url = urlOf(main);
  const own = connect(database.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  const desk = await openDesk(own, { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS });
  ready = await openReady(desk, "orion");
  await own.close();
  deployment = desk.ledger.deployment;
  if ((await push("principal:owen", 1n)) !== 200) throw new Error("the list was not taken");
  await until(async () => (await ask(bearer(RITA), COPIES)).body.includes(ready.digest));
  await until(async () => (await readFile(place("deployment.json"), "utf8")).includes('"olga"'));
  process.kill(main.pid, "SIGKILL");
  await main.exited;
  await database.fence();
});
afterAll(async () => {
  main.signal("SIGTERM");
  await main.exited;
  await database.remove();
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

async function push(id: string, version: bigint): Promise<number> {
  const list = listOf([id], { deployment, version });
  const to = `${url}/revocation/${shardText(list.shard)}`;
  const body = new Uint8Array(signedText(list));
  return (await fetch(to, { method: "POST", body })).status;
}

/** What somebody comes with, made of what the node tells anybody and of their own key. */
async function offline(name: string): Promise<string> {
  const response = await fetch(`${url}/sign-in`);
  const { epoch } = (await response.json()) as { readonly epoch: string };
  const at = BigInt(epoch);
  const statement = { deployment, principal: name, epoch: at, validThroughEpoch: at + 1n };
  const bytes = signInStatementBytes(statement);
  const key = KEYS[name];
  if (key === undefined) throw new Error(`${name} has no key`);
  const armored = armor(blobOf(partsOf(key, bytes, SIGN_IN_NAMESPACE)));
  return `Holdfast-Sshsig ${credentialFrom(bytes, armored)}`;
}

async function ask(authorization: string, query: string) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  return { status: response.status, body: await response.text() };
}

async function readiness() {
  const response = await fetch(`${url}/ready`);
  return { status: response.status, body: (await response.json()) as object };
}

const COPIES = `{ lastKnownPackets { packet digest isCurrent status gate { status reasons } } }`;

test("a node that never knew a deployment does not start without its database", async () => {
  const stranger = startMain({
    DATABASE_URL: database.url,
    HOLDFAST_DATA: place("strange"),
    HOLDFAST_PORT: "0",
  });
  expect(await stranger.exited).toBe(1);
  expect(stranger.stderr()).toContain("cannot be used (ECONNREFUSED)");
});

test("one that did starts apart, says that it is not ready, and keeps its secret to itself", async () => {
  main = start();
  await main.says("Holdfast serves");
  url = urlOf(main);
  expect(main.stdout()).toContain("serving apart");
  expect(await readiness()).toMatchObject({
    status: 503,
    body: { status: "NOT_READY", checks: { database: "NO_ANSWER", lineage: "NOT_COMPARED" } },
  });
  expect((await stat(place("deployment.json"))).mode & 0o777).toBe(0o600);
});

test("the owner signs in and reads the packet, whose gate is CLOSED, with the reason", async () => {
  const { status, body } = await ask(await offline("olga"), COPIES);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    data: {
      lastKnownPackets: [
        {
          packet: ready.packet,
          digest: ready.digest,
          isCurrent: false,
          status: "READY_FOR_APPROVAL",
          gate: { status: "CLOSED", reasons: ["NOT_CURRENT"] },
        },
      ],
    },
  });
  const asked = await ask(await offline("olga"), `{ gate(packet: "${ready.packet}") { status } }`);
  expect(asked.body).toContain('"UNAVAILABLE"');
  expect(await readFile(place("access-journal.jsonl"), "utf8")).toContain('"SIGNED_IN_OFFLINE"');
});

test("it decides from its own lists: who was revoked before stays out, and a push takes effect", async () => {
  expect((await ask(await offline("owen"), COPIES)).status).toBe(401);
  const pete = await offline("pete");
  expect((await ask(pete, COPIES)).status).toBe(200);
  expect(await push("principal:pete", 1n)).toBe(200);
  expect((await ask(pete, COPIES)).status).toBe(401);
});

test("when the database is back it starts anew by itself, in the same place, and tells what happened", async () => {
  await database.launch();
  await main.says("the database is back");
  await until(async () => {
    const answer = await readiness().catch(() => null);
    return answer?.status === 200;
  });
  const { body } = await ask(bearer(RITA), `{ gate(packet: "${ready.packet}") { status } }`);
  expect(JSON.parse(body)).toMatchObject({ data: { gate: { status: "CLOSED" } } });
  const own = connect(database.url, { applicationName: "holdfast tests", connectionsMax: 1 });
  try {
    await until(async () => {
      const rows = await own.sql<{ entry: string }[]>`
        SELECT name AS entry FROM shared_report WHERE kind = 'CREDENTIAL_REVOCATION'
        UNION SELECT code::text FROM access_record WHERE actor = 'olga'`;
      const seen = new Set(rows.map(({ entry }) => entry));
      return ["owen", "pete", "SIGNED_IN_OFFLINE"].every((one) => seen.has(one));
    });
  } finally {
    await own.close();
  }
});
