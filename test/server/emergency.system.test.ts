import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { SIGN_IN_NAMESPACE, signInStatementBytes } from "#proof/signInStatement.ts";
import { DebianServer } from "../database/debianServer.ts";
import { credentialFrom, lineOf } from "../identity/offlineWorld.ts";
import { bearer, ownFolder, passport } from "../identity/passports.ts";
import { Provider } from "../identity/provider.ts";
import { type RedisServer, startRedis } from "../live/redisServer.ts";
import { type MadeSigner, armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { type Opened, openReady } from "../workflow/trains.ts";
import { type MainProcess, startMain, urlOf } from "./startMain.ts";

/** One epoch lasts longer than the test: the statement stays of the present one. */
const EPOCH_MS = 24 * 60 * 60 * 1000;

const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);
const OLGA = passport("olga", ["APPROVAL_OWNER"]);
const RITA = passport("rita", ["READER"]);

let database: DebianServer;
let distributor: RedisServer;
let provider: Provider;
let main: MainProcess;
let key: MadeSigner;
let url = "";
let ready: Opened;

/** One node with an external database, single sign-on, and a distributor between nodes. */
beforeAll(async () => {
  key = makeSigner({ type: "ssh-ed25519" });
  [database, distributor, provider] = await Promise.all([
    DebianServer.start(),
    startRedis(),
    Provider.open(),
  ]);
  const principals = [{ ...OLGA.entry, responder: true }, RITA.entry];
  await writeFile(place("principals.json"), JSON.stringify({ principals }));
  await writeFile(place("allowed_signers"), lineOf("olga", key, SIGN_IN_NAMESPACE));
  await writeFile(place("revoked_keys"), "");
  await writeFile(place("oidc.json"), JSON.stringify(provider.file()));
  main = startMain({
    DATABASE_URL: database.url,
    REDIS_URL: distributor.url,
    HOLDFAST_DATA: folder.path,
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_OIDC: place("oidc.json"),
    HOLDFAST_PORT: "0",
  });
  await main.says("Holdfast serves");
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

/** What olga comes with, made of what the node tells anybody and of her own key. */
async function offline(): Promise<string> {
  const { deployment, epoch } = await told();
  const at = BigInt(epoch);
  const statement = { deployment, principal: "olga", epoch: at, validThroughEpoch: at + 1n };
  const bytes = signInStatementBytes(statement);
  const armored = armor(blobOf(partsOf(key, bytes, SIGN_IN_NAMESPACE)));
  return `Holdfast-Sshsig ${credentialFrom(bytes, armored)}`;
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

describe("single sign-on, the database and the distributor go away together", () => {
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

  test("the owner still signs in, reads the packet, and the gate is CLOSED, with the reason", async () => {
    await Promise.all([database.fence(), distributor.stop(), provider.leave()]);
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
    } finally {
      await own.close();
    }
    while ((await readdir(folder.path)).includes("access-journal.jsonl"));
  });
});
