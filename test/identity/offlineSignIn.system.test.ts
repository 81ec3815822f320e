import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { sshString } from "#proof/sshWire.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { newKey, sshKeygen } from "../proof/sshKeygen.ts";
import { armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { type MainProcess, startMain, urlOf } from "../server/startMain.ts";
import { credentialFrom } from "./offlineWorld.ts";
import { ownFolder, passport } from "./passports.ts";
import { fileOf } from "../programs/program.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const fresh = freshDatabase();
const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);

const RUTH = passport("ruth", ["RELEASE_SECURITY"]);
const PERSONS = ["ada", "ben", "cleo"] as const;
const KINDS: Readonly<Record<(typeof PERSONS)[number], readonly string[]>> = {
  ada: ["-t", "ed25519"],
  ben: ["-t", "ecdsa", "-b", "384"],
  cleo: ["-t", "rsa", "-b", "3072"],
};

let main: MainProcess;
let url = "";
const lines = new Map<string, string>();

/** A real server of its own process: no identity provider is configured. */
beforeAll(async () => {
  for (const person of PERSONS) {
    const { line } = await newKey(folder.path, person, KINDS[person]);
    lines.set(person, line);
  }
  const responders = PERSONS.map((name) => ({
    name,
    kind: "PERSON",
    roles: ["READER", "RELEASE_SECURITY"],
    responder: true,
  }));
  const principals = [RUTH.entry, ...responders];
  await writeFile(place("principals.json"), JSON.stringify({ principals }));
  await writeFile(place("allowed_signers"), [...lines].map(listing).join(""));
  await writeFile(place("revoked_keys"), "# none yet\n");
  main = startMain(environment());
  await main.says("Holdfast serves");
  url = urlOf(main);
});

afterAll(async () => {
  main.signal("SIGTERM");
  await main.exited;
});

function environment(): Record<string, string> {
  return {
    DATABASE_URL: fresh.appUrl,
    HOLDFAST_MIGRATION_URL: fresh.url,
    HOLDFAST_DATA: folder.path,
    HOLDFAST_PORT: "0",
  };
}

function listing([person, line]: [string, string]): string {
  return `${person} namespaces="sign-in@holdfast" ${line}\n`;
}

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The script as a person runs it, without a terminal. */
function signIn(args: readonly string[], environment: Record<string, string> = {}): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [fileOf("signIn"), ...args],
      { cwd: root, env: { PATH: process.env["PATH"], ...environment } },
      (_fault, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

async function headerOf(
  args: readonly string[],
  environment?: Record<string, string>,
): Promise<string> {
  const { code, stdout, stderr } = await signIn(args, environment);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Holdfast-Sshsig [\w-]+\.[\w-]+\n$/);
  return stdout.trimEnd();
}

async function ask(authorization: string, query: string, variables: object = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, text: await response.text() };
}

const EPOCH = "{ deployment { deployment epoch } }";

/** What a server tells anybody. */
async function told(): Promise<{ readonly deployment: string; readonly epoch: string }> {
  const response = await fetch(`${url}/sign-in`);
  return (await response.json()) as { readonly deployment: string; readonly epoch: string };
}

async function ready() {
  const response = await fetch(`${url}/ready`);
  return (await response.json()) as { readonly checks: { readonly signers: string } };
}

describe("with no identity provider at all", () => {
  test.each(PERSONS)("%s signs in with a key of their own, and asks", async (person) => {
    const header = await headerOf(["--url", url, "--principal", person, "--key", place(person)]);
    const answer = await ask(header, EPOCH);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ data: { deployment: await told() } });
  });

  test("their last exercise is known", async () => {
    const header = await headerOf(["--url", url, "--principal", "ada", "--key", place("ada")]);
    const answer = await ask(header, "{ responders { person lastExercise { epoch } } }");
    const { epoch } = await told();
    expect(JSON.parse(answer.text)).toEqual({
      data: { responders: PERSONS.map((person) => ({ person, lastExercise: { epoch } })) },
    });
  });

  test("a person who was told deployment and epoch needs no server to sign", async () => {
    const { deployment, epoch } = await told();
    const last = String(BigInt(epoch) + 1n);
    const said = ["--deployment", deployment, "--epoch", epoch, "--through", last];
    const header = await headerOf([...said, "--principal", "ada", "--key", place("ada")]);
    expect((await ask(header, EPOCH)).status).toBe(200);
  });

  test("a machine apart signs a file, and what it signed is taken back", async () => {
    const statement = place("statement.json");
    const written = await signIn(["--url", url, "--principal", "ben", "--statement", statement]);
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(written.stdout).toContain("ssh-keygen -Y sign -n sign-in@holdfast");
    const words = ["-Y", "sign", "-q", "-n", "sign-in@holdfast", "-f", place("ben"), statement];
    expect(await sshKeygen(words)).toMatchObject({ code: 0 });
    const header = await headerOf(["--statement", statement, "--signature", `${statement}.sig`]);
    expect((await ask(header, EPOCH)).status).toBe(200);
  });

  describe("and an agent that holds the key", () => {
    let agent: ChildProcess | undefined;
    const socket = (): string => place("agent");
    beforeAll(async () => {
      agent = spawn("ssh-agent", ["-D", "-a", socket()], { stdio: ["ignore", "pipe", "inherit"] });
      if (agent.stdout !== null) await once(agent.stdout, "data");
      const adding = spawn("ssh-add", ["-q", place("ada")], {
        env: { PATH: process.env["PATH"], SSH_AUTH_SOCK: socket() },
        stdio: "ignore",
      });
      await once(adding, "exit");
    });
    afterAll(async () => {
      agent?.kill();
      if (agent !== undefined) await once(agent, "exit");
    });

    test("the script signs with the public key alone", async () => {
      await rename(place("ada"), place("ada.away"));
      const words = ["--url", url, "--principal", "ada", "--key", place("ada.pub")];
      const header = await headerOf(words, { SSH_AUTH_SOCK: socket() });
      expect((await ask(header, EPOCH)).status).toBe(200);
      const alone = await signIn(words);
      expect(alone).toMatchObject({ code: 1, stdout: "" });
      await rename(place("ada.away"), place("ada"));
    });
  });
});

describe("nobody is let in", () => {
  test("as somebody else, nor with a header that was changed", async () => {
    const header = await headerOf(["--url", url, "--principal", "ben", "--key", place("ada")]);
    expect((await ask(header, EPOCH)).status).toBe(401);
    const own = await headerOf(["--url", url, "--principal", "ada", "--key", place("ada")]);
    const [scheme, credential = ""] = own.split(" ");
    const [statement = "", signature] = credential.split(".");
    const other = Buffer.from(
      Buffer.from(statement, "base64url").toString().replace("ada", "ben"),
    ).toString("base64url");
    for (const changed of [`${other}.${signature}`, statement, `${credential}.x`, ""]) {
      expect((await ask(`${scheme} ${changed}`, EPOCH)).status).toBe(401);
    }
    expect((await ask(`Bearer ${credential}`, EPOCH)).status).toBe(401);
    expect((await ask(own.toLowerCase().replace(/ .*/, ` ${credential}`), EPOCH)).status).toBe(200);
  });

  test("with an algorithm or a key that nobody knows", async () => {
    const own = await headerOf(["--url", url, "--principal", "ada", "--key", place("ada")]);
    const [statement = ""] = (own.split(" ")[1] ?? "").split(".");
    const bytes = Buffer.from(statement, "base64url");
    const signer = makeSigner({ type: "ssh-ed25519", algorithm: "ssh-mldsa65" });
    const parts = partsOf(signer, bytes, "sign-in@holdfast");
    const unknownKey = { ...parts, wire: sshString("ssh-mldsa65") };
    for (const tried of [parts, unknownKey, { ...parts, hash: "sha3" }, { ...parts, version: 2 }]) {
      const header = `Holdfast-Sshsig ${credentialFrom(bytes, armor(blobOf(tried)))}`;
      expect((await ask(header, EPOCH)).status).toBe(401);
    }
  });

  test("with a statement of another deployment, or of an epoch to come", async () => {
    const { deployment, epoch } = await told();
    const by = ["--principal", "ada", "--key", place("ada")];
    const next = String(BigInt(epoch) + 50n);
    const elsewhere = "019a0000-0000-7000-8000-000000000000";
    for (const said of [
      ["--deployment", elsewhere, "--epoch", epoch],
      ["--deployment", deployment, "--epoch", next],
    ]) {
      expect((await ask(await headerOf([...said, ...by]), EPOCH)).status).toBe(401);
    }
  });

  test("once their credential is revoked in the ledger", async () => {
    const header = await headerOf(["--url", url, "--principal", "cleo", "--key", place("cleo")]);
    expect((await ask(header, EPOCH)).status).toBe(200);
    const entries = [{ credentialRevocation: { person: "cleo" } }];
    const input = { exercise: false, idempotencyKey: "cleo-is-out", entries };
    const recorded = await ask(
      `Bearer ${RUTH.token}`,
      `mutation ($input: SharedRecordInput!) { sharedRecord(input: $input) { __typename } }`,
      { input },
    );
    expect(recorded.text).toContain("SharedRecordPayload");
    while ((await ask(header, EPOCH)).status === 200) continue;
    expect((await ask(header, EPOCH)).status).toBe(401);
  });

  test("once their key is revoked, and the others go on", async () => {
    const ben = await headerOf(["--url", url, "--principal", "ben", "--key", place("ben")]);
    const ada = await headerOf(["--url", url, "--principal", "ada", "--key", place("ada")]);
    expect((await ask(ben, EPOCH)).status).toBe(200);
    const [, encoded = ""] = lines.get("ben")?.split(" ") ?? [];
    const fingerprint = fingerprintOf(Buffer.from(encoded, "base64"));
    await writeFile(place("revoked_keys"), `${fingerprint} lost\n`);
    while ((await ask(ben, EPOCH)).status === 200) continue;
    expect((await ask(ben, EPOCH)).status).toBe(401);
    expect((await ask(ada, EPOCH)).status).toBe(200);
  });

  test("while the file of revoked keys cannot be read; tokens go on", async () => {
    const ada = await headerOf(["--url", url, "--principal", "ada", "--key", place("ada")]);
    const text = await readFile(place("revoked_keys"), "utf8");
    await writeFile(place("revoked_keys"), "nonsense\n");
    while ((await ask(ada, EPOCH)).status === 200) continue;
    expect((await ask(ada, EPOCH)).status).toBe(401);
    expect((await ask(`Bearer ${RUTH.token}`, EPOCH)).status).toBe(200);
    expect(await ready()).toMatchObject({ status: "READY", checks: { signers: "FAULTY" } });
    await writeFile(place("revoked_keys"), text);
    while ((await ready()).checks.signers === "FAULTY") continue;
    expect((await ask(ada, EPOCH)).status).toBe(200);
  });
});

test.each([
  ["HOLDFAST_SIGNERS", "*@releases.example ssh-ed25519 AAAA\n", "line 1: must begin with the name"],
  ["HOLDFAST_REVOKED_KEYS", "ada\n", "line 1: is neither a fingerprint"],
])("a server whose %s has a fault does not start, and says where", async (variable, text, said) => {
  await writeFile(place("faulty"), text);
  const other = startMain({ ...environment(), [variable]: place("faulty") });
  expect(await other.exited).toBe(1);
  expect(other.stderr()).toContain(said);
  expect(other.stderr()).not.toContain("    at ");
});

describe("the script says what is wrong with", () => {
  test.each<[string, readonly string[], number, string]>([
    ["no words", [], 2, "say --key FILE"],
    ["no person", ["--key", "k", "--epoch", "1", "--deployment", "d"], 2, "--principal must be"],
    ["no epoch", ["--key", "k", "--principal", "ada", "--deployment", "d"], 2, "say --url URL"],
    [
      "an epoch that is none",
      ["--key", "k", "--principal", "ada", "--deployment", "d", "--epoch", "x"],
      2,
      "--epoch must be",
    ],
    [
      "a last epoch that is too late",
      ["--key", "k", "--principal", "ada", "--deployment", "d", "--epoch", "1", "--through", "62"],
      2,
      "--through must lie between 1 and 61",
    ],
    ["a signature of nothing", ["--signature", "s"], 2, "say --key FILE"],
    ["an unknown word", ["--force"], 2, "--help"],
    [
      "an address where nobody is",
      ["--url", "http://127.0.0.1:9", "--principal", "ada", "--key", "k"],
      1,
      "does not answer",
    ],
    [
      "files that are not there",
      ["--statement", "absent", "--signature", "absent.sig"],
      1,
      "cannot be read",
    ],
  ])("%s", async (_what, args, code, said) => {
    const run = await signIn(args);
    expect([run.code, run.stdout]).toEqual([code, ""]);
    expect(run.stderr).toContain(said);
  });
});
