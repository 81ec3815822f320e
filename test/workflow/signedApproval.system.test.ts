import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "#database/connect.ts";
import { approvalStatementBytes, readApprovalStatement } from "#proof/approvalStatement.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { EPOCH_MS, type HttpNode, startHttpNode } from "../faults/httpNode.ts";
import { bearer, ownFolder, passport } from "../identity/passports.ts";
import { newKey, sshKeygen } from "../proof/sshKeygen.ts";
import { OLGA as OWNER } from "./cast.ts";
import { openDesk } from "./openDesk.ts";
import { type Opened, openReady } from "./trains.ts";
import { type Program, fileOf } from "../programs/program.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const fresh = freshDatabase();
const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);

const OLGA = passport("olga", ["APPROVAL_OWNER", "AUDITOR"]);
const RITA = passport("rita", ["READER"]);
const NAMESPACE = "approval@holdfast";

let node: HttpNode;
let ready: Opened;
let rejected: Opened;

/** A server of its own process that knows no identity provider, and the owner's key in its file. */
beforeAll(async () => {
  const database = connect(fresh.appUrl, { applicationName: "holdfast tests", connectionsMax: 4 });
  const desk = await openDesk(database, { epochMs: EPOCH_MS, tickGapMaxMs: 3 * EPOCH_MS });
  ready = await openReady(desk, "orion-7");
  rejected = await openReady(desk, "orion-8");
  await database.close();
  const own = await newKey(folder.path, "olga_key", ["-t", "ed25519"]);
  await newKey(folder.path, "other_key", ["-t", "ecdsa", "-b", "256"]);
  await mkdir(place("data"));
  const listing = `olga namespaces="${NAMESPACE},sign-in@holdfast" ${own.line}\n`;
  await writeFile(place("data/allowed_signers"), listing);
  await writeFile(place("data/revoked_keys"), "");
  const principals = [{ ...OLGA.entry, responder: true }, RITA.entry];
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

function run(program: Program, words: readonly string[], more: object = {}): Promise<Ended> {
  const env = { PATH: process.env["PATH"], ...more };
  return new Promise((resolve) => {
    const command = [fileOf(program), ...words];
    execFile(process.execPath, command, { cwd: root, env }, (fault, out, err) => {
      resolve({ code: fault === null ? 0 : Number(fault.code), out, err });
    });
  });
}

/** The script on the machine that reaches the server; with the owner's token unless told otherwise. */
function online(words: readonly string[], authorization = bearer(OLGA)): Promise<Ended> {
  const more = { HOLDFAST_AUTHORIZATION: authorization };
  return run("approval", [...words, "--url", node.url], more);
}

/** What stands on a person's screen there. */
function offline(words: readonly string[]): Promise<Ended> {
  return run("approval", words);
}

async function signed(file: string, key = "olga_key", namespace = NAMESPACE): Promise<void> {
  const words = ["-Y", "sign", "-q", "-f", place(key), "-n", namespace, place(file)];
  const ended = await sshKeygen(words);
  expect(ended, ended.said).toMatchObject({ code: 0 });
}

interface Gate {
  readonly packet: {
    readonly status: string;
    readonly gate: { readonly status: string };
    readonly approval: {
      readonly signature: { readonly key: string; readonly epoch: string } | null;
    } | null;
    readonly currentRevision: {
      readonly signIn: string | null;
      readonly offlineKey: string | null;
    };
  };
}

function gateOf({ packet }: Opened): Promise<Gate> {
  return node.read<Gate>(
    `query Gate($packet: UUID!) { packet(packet: $packet) {
      status gate { status } approval { signature { key epoch } }
      currentRevision { signIn offlineKey } } }`,
    { packet },
  );
}

/** The packet's bundle as the owner gets it, and the keys that it is checked with. */
async function exportTo(file: string, { packet }: Opened): Promise<readonly string[]> {
  const response = await fetch(`${node.url}/graphql/bundle/${packet}?form=full`, {
    headers: { authorization: bearer(OLGA) },
  });
  expect(response.status).toBe(200);
  await writeFile(place(file), Buffer.from(await response.arrayBuffer()));
  const { log } = await node.read<{ log: { verifierKey: string } }>("{ log { verifierKey } }");
  return ["--key", log.verifierKey];
}

function verify(file: string, words: readonly string[]): Promise<Ended> {
  return run("verify", ["bundle", place(file), ...words]);
}

describe("a real approval with the identity provider away", () => {
  test("is refused while it has no signature, or one that is not the owner's", async () => {
    const { packet, revision, digest } = ready;
    const input = { packet, revision, digest, idempotencyKey: "unsigned-1" };
    const { outcome } = await node.ask({ verb: "packetApprove", by: OWNER, input, thinkUs: 0 });
    expect(outcome).toEqual({ done: false, codes: ["SIGNATURE_REQUIRED"] });
    const prepared = await online(["prepare", packet, "--out", place("wrong")]);
    expect(prepared, prepared.err).toMatchObject({ code: 0 });
    await signed("wrong", "other_key");
    const other = await online(["submit", place("wrong"), place("wrong.sig")]);
    expect(other.code).toBe(1);
    expect(other.err).toContain("APPROVAL_REFUSED");
    expect((await gateOf(ready)).packet.gate.status).toBe("CLOSED");
  });

  test("is prepared, looked at in words, signed by ssh-keygen, and brought back: the gate is OPEN", async () => {
    const prepared = await online(["prepare", ready.packet, "--out", place("statement")]);
    expect(prepared, prepared.err).toMatchObject({ code: 0 });
    expect(prepared.out).toContain("For real");
    const shown = await offline(["show", place("statement")]);
    expect(shown.out).toContain(ready.digest);
    expect(await readFile(place("statement.txt"), "utf8")).toContain(shown.out);
    await signed("statement");
    const statement = await readFile(place("statement"));
    // What ssh-keygen itself says of it, by the same file of signers.
    const allowed = place("data/allowed_signers");
    const words = ["-Y", "verify", "-f", allowed, "-I", "olga", "-n", NAMESPACE, "-s"];
    expect(await sshKeygen([...words, place("statement.sig")], statement)).toMatchObject({
      code: 0,
    });
    const submit = ["submit", place("statement"), place("statement.sig")];
    const submitted = await online(submit);
    expect(submitted, submitted.err).toMatchObject({ code: 0 });
    expect(submitted.out).toContain("The packet is APPROVED");
    // Brought twice, it is the same wish.
    expect(await online(submit)).toMatchObject({ code: 0, out: submitted.out });

    const { packet } = await gateOf(ready);
    expect(packet.gate.status).toBe("OPEN");
    expect(submitted.out).toContain(packet.approval?.signature?.key);
    expect(packet.currentRevision).toEqual({ signIn: "NORMAL", offlineKey: null });
  });

  test("is in the bundle, which the command verifies by the file of signers, and refuses with one byte changed", async () => {
    const keys = await exportTo("bundle", ready);
    const allowed = ["--allowed-signers", place("data/allowed_signers")];
    const right = await verify("bundle", [...keys, ...allowed]);
    expect(right, right.out + right.err).toMatchObject({ code: 0 });
    expect(right.out).toContain("which is listed for olga");
    const alone = await verify("bundle", keys);
    expect(alone).toMatchObject({ code: 0 });
    expect(alone.out).toContain("Signers were not compared");

    const text = await readFile(place("bundle"), "utf8");
    const at = text.indexOf("BEGIN SSH SIGNATURE-----") + 150;
    const changed = text[at] === "A" ? "B" : "A";
    await writeFile(place("changed"), `${text.slice(0, at)}${changed}${text.slice(at + 1)}`);
    const wrong = await verify("changed", [...keys, ...allowed]);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain("Do not rely on this bundle");

    const other = (await readFile(place("other_key.pub"), "utf8")).trim();
    await writeFile(place("others"), `olga namespaces="${NAMESPACE}" ${other}\n`);
    const strange = await verify("bundle", [...keys, "--allowed-signers", place("others")]);
    expect(strange.code).toBe(1);
    expect(strange.out).toContain("SIGNER at bundle");
    await writeFile(place("broken"), "olga valid-after=2026 ssh-ed25519 AAAA\n");
    const broken = await verify("bundle", [...keys, "--allowed-signers", place("broken")]);
    expect(broken.code).toBe(2);
  });

  test("a statement that was changed after it was signed is not taken", async () => {
    const statement = readApprovalStatement(await readFile(place("statement")));
    if (statement === null) throw new Error("prepare wrote no statement");
    const later = approvalStatementBytes({ ...statement, epoch: statement.epoch + 1n });
    await writeFile(place("later"), later);
    const refused = await online(["submit", place("later"), place("statement.sig")]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("APPROVAL_REFUSED");
    await writeFile(place("spaced"), `${await readFile(place("statement"), "utf8")}\n`);
    expect(await offline(["show", place("spaced")])).toMatchObject({ code: 1 });
  });
});

describe("a rejection, by an owner who signs in offline as well", () => {
  test("is signed, recorded, and told apart from a normal sign-in", async () => {
    const words = ["--principal", "olga", "--key", place("olga_key"), "--url", node.url];
    const signIn = await run("signIn", words);
    expect(signIn, signIn.err).toMatchObject({ code: 0 });
    const authorization = signIn.out.trim();
    const prepare = ["prepare", rejected.packet, "--reject", "--out", place("rejection")];
    expect(await online(prepare, authorization)).toMatchObject({ code: 2 });
    const reason = ["--reason", "why two bags?\u202e"];
    expect(await online([...prepare, ...reason], authorization)).toMatchObject({ code: 0 });
    const { out } = await offline(["show", place("rejection")]);
    expect(out).toContain('For this reason: "why two bags?\\u{202e}"\n');
    await signed("rejection");
    const submit = ["submit", place("rejection"), place("rejection.sig")];
    const submitted = await online(submit, authorization);
    expect(submitted, submitted.err).toMatchObject({ code: 0 });
    expect(submitted.out).toContain("The packet is ON_HOLD");
    const { packet } = await gateOf(rejected);
    expect(packet.currentRevision.signIn).toBe("OFFLINE");
    expect(packet.currentRevision.offlineKey).toMatch(/^SHA256:/);
    const keys = await exportTo("rejected bundle", rejected);
    const allowed = ["--allowed-signers", place("data/allowed_signers")];
    const checked = await verify("rejected bundle", [...keys, ...allowed, "--json"]);
    expect(checked.code, checked.out).toBe(0);
    expect(JSON.parse(checked.out)).toMatchObject({ signatures: { decisions: 1 } });
  });
});

test("the script says what is wrong with its command line, and with what it is given", async () => {
  expect(await offline(["--help"])).toMatchObject({ code: 0 });
  expect(await offline(["sign"])).toMatchObject({ code: 2 });
  expect(await offline(["prepare", ready.packet, "--out", place("x")])).toMatchObject({ code: 2 });
  expect(await offline(["show", place("nothing")])).toMatchObject({ code: 1 });
  expect(await online(["prepare", "packet-1", "--out", place("x")])).toMatchObject({ code: 2 });
  const nowhere = "01a1ff9f-f613-75f0-a6ff-9051e6983bf8";
  expect(await online(["prepare", nowhere, "--out", place("x")])).toMatchObject({ code: 1 });
  const nobody = await online(["prepare", ready.packet, "--out", place("x")], "Bearer hf_nobody");
  expect(nobody.code).toBe(1);
});
