import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AllowedSigners, parseAllowedSigners } from "#proof/allowedSigners.ts";
import type { SshPublicKey } from "#proof/sshPublicKey.ts";
import { readSshKeyText } from "#proof/sshPublicKey.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";
import { type Chance, chance as chanceOf } from "../faults/chance.ts";
import { mutated } from "./mutated.ts";
import { newKey, signWith, sshKeygen } from "./sshKeygen.ts";
import { armor, blobOf, makeSigner, partsOf, type SignerWish } from "./sshMaker.ts";

/** Every kind of key that `ssh-keygen` makes without a FIDO device. */
const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ["ed25519", ["-t", "ed25519"]],
  ["ecdsa-256", ["-t", "ecdsa", "-b", "256"]],
  ["ecdsa-384", ["-t", "ecdsa", "-b", "384"]],
  ["ecdsa-521", ["-t", "ecdsa", "-b", "521"]],
  ["rsa-3072", ["-t", "rsa", "-b", "3072"]],
  ["rsa-4096", ["-t", "rsa", "-b", "4096"]],
];

/** Kinds that our own maker signs with, and `ssh-keygen` can only verify. */
const MADE: readonly SignerWish[] = [
  { type: "ssh-ed25519" },
  { type: "ssh-rsa", algorithm: "rsa-sha2-256" },
  { type: "ssh-rsa", algorithm: "rsa-sha2-512" },
  { type: "ecdsa-sha2-nistp256" },
  { type: "ecdsa-sha2-nistp384" },
  { type: "ecdsa-sha2-nistp521" },
  { type: "sk-ssh-ed25519@openssh.com" },
  { type: "sk-ssh-ed25519@openssh.com", flags: 5, application: "ssh:holdfast" },
  { type: "sk-ecdsa-sha2-nistp256@openssh.com" },
];

const CASES_EACH = 40;
const MUTATIONS_EACH = 25;
const NAMESPACES = ["sign-in@holdfast", "approval@holdfast", "entry@holdfast", "file", "git"];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "holdfast-keygen-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Some bytes, and something that they could be signed for. */
interface Case {
  readonly message: Uint8Array;
  readonly namespace: string;
  readonly hash: "sha256" | "sha512";
}

function caseOf(chance: Chance): Case {
  const message = Buffer.alloc(chance.below(3_000)).map(() => chance.below(256));
  const namespace = NAMESPACES[chance.below(NAMESPACES.length)] ?? "file";
  return { message, namespace, hash: chance.below(2) === 0 ? "sha256" : "sha512" };
}

const ours = (armored: string, { message, namespace }: Case): SshPublicKey | SshFault =>
  verifySshSignature({ armored, message, namespace });

/** Whether `ssh-keygen` takes it as the signature of the message by whatever key. */
async function theirs(armored: string, { message, namespace }: Case): Promise<boolean> {
  const file = path.join(folder, "checked.sig");
  await writeFile(file, armored);
  const words = ["-Y", "check-novalidate", "-n", namespace, "-s", file];
  return (await sshKeygen(words, message)).code === 0;
}

/** What `ssh-keygen` lets pass and we do not: PROTOCOL.sshsig has but one version. */
const STRICTER = /version 1/;

async function agree(armored: string, about: Case): Promise<void> {
  const key = ours(armored, about);
  const isTaken = await theirs(armored, about);
  if (key instanceof SshFault && isTaken) expect(key.why).toMatch(STRICTER);
  else expect(!(key instanceof SshFault)).toBe(isTaken);
}

/** The same case with something else in its place, each of which nobody has signed. */
function changesOf(about: Case): readonly Case[] {
  return [
    { ...about, message: Buffer.concat([about.message, Buffer.of(0)]) },
    { ...about, namespace: `${about.namespace}x` },
    { ...about, namespace: "another@holdfast" },
  ];
}

describe.each(KINDS)("what ssh-keygen signs with %s", (name, kind) => {
  test("is taken here, and whatever is changed is refused by both", async () => {
    const chance = chanceOf(`cases of ${name}`);
    const { file, line } = await newKey(folder, name, kind);
    const [type = "", encoded = ""] = line.split(" ");
    const listed = readSshKeyText(type, encoded);
    if (listed instanceof SshFault) throw new Error(listed.why);
    const shown = await sshKeygen(["-l", "-f", `${file}.pub`]);
    expect(shown.said).toContain(` ${listed.fingerprint} `);
    for (let round = 0; round < CASES_EACH; round += 1) {
      const about = caseOf(chance);
      const armored = await signWith(file, about.message, about.namespace, about.hash);
      const key = ours(armored, about);
      expect(key instanceof SshFault ? key : key.fingerprint).toBe(listed.fingerprint);
      expect(await theirs(armored, about)).toBe(true);
      const other = changesOf(about)[round % 3] ?? about;
      expect(ours(armored, other)).toBeInstanceOf(SshFault);
      expect(await theirs(armored, other)).toBe(false);
    }
  });

  test("is judged alike by both after its bytes were changed", async () => {
    const chance = chanceOf(`mutations of ${name}`);
    const about = caseOf(chance);
    const armored = await signWith(path.join(folder, name), about.message, about.namespace);
    const blob = Buffer.from(armored.split("\n").slice(1, -2).join(""), "base64");
    expect(blob.length).toBeGreaterThan(0);
    for (let round = 0; round < MUTATIONS_EACH; round += 1) {
      await agree(armor(mutated(blob, chance)), about);
    }
  });
});

test.each(MADE)(
  "ssh-keygen takes what is made here as $type, and agrees on what is changed",
  async (wish) => {
    const chance = chanceOf(`made as ${wish.type}`);
    const signer = makeSigner(wish);
    for (let round = 0; round < 10; round += 1) {
      const about = caseOf(chance);
      const blob = blobOf(partsOf(signer, about.message, about.namespace, about.hash));
      expect(ours(armor(blob), about)).not.toBeInstanceOf(SshFault);
      expect(await theirs(armor(blob), about)).toBe(true);
      await agree(armor(mutated(blob, chance)), about);
      await agree(armor(blob), changesOf(about)[round % 3] ?? about);
    }
  },
);

describe("a file of allowed signers", () => {
  const about = { message: Buffer.from("m"), namespace: "approval@holdfast" };
  const signers: [person: string, name: string][] = [
    ["ada", "ada"],
    ["ben", "ben"],
  ];
  const lines: string[] = [];
  const signatures = new Map<string, string>();
  let listed = new AllowedSigners();
  let file = "";

  beforeAll(async () => {
    for (const [person, name] of signers) {
      const key = await newKey(folder, name, ["-t", "ed25519"]);
      lines.push(`${person} namespaces="approval@holdfast,file" ${key.line}`);
      signatures.set(person, await signWith(key.file, about.message, about.namespace));
    }
    const stranger = await newKey(folder, "stranger", ["-t", "ed25519"]);
    signatures.set("eve", await signWith(stranger.file, about.message, about.namespace));
    const text = `# who may decide\n\n${lines.join("\n")} a comment\n`;
    file = path.join(folder, "allowed_signers");
    await writeFile(file, text);
    const read = parseAllowedSigners(text);
    if (!(read instanceof AllowedSigners)) throw new Error(read.join());
    listed = read;
  });

  test.each([
    ["ada", "ada", true],
    ["ben", "ben", true],
    ["ada", "ben", false],
    ["ben", "ada", false],
    ["ada", "eve", false],
    ["eve", "eve", false],
    ["ADA", "ada", false],
  ])("says of %s and the signature of %s what ssh-keygen says", async (person, by, expected) => {
    const armored = signatures.get(by) ?? "";
    const key = verifySshSignature({ armored, ...about });
    if (key instanceof SshFault) throw new Error(key.why);
    expect(listed.has(person, key.fingerprint, about.namespace)).toBe(expected);
    const signature = path.join(folder, "listed.sig");
    await writeFile(signature, armored);
    const words = [
      "-Y",
      "verify",
      "-f",
      file,
      "-I",
      person,
      "-n",
      about.namespace,
      "-s",
      signature,
    ];
    expect((await sshKeygen(words, about.message)).code === 0).toBe(expected);
  });

  test("lists a key for the namespaces of its line alone, as ssh-keygen has it", async () => {
    const armored = await signWith(path.join(folder, "ada"), about.message, "git");
    const key = verifySshSignature({ armored, message: about.message, namespace: "git" });
    if (key instanceof SshFault) throw new Error(key.why);
    expect(listed.has("ada", key.fingerprint, "git")).toBe(false);
    const signature = path.join(folder, "git.sig");
    await writeFile(signature, armored);
    const words = ["-Y", "verify", "-f", file, "-I", "ada", "-n", "git", "-s", signature];
    expect((await sshKeygen(words, about.message)).code).not.toBe(0);
  });
});
