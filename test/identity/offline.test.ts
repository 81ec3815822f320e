import { describe, expect, test } from "vitest";
import { canonicalBytes } from "#proof/canonical.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import {
  readSignInStatement,
  SIGN_IN_EPOCHS_MAX,
  SIGN_IN_NAMESPACE,
  signInStatementBytes,
} from "#proof/signInStatement.ts";
import { armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import {
  credentialFrom,
  credentialOf,
  DEPLOYMENT,
  lineOf,
  openWorld,
  PEOPLE,
  peopleText,
} from "./offlineWorld.ts";
import { ownFolder } from "./passports.ts";

const folder = ownFolder();
const world = () => openWorld(folder.path);

describe("a responder with a listed key", () => {
  test("is let in as themselves, with their roles and their key", async () => {
    const { signIn, ada } = await world();
    expect(await signIn()).toEqual({
      actor: {
        actor: "ada",
        kind: "PERSON",
        roles: ["READER", "APPROVAL_OWNER"],
        offlineKey: fingerprintOf(ada.wire),
      },
      validThroughEpoch: 110n,
    });
  });

  test("is let in with every type of key, each listed on a line", async () => {
    const { write, pass, signIn } = await world();
    const types = ["ecdsa-sha2-nistp384", "ssh-rsa", "sk-ssh-ed25519@openssh.com"];
    const made = types.map((type) => makeSigner({ type }));
    await write("allowed_signers", made.map((key) => lineOf("ada", key)).join(""));
    pass();
    for (const signer of made) expect(await signIn({ signer })).not.toBeNull();
  });

  test("is let in from the statement's epoch through its last, and neither before nor after", async () => {
    const { signIn, known } = await world();
    const said = { epoch: 100n, through: 103n };
    for (const [epoch, isIn] of [
      [99n, false],
      [100n, true],
      [103n, true],
      [104n, false],
    ] as const) {
      known.epoch = epoch;
      expect((await signIn(said)) !== null, String(epoch)).toBe(isIn);
    }
  });

  test("is let in with an epoch that another node told, and this one had not seen", async () => {
    const { signIn, known } = await world();
    known.stepped = 101n;
    expect(await signIn({ epoch: 101n })).not.toBeNull();
    expect(await signIn({ epoch: 102n })).toBeNull();
  });

  test("is let in for so many epochs and no more, whenever they are", async () => {
    const { signIn } = await world();
    expect(await signIn({ epoch: 100n, through: 100n })).not.toBeNull();
    expect(await signIn({ epoch: 100n, through: 100n + SIGN_IN_EPOCHS_MAX })).not.toBeNull();
    expect(await signIn({ epoch: 100n, through: 101n + SIGN_IN_EPOCHS_MAX })).toBeNull();
    expect(await signIn({ epoch: 99n, through: 100n + SIGN_IN_EPOCHS_MAX })).toBeNull();
    expect(await signIn({ epoch: 100n, through: 99n })).toBeNull();
  });
});

describe("nobody is let in", () => {
  test("whose key is not theirs, is listed for another use, or for nobody", async () => {
    const { signIn, write, pass } = await world();
    const ben = makeSigner({ type: "ssh-ed25519" });
    const approver = makeSigner({ type: "ssh-ed25519" });
    const lines = lineOf("ben", ben) + lineOf("ada", approver, "approval@holdfast");
    await write("allowed_signers", lines);
    pass();
    expect(await signIn({ signer: ben })).toBeNull();
    expect(await signIn({ signer: approver })).toBeNull();
    expect(await signIn()).toBeNull();
  });

  test("with a signature made for another use", async () => {
    const { signIn, write, pass, ada } = await world();
    await write("allowed_signers", lineOf("ada", ada, "sign-in@holdfast,approval@holdfast"));
    pass();
    expect(await signIn()).not.toBeNull();
    expect(await signIn({ namespace: "approval@holdfast" })).toBeNull();
  });

  test("at another deployment", async () => {
    const { signIn } = await world();
    expect(await signIn({ deployment: "other.example" })).toBeNull();
  });

  test("who is no responder, no person, of another spelling, or not in the file", async () => {
    const { write, pass, desk, heard } = await world();
    for (const principal of ["ben", "robot", "ADA", "nobody"]) {
      const signer = makeSigner({ type: "ssh-ed25519" });
      await write("allowed_signers", lineOf(principal, signer));
      pass();
      expect(await desk.signIn(credentialOf({ signer, principal }))).toBeNull();
    }
    expect(heard.lines.filter(({ message }) => message.includes("offline"))).toHaveLength(4);
  });

  test("who is taken out of the principals file, or out of the responders", async () => {
    for (const people of [PEOPLE.slice(1), [{ ...PEOPLE[0], responder: undefined }], "{"]) {
      const { signIn, write, pass } = await world();
      await write("principals.json", typeof people === "string" ? people : peopleText(people));
      pass();
      expect(await signIn()).toBeNull();
    }
  });

  test("whose key or credential is revoked", async () => {
    const { signIn, write, pass, ada, known } = await world();
    known.revoked.set("ada", true);
    expect(await signIn()).toBeNull();
    known.revoked.delete("ada");
    await write("revoked_keys", `${fingerprintOf(ada.wire)}\n`);
    pass();
    expect(await signIn()).toBeNull();
  });

  test("while the epoch or their revocation was never known", async () => {
    const { signIn, known } = await world();
    known.epoch = null;
    expect(await signIn()).toBeNull();
    known.epoch = 100n;
    known.revoked.set("ada", null);
    expect(await signIn()).toBeNull();
    known.revoked.delete("ada");
    expect(await signIn()).not.toBeNull();
  });
});

describe("a statement counts in its one form alone", () => {
  const statement = {
    deployment: DEPLOYMENT,
    principal: "ada",
    epoch: "100",
    validThroughEpoch: "101",
  };
  const format = "holdfast/sign-in/1";
  const sound = { ...statement, format };

  test.each<[string, Uint8Array]>([
    ["with a space in it", Buffer.from(JSON.stringify(sound, null, 1))],
    ["with members in another order", Buffer.from(JSON.stringify({ format, ...statement }))],
    ["with a member more", canonicalBytes({ ...sound, role: "OPERATOR" })],
    ["with a member less", canonicalBytes(statement)],
    ["of another format", canonicalBytes({ ...sound, format: "holdfast/sign-in/2" })],
    ["with numbers for epochs", canonicalBytes({ ...sound, epoch: 100 })],
    ["with an epoch below zero", canonicalBytes({ ...sound, epoch: "-1" })],
    ["with zeros before an epoch", canonicalBytes({ ...sound, epoch: "0100" })],
    ["with a line feed after it", Buffer.concat([canonicalBytes(sound), Buffer.from("\n")])],
    ["that is no object", canonicalBytes([format])],
    ["that is nothing", canonicalBytes(null)],
    ["that is no JSON", Buffer.from("{")],
    ["that is no UTF-8", Buffer.of(0xff)],
  ])("not %s", async (_what, bytes) => {
    const { desk, ada } = await world();
    expect(readSignInStatement(bytes)).toBeNull();
    const armored = armor(blobOf(partsOf(ada, bytes, SIGN_IN_NAMESPACE)));
    expect(await desk.signIn(credentialFrom(bytes, armored))).toBeNull();
  });

  test("and reads as it was written", () => {
    const written = { deployment: "d", principal: "ada", epoch: 2n ** 62n, validThroughEpoch: 0n };
    expect(readSignInStatement(signInStatementBytes(written))).toEqual(written);
  });
});

test("what is sent counts only as two parts of base64url in their one form", async () => {
  const { desk, ada } = await world();
  const sound = credentialOf({ signer: ada });
  const [statement = "", signature = ""] = sound.split(".");
  expect(await desk.authenticate(sound)).not.toBeNull();
  const others = [
    "",
    ".",
    statement,
    `${statement}.`,
    `.${signature}`,
    `${sound}.`,
    `${sound}.${signature}`,
    `${statement}=.${signature}`,
    `${statement}.${signature}=`,
    ` ${sound}`,
    sound.replace(".", " "),
    sound.replace(".", ".A"),
    `${statement}.${Buffer.from("x".repeat(40_000)).toString("base64url")}`,
    `${Buffer.from("x".repeat(2_000)).toString("base64url")}.${signature}`,
  ];
  for (const other of others) expect(await desk.authenticate(other)).toBeNull();
});

describe("whoever was let in is looked at again", () => {
  test("when their last epoch is over", async () => {
    const { desk, signIn, known } = await world();
    const before = await desk.look();
    await signIn({ through: 101n });
    await signIn({ through: 105n });
    known.epoch = 101n;
    expect(await desk.look()).toBe(before);
    known.epoch = 102n;
    const first = await desk.look();
    expect(first).toBeGreaterThan(before);
    expect(await desk.look()).toBe(first);
    known.epoch = 106n;
    expect(await desk.look()).toBeGreaterThan(first);
  });

  test("when their credential is revoked in the ledger", async () => {
    const { desk, signIn, known } = await world();
    await signIn();
    const before = await desk.look();
    known.revoked.set("ben", true);
    expect(await desk.look()).toBe(before);
    known.revoked.set("ada", true);
    expect(await desk.look()).toBeGreaterThan(before);
  });

  test("when keys change", async () => {
    const { desk, write, ada } = await world();
    const before = await desk.look();
    await write("revoked_keys", `${fingerprintOf(ada.wire)}\n`);
    expect(await desk.look()).toBeGreaterThan(before);
  });
});

test("why somebody with a good signature is not let in is logged, and nothing of a stranger's", async () => {
  const { desk, signIn, heard, known } = await world();
  known.epoch = 99n;
  await signIn();
  const stranger = makeSigner({ type: "ssh-ed25519" });
  await desk.signIn(credentialOf({ signer: stranger, principal: "hf.secret" }));
  expect(heard.lines).toMatchObject([{ level: "info", fields: { principal: "ada" } }]);
  expect(JSON.stringify(heard.lines)).not.toContain("secret");
});
