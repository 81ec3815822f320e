import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { EPOCH_MS, type HttpNode, startHttpNode } from "../faults/httpNode.ts";
import { digestOf } from "../gate/train.ts";
import { bearer, ownFolder, passport } from "../identity/passports.ts";
import { newKey, sshKeygen } from "../proof/sshKeygen.ts";
import { openDesk } from "./openDesk.ts";
import { BINDINGS, type Opened, open, settle } from "./trains.ts";
import { fileOf } from "../programs/program.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const fresh = freshDatabase();
const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);

const PAUL = passport("paul", ["REPORTER"]);
const PIA = passport("pia", ["PREPARER"]);
const RITA = passport("rita", ["READER"]);
const NAMESPACE = "entry@holdfast";

let node: HttpNode;
let opened: Opened;
beforeAll(async () => {
  const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
  const desk = await openDesk(database, { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS });
  opened = await open(desk, await settle(desk, "orion-7"));
  await settle(desk, "orion-8");
  await database.close();
  const own = await newKey(folder.path, "paul_key", ["-t", "ed25519"]);
  const hers = await newKey(folder.path, "pia_key", ["-t", "ecdsa", "-b", "384"]);
  await mkdir(place("data"));
  const listing = [`paul namespaces="${NAMESPACE}" ${own.line}`, `pia ${hers.line}`, ""];
  await writeFile(place("data/allowed_signers"), listing.join("\n"));
  await writeFile(place("data/revoked_keys"), "");
  const principals = [PAUL, PIA, RITA].map(({ entry }) => entry);
  await writeFile(place("principals.json"), JSON.stringify({ principals }));
  node = await startHttpNode(fresh.url, place("principals.json"), {
    appUrl: fresh.appUrl,
    data: place("data"),
  });
});
afterAll(() => node.leave());

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(words: readonly string[], more: object = {}): Promise<Ended> {
  const env = { PATH: process.env["PATH"], ...more };
  return new Promise((resolve) => {
    const command = [fileOf("entry"), ...words];
    execFile(process.execPath, command, { cwd: root, env }, (fault, out, err) => {
      resolve({ code: fault === null ? 0 : Number(fault.code), out, err });
    });
  });
}

/** The script on the machine that reaches the server. */
function online(by: typeof PAUL, words: readonly string[]): Promise<Ended> {
  return run([...words, "--url", node.url], { HOLDFAST_AUTHORIZATION: bearer(by) });
}

async function signed(file: string, key: string): Promise<void> {
  const words = ["-Y", "sign", "-q", "-f", place(key), "-n", NAMESPACE, place(file)];
  const ended = await sshKeygen(words);
  expect(ended, ended.said).toMatchObject({ code: 0 });
}

const confirmed = (artifact: string, more: object = {}) => {
  const digest = digestOf(artifact);
  return { digestConfirmation: { artifact, digest, observed: digest, ...more } };
};

async function written(name: string, wish: object): Promise<string> {
  await writeFile(place(name), JSON.stringify(wish));
  return place(name);
}

async function signedEntries(packet: string): Promise<number> {
  const { packet: told } = await node.read<{
    packet: { evidence: { nodes: readonly { entry: { signature: string | null } }[] } };
  }>(
    `query ($packet: UUID!) { packet(packet: $packet) { evidence(first: 50) {
    nodes { entry { signature } } } } }`,
    { packet },
  );
  return told.evidence.nodes.filter(({ entry }) => entry.signature !== null).length;
}

describe("reports of somebody whose key is on a machine apart", () => {
  test("are prepared, looked at in words, signed by ssh-keygen, and brought back", async () => {
    const { packet } = opened;
    const entries = [confirmed("app", { note: "twice\u001b[31m" }), confirmed("lib")];
    const reports = await written("reports.json", { readinessRecord: { packet, entries } });
    const prepared = await online(PAUL, ["prepare", reports, "--out", place("ready")]);
    expect(prepared, prepared.err).toMatchObject({ code: 0 });
    expect(prepared.out).toContain(`For real: this is no exercise.\nReports on packet ${packet},`);
    const shown = await run(["show", place("ready.1")]);
    expect(shown.out).toContain('  note: "twice\\u001b[31m"\n');
    expect(await readFile(place("ready.1.txt"), "utf8")).toBe(shown.out);
    const early = await online(PAUL, ["submit", place("ready")]);
    expect(early).toMatchObject({ code: 1 });
    for (const name of ["ready.1", "ready.2"]) await signed(name, "paul_key");
    const submitted = await online(PAUL, ["submit", place("ready")]);
    expect(submitted, submitted.err).toMatchObject({ code: 0 });
    expect(submitted.out).toMatch(/^Recorded: 2 reports, signed with SHA256:\S+\.\n$/);
    expect(await signedEntries(packet)).toBe(2);
    // Brought twice, it is the same wish.
    expect(await online(PAUL, ["submit", place("ready")])).toMatchObject({ code: 0 });
    expect(await signedEntries(packet)).toBe(2);
  });

  test("are refused, each by its place, when another key or another report is under them", async () => {
    const { packet } = opened;
    const entries = [confirmed("tool")];
    const reports = await written("tool.json", { readinessRecord: { packet, entries } });
    const prepared = await online(PAUL, ["prepare", reports, "--out", place("tool")]);
    expect(prepared, prepared.err).toMatchObject({ code: 0 });
    await signed("tool.1", "pia_key");
    const refused = await online(PAUL, ["submit", place("tool")]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("INVALID_INPUT");
    expect(refused.err).toContain("signature");
    const changed = (await readFile(place("tool.1"), "utf8")).replace("tool", "tolo");
    await writeFile(place("changed"), `${changed} `);
    expect(await run(["show", place("changed")])).toMatchObject({ code: 1 });
  });

  test("open a packet under the id that they were signed for", async () => {
    const bindings = { trustedBranch: 1, manifest: 1, reproducibilityPolicy: 1, rollbackScope: 1 };
    expect(Object.values(bindings)).toEqual(Object.values(BINDINGS));
    const opening = { train: "orion-8", exercise: false, bindings, entries: [confirmed("app")] };
    const reports = await written("opening.json", { packetOpen: opening });
    const prepared = await online(PIA, ["prepare", reports, "--out", place("opening")]);
    expect(prepared, prepared.err).toMatchObject({ code: 0 });
    await signed("opening.1", "pia_key");
    const submitted = await online(PIA, ["submit", place("opening")]);
    expect(submitted, submitted.err).toMatchObject({ code: 0 });
    const kept = JSON.parse(await readFile(place("opening"), "utf8")) as {
      readonly packetOpen: { readonly packet: string };
    };
    expect(await signedEntries(kept.packetOpen.packet)).toBe(1);
  });

  test("the script says what is wrong with its command line, and with what it is given", async () => {
    expect(await run(["--help"])).toMatchObject({ code: 0 });
    expect(await run(["sign"])).toMatchObject({ code: 2 });
    expect(await run(["prepare", place("reports.json"), "--url", node.url])).toMatchObject({
      code: 2,
    });
    const wrong = await written("wrong.json", { packetApprove: { entries: [] } });
    const out = ["--out", place("none")];
    expect(await online(PAUL, ["prepare", wrong, ...out])).toMatchObject({ code: 1 });
    expect(await online(PAUL, ["prepare", place("nothing"), ...out])).toMatchObject({ code: 1 });
    const prepared = await online(RITA, ["prepare", place("reports.json"), "--out", place("hers")]);
    expect(prepared).toMatchObject({ code: 0 });
    for (const name of ["hers.1", "hers.2"]) await signed(name, "paul_key");
    const refused = await online(RITA, ["submit", place("hers")]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain("NOT_ENTITLED");
  });
});
