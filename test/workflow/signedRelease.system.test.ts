import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freshDatabase } from "../database/freshDatabase.ts";
import { type HttpNode, PASSPORTS, startHttpNode } from "../faults/httpNode.ts";
import { digestOf, release } from "../gate/train.ts";
import { bearer, ownFolder } from "../identity/passports.ts";
import { newKey, sshKeygen } from "../proof/sshKeygen.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const fresh = freshDatabase();
const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);
const NAMESPACE = "release@holdfast";
const CORE = ["--component", "core"];

let node: HttpNode;
const fingerprints = new Map<string, string>();
beforeAll(async () => {
  for (const [name, ...kind] of [
    ["old", "-t", "ed25519"],
    ["next", "-t", "ecdsa", "-b", "384"],
  ] as const) {
    const { file } = await newKey(folder.path, name, kind);
    const { said } = await sshKeygen(["-l", "-f", `${file}.pub`]);
    fingerprints.set(name, said.split(" ")[1] ?? "");
  }
  await mkdir(place("data"));
  const principals = [PASSPORTS.rex.entry, PASSPORTS.rita.entry];
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

/** The script where the keys are: it is given no server and no name. */
function run(...words: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env["PATH"] };
  return new Promise((resolve) => {
    const command = ["--import=tsx/esm", "scripts/release.ts", ...words];
    execFile(process.execPath, command, { cwd: root, env }, (fault, out, err) => {
      resolve({ code: fault === null ? 0 : Number(fault.code), out, err });
    });
  });
}

/** Signs as the script said, and keeps the signature under the signer's own name. */
async function signed(file: string, key: string, namespace = NAMESPACE): Promise<string> {
  const ended = await sshKeygen(
    ["-Y", "sign", "-q", "-f", place(key), "-n", namespace],
    await readFile(place(file)),
  );
  expect(ended, ended.said).toMatchObject({ code: 0 });
  const name = place(`${file}.${key}.sig`);
  await writeFile(name, ended.said);
  return name;
}

/** A file of JSON with a release as somebody writes it down before anybody has signed. */
async function written(name: string, change: object = {}): Promise<string> {
  const { signedBy: _signedBy, ...unsigned } = release("r7", 7, 6);
  const whole = { ...unsigned, denied: [digestOf("r3")], ...change };
  await writeFile(place(`${name}.json`), JSON.stringify(whole));
  return place(`${name}.json`);
}

async function recorded(file: string): Promise<Answer> {
  const query = `mutation ($input: SharedRecordInput!) { answer: sharedRecord(input: $input) {
    __typename ... on InvalidInput { faults { path message } } ... on Error { code } } }`;
  const initialised = JSON.parse(await readFile(file, "utf8")) as object;
  const entries = [{ releaseInitialisation: { component: "core", release: initialised } }];
  const input = { idempotencyKey: path.basename(file), exercise: false, entries };
  const response = await fetch(`${node.url}/graphql`, {
    method: "POST",
    headers: { authorization: bearer(PASSPORTS.rex), "content-type": "application/json" },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data } = (await response.json()) as { readonly data: { readonly answer: Answer } };
  return data.answer;
}

interface Answer {
  readonly __typename: string;
  readonly code?: string;
}

describe("a release whose signers' keys are on machines apart", () => {
  test("is prepared, looked at in words, signed by two keys, and recorded through the API", async () => {
    const file = await written("both");
    const prepared = await run("prepare", file, ...CORE, "--out", place("both"));
    expect(prepared, prepared.err).toMatchObject({ code: 0 });
    expect(prepared.out).toContain(`ssh-keygen -Y sign -f KEY -n ${NAMESPACE} ${place("both")}\n`);
    const shown = await run("show", place("both"));
    expect(shown.out).toContain('Release "r7" for the component "core", and for no other:\n');
    expect(shown.out).toContain("refuses whatever has a lower SVN than 6 (MASVN)");
    expect(shown.out).toContain(`denies "${digestOf("r3")}"`);
    expect(await readFile(place("both.txt"), "utf8")).toBe(shown.out);

    // One after the other, each where their key is; the second signs what the first did.
    const first = await run("attach", file, ...CORE, await signed("both", "old"));
    expect(first, first.err).toMatchObject({ code: 0 });
    expect(first.out).toContain(`renewed: ${fingerprints.get("old")}.\n`);
    const second = await run("attach", file, ...CORE, await signed("both", "next"));
    expect(second.out).toContain("has 2 signatures");
    const again = await run("attach", file, ...CORE, place("both.next.sig"));
    expect(again.out).toContain("has 2 signatures");

    expect(await recorded(file)).toMatchObject({ __typename: "SharedRecordPayload" });
    const { component } = await node.read<{ readonly component: object }>(
      `{ component(name: "core", exercise: false) { recorded { floor denied } } }`,
    );
    expect(component).toEqual({ recorded: { floor: 6, denied: [digestOf("r3")] } });
  });

  test("takes no signature over another release, for another component or for another use", async () => {
    const file = await written("strict");
    const before = await readFile(file, "utf8");
    await run("prepare", file, ...CORE, "--out", place("strict"));
    const good = await signed("strict", "old");
    const other = await written("other", { svn: 8 });
    for (const words of [
      [other, ...CORE, good],
      [file, "--component", "shell", good],
      [file, ...CORE, await signed("strict", "next", "entry@holdfast")],
      [file, ...CORE, place("old.pub")],
      [file, ...CORE, place("nowhere")],
    ]) {
      const refused = await run("attach", ...words);
      expect(refused, refused.out).toMatchObject({ code: 1, out: "" });
    }
    expect(await readFile(file, "utf8")).toBe(before);
  });

  test("is not finished while somebody is said to have signed who has not", async () => {
    const named = await written("named", { signedBy: [...fingerprints.values()] });
    await run("prepare", named, ...CORE, "--out", place("named"));
    const early = await run("attach", named, ...CORE, await signed("named", "old"));
    expect(early).toMatchObject({ code: 1 });
    expect(early.err).toContain(`says that ${fingerprints.get("next")} signed: bring`);
    expect(await recorded(named)).toMatchObject({ code: "INVALID_INPUT" });
    const whole = await run(
      "attach",
      named,
      ...CORE,
      place("named.old.sig"),
      await signed("named", "next"),
    );
    expect(whole, whole.err).toMatchObject({ code: 0 });
    expect(await recorded(named)).toMatchObject({ __typename: "SharedRecordPayload" });
  });

  test("the script says what is wrong with its command line, and with what it is given", async () => {
    expect(await run("--help")).toMatchObject({ code: 0 });
    const file = await written("plain");
    for (const words of [
      ["sign", file],
      ["prepare", file, "--out", place("none")],
      ["prepare", file, ...CORE],
      ["prepare", file, "--component", "two words", "--out", place("none")],
      ["attach", file, ...CORE],
    ]) {
      expect(await run(...words), words.join(" ")).toMatchObject({ code: 2 });
    }
    const out = [...CORE, "--out", place("none")];
    const wrong = await run("prepare", await written("wrong", { svn: -1, more: true }), ...out);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.err).toContain("\n  svn ");
    expect(await run("prepare", place("old.pub"), ...out)).toMatchObject({ code: 1 });
    expect(await run("prepare", place("nothing"), ...out)).toMatchObject({ code: 1 });
    expect(await run("show", file)).toMatchObject({ code: 1 });
  });
});
