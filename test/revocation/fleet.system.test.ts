import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "#database/freePort.ts";
import { type RevocationList, shardOf, shardText } from "#proof/revocationList.ts";
import { asApplication, freshDatabase } from "../database/freshDatabase.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { bearer, passport, textOf } from "../identity/passports.ts";
import { type MadeSigner, makeSigner } from "../proof/sshMaker.ts";
import { type MainProcess, startMain } from "../server/startMain.ts";
import { UNLIMITED } from "../server/unlimited.ts";
import { idIn, INES, listOf, signedText } from "./lists.ts";

const database = freshDatabase();
const ines = passport("ines", ["RELEASE_SECURITY"]);
const iris = passport("iris", ["RELEASE_SECURITY"]);
const IRIS = makeSigner({ type: "ssh-ed25519" });

/** The shards of the two halves of the fleet; no person whom the test needs lies in either. */
const HALVES = [3, 77] as const;
const nameIn = (shard: number, nth: number): string =>
  idIn(shard, "node:n", nth).slice("node:".length);
const FIRST = HALVES.flatMap((shard) => [nameIn(shard, 0), nameIn(shard, 1)]);
/** In no shard of either half: of nobody whom the bad lists name. */
const SECOND = [0, 1, 2, 3].map((nth) => nameIn(150, nth));

interface Node {
  readonly name: string;
  readonly url: string;
  readonly main: MainProcess;
}

let base = "";
let ports: readonly number[] = [];
const fleet: Node[] = [];
beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "holdfast-fleet-"));
  ports = await Promise.all([0, 1, 2, 3].map(() => freePort()));
});
afterAll(async () => {
  for (const { main } of fleet) main.signal("SIGTERM");
  await Promise.all(fleet.map(({ main }) => main.exited));
  await rm(base, { recursive: true });
});

const urls = (): string[] => ports.map((port) => `http://127.0.0.1:${port}`);

/** Starts a process of the product as the node at this place, on what is there of its folder. */
async function start(place: number, name: string, isAsking: boolean): Promise<Node> {
  const folder = path.join(base, `node-${place}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "principals.json"), textOf(ines, iris));
  await writeFile(path.join(folder, "revoked_keys"), "");
  await writeFile(
    path.join(folder, "allowed_signers"),
    lineOf("ines", INES, "revocation@holdfast") + lineOf("iris", IRIS, "revocation@holdfast"),
  );
  const others = urls().filter((_url, at) => at !== place);
  const main = startMain({
    ...UNLIMITED,
    DATABASE_URL: asApplication(database.url),
    HOLDFAST_MIGRATION_URL: database.url,
    HOLDFAST_CONNECTIONS_MAX: "2",
    HOLDFAST_DATA: folder,
    HOLDFAST_LOG_LEVEL: "silent",
    HOLDFAST_NODE: name,
    HOLDFAST_PORT: String(ports[place] ?? 0),
    ...(isAsking ? { HOLDFAST_REVOCATION_PEERS: others.join(",") } : {}),
  });
  const node = { name, url: urls()[place] ?? "", main };
  fleet[place] = node;
  await main.says("Holdfast serves");
  return node;
}

/** What each node answers to a list: APPLIED, KNOWN, or why it refused. */
function pushAll(list: RevocationList, signer = INES): Promise<string[]> {
  return pushTo(fleet, list, signer);
}

async function pushTo(
  nodes: readonly Node[],
  list: RevocationList,
  signer: MadeSigner,
): Promise<string[]> {
  const body = new Uint8Array(signedText(list, signer));
  return Promise.all(
    nodes.map(async ({ url }) => {
      const at = `${url}/revocation/${shardText(list.shard)}`;
      const answer = await fetch(at, { method: "POST", body });
      const { outcome, error } = (await answer.json()) as { outcome?: string; error?: string };
      return outcome ?? error ?? "";
    }),
  );
}

interface Status {
  readonly node: string;
  readonly lists: Readonly<Record<string, { readonly version: string }>>;
  readonly refused: Readonly<Record<string, { readonly version: string }>>;
}

async function statusOf({ url }: Node): Promise<Status> {
  const answer = await fetch(`${url}/revocation`, { headers: { authorization: bearer(iris) } });
  return (await answer.json()) as Status;
}

/** The versions that each node holds of the lists of the two halves. */
async function versions(): Promise<string[]> {
  const states = await Promise.all(fleet.map(statusOf));
  return states.map(({ lists }) =>
    HALVES.map((shard) => lists[shardText(shard)]?.version ?? "-").join(" "),
  );
}

async function readyOf({ url }: Node) {
  const answer = await fetch(`${url}/ready`);
  const { checks } = (await answer.json()) as { checks: { revocations: string } };
  return [answer.status, checks.revocations];
}

test("lists that would revoke every credential take half of the fleet at most, and the rest recovers it", async () => {
  for (const [place, name] of FIRST.entries()) await start(place, name, false);
  const signIn = (await (await fetch(`${fleet[0]?.url}/sign-in`)).json()) as { deployment: string };
  const { deployment } = signIn;
  const list = (shard: number, ids: readonly string[], version: bigint, issuedBy = "ines") =>
    listOf(ids, { deployment, shard, version, issuedBy });
  const people = HALVES.map((shard) => idIn(shard, "principal:p"));
  for (const [half, shard] of HALVES.entries()) {
    expect(await pushAll(list(shard, [people[half] ?? ""], 1n))).toEqual(Array(4).fill("APPLIED"));
  }

  // Whoever has the key of ines revokes every node, everybody in their shards, and ines last.
  const bad = HALVES.map((shard, half) => [
    people[half] ?? "",
    idIn(shard, "principal:q"),
    ...FIRST.map((name) => `node:${name}`).filter((id) => shardOf(id) === shard),
  ]);
  const told: string[][] = [];
  for (const [half, shard] of HALVES.entries()) {
    let answers = await pushAll(list(shard, bad[half] ?? [], 2n));
    while (answers.includes("TOO_SOON")) answers = await pushAll(list(shard, bad[half] ?? [], 2n));
    told.push(answers.map((answer) => (answer === "KNOWN" ? "APPLIED" : answer)));
  }
  const [REFUSED, APPLIED] = ["SELF_REVOKING", "APPLIED"];
  expect(told).toEqual([
    [REFUSED, REFUSED, APPLIED, APPLIED],
    [APPLIED, APPLIED, REFUSED, REFUSED],
  ]);
  expect(await pushAll(list(shardOf("principal:ines"), ["principal:ines"], 1n))).toEqual(
    Array(4).fill("APPLIED"),
  );
  // Each half has its last good list, says what it refused, and serves.
  expect(await versions()).toEqual(["1 2", "1 2", "2 1", "2 1"]);
  for (const [place, node] of fleet.entries()) {
    expect(await readyOf(node)).toEqual([200, "SELF_REVOKING"]);
    const refused = shardText(HALVES[place < 2 ? 0 : 1] ?? 0);
    expect((await statusOf(node)).refused).toMatchObject({ [refused]: { version: "2" } });
  }

  // One after the other they get names that nobody revoked.
  for (const [place, name] of SECOND.entries()) {
    fleet[place]?.main.signal("SIGTERM");
    await fleet[place]?.main.exited;
    await start(place, name, true);
  }
  // Whoever issues lists in place of ines hands them to one node: all that is for good, and more.
  for (const [half, shard] of HALVES.entries()) {
    const next = [...(bad[half] ?? []), idIn(shard, "principal:r")];
    expect(await pushTo(fleet.slice(0, 1), list(shard, next, 3n, "iris"), IRIS)).toEqual([APPLIED]);
  }
  let held = await versions();
  while (held.some((one) => one !== "3 3")) held = await versions();
  expect(await pushAll(list(HALVES[0], bad[0] ?? [], 4n), INES)).toEqual(
    Array(4).fill("NOT_ENTITLED"),
  );
  for (const node of fleet) expect(await readyOf(node)).toEqual([200, "OK"]);
});
