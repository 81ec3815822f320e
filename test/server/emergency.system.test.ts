import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { shardOf, shardText } from "#proof/revocationList.ts";
import { SIGN_IN_NAMESPACE, signInStatementBytes } from "#proof/signInStatement.ts";
import { DebianServer } from "../database/debianServer.ts";
import { credentialFrom, lineOf } from "../identity/offlineWorld.ts";
import { bearer, ownFolder, passport } from "../identity/passports.ts";
import { Provider } from "../identity/provider.ts";
import { type RedisServer, startRedis } from "../live/redisServer.ts";
import { type MadeSigner, armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { INES, listOf, signedText } from "../revocation/lists.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, openReady } from "../workflow/trains.ts";
import { type MainProcess, startMain, urlOf } from "./startMain.ts";

/** One epoch lasts longer than the test: the statement stays of the present one. */
const EPOCH_MS = 24 * 60 * 60 * 1000;

const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);
const OLGA = passport("olga", ["APPROVAL_OWNER"]);
const RITA = passport("rita", ["READER"]);
/** Two more who respond: one is revoked before the outage, the other during it. */
const ROSA = passport("rosa");
const ROLF = passport("rolf");
const INES_HERSELF = passport("ines", ["RELEASE_SECURITY"]);

let database: DebianServer;
let distributor: RedisServer;
let provider: Provider;
let main: MainProcess;
/** The node that hands lists on to the other; nobody else does. */
let peer: MainProcess;
let key: MadeSigner;
const keys = new Map<string, MadeSigner>();
let url = "";
let ready: Opened;

/** What one node is started on, and everything that is told of others. */
async function startNode(name: string, data: string, more: Readonly<Record<string, string>> = {}) {
  await mkdir(data, { recursive: true });
  const responders = [OLGA, ROSA, ROLF].map(({ entry }) => ({ ...entry, responder: true }));
  const principals = [...responders, RITA.entry, INES_HERSELF.entry];
  await writeFile(path.join(data, "principals.json"), JSON.stringify({ principals }));
  const signers = [...keys].map(([person, own]) => lineOf(person, own, SIGN_IN_NAMESPACE));
  const lines = [...signers, lineOf("ines", INES, "revocation@holdfast")];
  await writeFile(path.join(data, "allowed_signers"), lines.join(""));
  await writeFile(path.join(data, "revoked_keys"), "");
  const node = startMain({
    DATABASE_URL: database.url,
    REDIS_URL: distributor.url,
    HOLDFAST_DATA: data,
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_NODE: name,
    HOLDFAST_OIDC: place("oidc.json"),
    HOLDFAST_PORT: "0",
    ...more,
  });
  await node.says("Holdfast serves");
  return node;
}

/** A node with an external database, single sign-on, Redis, and another node that has newer lists. */
beforeAll(async () => {
  key = makeSigner({ type: "ssh-ed25519" });
  keys.set("olga", key);
  for (const name of ["rosa", "rolf"]) keys.set(name, makeSigner({ type: "ssh-ed25519" }));
  [database, distributor, provider] = await Promise.all([
    DebianServer.start(),
    startRedis(),
    Provider.open(),
  ]);
  await writeFile(place("oidc.json"), JSON.stringify(provider.file()));
  peer = await startNode("relay", place("peer"));
  main = await startNode("home", folder.path, { HOLDFAST_REVOCATION_PEERS: urlOf(peer) });
  url = urlOf(main);
  const own = connect(database.url, { applicationName: "holdfast tests", connectionsMax: 4 });
  const desk = await openDesk(own, { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS });
  ready = await openReady(desk, "orion");
  await own.close();
});
afterAll(async () => {
  main.signal("SIGTERM");
  await main.exited;
  await Promise.all([database.remove(), distributor.remove()]);
});

async function told(): Promise<{ readonly deployment: string; readonly epoch: string }> {
  const response = await fetch(`${url}/sign-in`);
  return (await response.json()) as { readonly deployment: string; readonly epoch: string };
}

/** What a responder comes with, made of what the node tells anybody and of their own key. */
async function offline(principal = "olga"): Promise<string> {
  const { deployment, epoch } = await told();
  const at = BigInt(epoch);
  const statement = { deployment, principal, epoch: at, validThroughEpoch: at + 1n };
  const bytes = signInStatementBytes(statement);
  const armored = armor(blobOf(partsOf(keys.get(principal) ?? key, bytes, SIGN_IN_NAMESPACE)));
  return `Holdfast-Sshsig ${credentialFrom(bytes, armored)}`;
}

/** Hands a node the list that revokes somebody; resolves to what it says. */
async function revoke(name: string, at: string): Promise<unknown> {
  const { deployment } = await told();
  const list = listOf([`principal:${name}`], { deployment });
  const body = new Uint8Array(signedText(list));
  const address = `${at}/revocation/${shardText(list.shard)}`;
  const answer = await fetch(address, { method: "POST", body });
  return ((await answer.json()) as { readonly outcome?: unknown }).outcome;
}

/** Whether the node has the list of the shard in which somebody is. */
async function hasListOf(name: string): Promise<boolean> {
  const headers = { authorization: bearer(INES_HERSELF) };
  const answer = await fetch(`${url}/revocation`, { headers });
  const { lists } = (await answer.json()) as { readonly lists: Readonly<Record<string, unknown>> };
  return Object.hasOwn(lists, shardText(shardOf(`principal:${name}`)));
}

interface Known {
  readonly packet: string;
  readonly status: string;
  readonly holds: readonly object[];
}

async function ask(authorization: string, query: string) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { data, errors = [] } = (await response.json()) as {
    data?: { lastKnownPackets?: readonly Known[] } | null;
    errors?: readonly { readonly extensions: { readonly code: string } }[];
  };
  return { status: response.status, data, codes: errors.map(({ extensions }) => extensions.code) };
}

const COPIES = `{ lastKnownPackets {
  packet exercise isCurrent revision digest readAtEpoch status train owner document
  holds { code } gate { status reasons } approval { revision }
} }`;

describe("single sign-on, the database, Redis and the node that hands lists on go away together", () => {
  test("the node has a copy of the packet before that, which says that it is not current", async () => {
    for (;;) {
      const { data } = await ask(bearer(RITA), COPIES);
      const copy = data?.lastKnownPackets?.find((one) => one.packet === ready.packet);
      if (copy?.status !== "READY_FOR_APPROVAL") continue;
      expect(copy).toMatchObject({
        isCurrent: false,
        revision: ready.revision,
        gate: { status: "CLOSED", reasons: ["NOT_CURRENT"] },
      });
      break;
    }
  });

  test("the node has fetched the list with a revoked responder, who is let in by none of them", async () => {
    expect((await ask(await offline("rosa"), COPIES)).status).toBe(200);
    expect(await revoke("rosa", urlOf(peer))).toBe("APPLIED");
    while (!(await hasListOf("rosa")));
    expect((await ask(await offline("rosa"), COPIES)).status).toBe(401);
  });

  test("the owner still signs in, reads the packet, and the gate is CLOSED, with the reason", async () => {
    process.kill(peer.pid, "SIGKILL");
    await Promise.all([database.fence(), distributor.stop(), provider.leave(), peer.exited]);
    const { status, data, codes } = await ask(await offline(), COPIES);
    expect([status, codes]).toEqual([200, []]);
    expect(data?.lastKnownPackets).toMatchObject([
      {
        packet: ready.packet,
        exercise: false,
        isCurrent: false,
        revision: ready.revision,
        digest: ready.digest,
        readAtEpoch: expect.stringMatching(/^\d+$/) as string,
        status: "READY_FOR_APPROVAL",
        train: "orion",
        owner: "olga",
        holds: [],
        approval: null,
        gate: { status: "CLOSED", reasons: ["NOT_CURRENT"] },
        document: expect.stringContaining('"kind":"MANIFEST"') as string,
      },
    ]);
  });

  test("whom a list revoked before is not let in, and whom one revokes now is not from then on", async () => {
    expect(await ask(await offline("rosa"), COPIES)).toMatchObject({ status: 401 });
    expect(await ask(await offline("rolf"), COPIES)).toMatchObject({ status: 200 });
    expect(await revoke("rolf", url)).toBe("APPLIED");
    expect(await ask(await offline("rolf"), COPIES)).toMatchObject({ status: 401 });
    expect(await ask(bearer(ROLF), COPIES)).toMatchObject({ status: 401 });
    expect(await ask(await offline(), COPIES)).toMatchObject({ status: 200 });
  });

  test("nobody else gets in, and nothing that needs the ledger is answered", async () => {
    expect(await ask("Bearer hf_nobody", COPIES)).toMatchObject({ status: 401 });
    for (const field of ["packet", "gate"]) {
      const asked = `{ ${field}(packet: "${ready.packet}") { status } }`;
      const { data, codes } = await ask(await offline(), asked);
      expect(codes).toEqual([expect.stringMatching(/^(?:UNAVAILABLE|OUTCOME_UNKNOWN)$/)]);
      expect(data ?? { [field]: null }).toEqual({ [field]: null });
    }
  });

  test("who came and what they read is on record here, and in the database when it is back", async () => {
    const journal = await readFile(place("access-journal.jsonl"), "utf8");
    expect(journal).toContain('"SIGNED_IN_OFFLINE"');
    expect(journal).toContain(`"packet":"${ready.packet}"`);
    await database.launch();
    const own = connect(database.url, { applicationName: "holdfast tests", connectionsMax: 1 });
    try {
      for (;;) {
        const rows = await own.sql<{ code: string }[]>`
          SELECT code FROM access_record WHERE actor = 'olga'
            AND (code = 'SIGNED_IN_OFFLINE' OR packet = ${ready.packet}::uuid AND
              subject = 'LastKnownPacket') ORDER BY code`;
        if (new Set(rows.map(({ code }) => code)).size === 2) break;
      }
      // What was revoked meanwhile is told the ledger too.
      const { ledger } = await openDesk(own, { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS });
      const named = ["rosa", "rolf"].map(
        (name) => ({ kind: "CREDENTIAL_REVOCATION", name }) as const,
      );
      while ((await ledger.shared(false, named)).entries.length < named.length);
    } finally {
      await own.close();
    }
    while ((await readdir(folder.path)).includes("access-journal.jsonl"));
  });
});
