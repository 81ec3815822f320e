import path from "node:path";
import { describe, expect, test } from "vitest";
import { FileUnusable } from "#identity/fileKind.ts";
import { openSigners } from "#identity/signers.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { heardLog } from "./heardLog.ts";
import { lineOf, openWorld, type OfflineWorld } from "./offlineWorld.ts";
import { ownFolder } from "./passports.ts";

const folder = ownFolder();
const world = () => openWorld(folder.path);
const message = Buffer.from("canonical bytes");
const approval = "approval@holdfast";

async function approver(): Promise<OfflineWorld & { readonly armored: string }> {
  const it = await world();
  await it.write("allowed_signers", lineOf("ada", it.ada, approval));
  it.pass();
  await it.signers.attend();
  return { ...it, armored: armor(blobOf(partsOf(it.ada, message, approval))) };
}

function whyOf(answer: string | SignatureInvalid): string {
  return answer instanceof SignatureInvalid ? answer.why : "";
}

describe("a signature", () => {
  test("is of the key that is listed for the person and the use", async () => {
    const { signers, ada, armored } = await approver();
    expect(signers.keyFor("ada", armored, message, approval)).toBe(fingerprintOf(ada.wire));
    expect(whyOf(signers.keyFor("ben", armored, message, approval))).toContain("not listed");
    expect(whyOf(signers.keyFor("ada", armored, message, "entry@holdfast"))).toContain(
      "not listed",
    );
    expect(whyOf(signers.keyFor("ada", armored, Buffer.from("other"), approval))).toContain(
      "no signature of this message",
    );
    expect(whyOf(signers.keyFor("ada", "hf_secret", message, approval))).not.toContain("secret");
  });

  test("does not count once its key is revoked, and its owner must still sign", async () => {
    const { signers, ada, armored, write, pass } = await approver();
    await write("revoked_keys", ada.line);
    pass();
    await signers.attend();
    expect(whyOf(signers.keyFor("ada", armored, message, approval))).toContain("revoked");
    expect(signers.mustSign("ada", false)).toBe(true);
  });

  test("does not count once the ring is closed", async () => {
    const { signers, armored } = await approver();
    signers.close();
    expect(whyOf(signers.keyFor("ada", armored, message, approval))).not.toBe("");
    expect(signers.mustSign("ben", false)).toBe(true);
  });
});

describe("whoever has a key for approvals", () => {
  test("must sign, and nobody else", async () => {
    const { signers } = await approver();
    expect([signers.mustSign("ada", false), signers.mustSign("ben", false)]).toEqual([true, false]);
    const { signers: others } = await world();
    expect(others.mustSign("ada", false)).toBe(false);
  });
});

describe("while a file cannot be used, no key counts and everybody must sign:", () => {
  const faults: [string, (it: OfflineWorld) => Promise<void>][] = [
    ["signers with a fault", ({ write }) => write("allowed_signers", "*@example ssh-ed25519 x")],
    ["signers that are gone", ({ remove }) => remove("allowed_signers")],
    ["revoked keys with a fault", ({ write }) => write("revoked_keys", "ada")],
    ["revoked keys that are gone", ({ remove }) => remove("revoked_keys")],
  ];
  test.each(faults)("%s", async (_what, spoil) => {
    const it = await approver();
    const { signers, armored, ada, heard } = it;
    const before = await signers.look();
    await spoil(it);
    it.pass();
    expect(await signers.fault()).toBeInstanceOf(FileUnusable);
    expect(whyOf(signers.keyFor("ada", armored, message, approval))).toContain("mended");
    expect(signers.mustSign("ben", false)).toBe(true);
    expect(signers.holdings()).toBeNull();
    expect(await signers.look()).toBeGreaterThan(before);
    expect(heard.lines.at(-1)?.level).toBe("error");

    await it.write("allowed_signers", lineOf("ada", ada, approval));
    await it.write("revoked_keys", "# none");
    it.pass();
    expect(await signers.fault()).toBeNull();
    expect(signers.keyFor("ada", armored, message, approval)).toBe(fingerprintOf(ada.wire));
    expect(signers.mustSign("ben", false)).toBe(false);
  });
});

test("a change counts within a second, and at once for whoever looks", async () => {
  const { signers, write, pass } = await world();
  const ben = makeSigner({ type: "ssh-ed25519" });
  const armored = armor(blobOf(partsOf(ben, message, approval)));
  await write("allowed_signers", lineOf("ben", ben, approval));
  await signers.attend();
  expect(whyOf(signers.keyFor("ben", armored, message, approval))).toContain("not listed");
  const before = await signers.look();
  expect(signers.keyFor("ben", armored, message, approval)).toBe(fingerprintOf(ben.wire));
  expect(await signers.look()).toBe(before);
  expect([...(signers.holdings() ?? [])]).toEqual([
    ["ben", [`${approval} ${fingerprintOf(ben.wire)}`]],
  ]);
  pass();
});

describe("at the start", () => {
  const open = (file: string, revokedFile: string) =>
    openSigners({ file, revokedFile, log: heardLog().log, now: () => 0 });

  test("nobody has a key where there is no file, and nobody must sign", async () => {
    const none = path.join(folder.path, "none");
    const signers = await open(none, none);
    expect([await signers.fault(), signers.mustSign("ada", false)]).toEqual([null, false]);
  });

  test("keys without a list of those that are revoked are told", async () => {
    const it = await world();
    await it.remove("revoked_keys");
    it.pass();
    expect((await it.signers.fault())?.message).toContain("make it, empty if no key is revoked");
  });
});
