import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { FileUnusable } from "#identity/fileKind.ts";
import { openSigners } from "#identity/signers.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import { sha1Of } from "#proof/krlKey.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { sshString } from "#proof/sshWire.ts";
import { certificates, krlOf, section, serials } from "../proof/krlByHand.ts";
import { armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { heardLog } from "./heardLog.ts";
import { lineOf } from "./offlineWorld.ts";
import { ownFolder } from "./passports.ts";

const folder = ownFolder();
const message = Buffer.from("canonical bytes");
const approval = "approval@holdfast";
const ada = makeSigner({ type: "ssh-ed25519" });
const ben = makeSigner({ type: "ecdsa-sha2-nistp256" });

/** A ring in which ada and ben have a key each, and how it answers once these keys are revoked. */
async function ringWith(revoked: Uint8Array) {
  const [file, revokedFile] = ["allowed_signers", "revoked_keys"].map((name) =>
    path.join(folder.path, name),
  ) as [string, string];
  await writeFile(file, lineOf("ada", ada, approval) + lineOf("ben", ben, approval));
  await writeFile(revokedFile, "");
  let nowMs = 0;
  const signers = await openSigners({ file, revokedFile, log: heardLog().log, now: () => nowMs });
  await writeFile(revokedFile, revoked);
  nowMs += 5_000;
  await signers.attend();
  return {
    signers,
    counting: [
      ...([
        ["ada", ada],
        ["ben", ben],
      ] as const),
    ]
      .filter(([person, signer]) => {
        const armored = armor(blobOf(partsOf(signer, message, approval)));
        return !(signers.keyFor(person, armored, message, approval) instanceof SignatureInvalid);
      })
      .map(([person]) => person),
  };
}

const digestOf = (fingerprint: string): Uint8Array =>
  Buffer.from(fingerprint.slice("SHA256:".length), "base64");

describe("a binary list of revoked keys", () => {
  test.each([
    ["whole", section(2, sshString(ada.wire)), ["ben"]],
    ["by SHA-256", section(5, sshString(digestOf(fingerprintOf(ada.wire)))), ["ben"]],
    ["by SHA-1", section(3, sshString(Buffer.from(sha1Of(ada.wire), "latin1"))), ["ben"]],
    ["as an authority of certificates alone", certificates(ada.wire, serials(1n)), ["ada", "ben"]],
  ])("that names a key %s keeps it from counting or not", async (_how, part, counting) => {
    const it = await ringWith(krlOf([part]));
    expect(await it.signers.fault()).toBeNull();
    expect(it.counting).toEqual(counting);
    const held = [...(it.signers.holdings() ?? [])].filter(([, keys]) => keys.length > 0);
    expect(held.map(([person]) => person)).toEqual(counting);
  });

  test("with a fault lets no key count, and says where it is", async () => {
    const { signers, counting } = await ringWith(krlOf([section(6)]));
    expect(counting).toEqual([]);
    const fault = await signers.fault();
    expect(fault).toBeInstanceOf(FileUnusable);
    expect(fault?.message).toContain("byte 44");
  });

  test("is told by its first bytes alone: a text is read line by line as ever", async () => {
    const { counting } = await ringWith(Buffer.from(`# SSHKRL\n${fingerprintOf(ben.wire)}\n`));
    expect(counting).toEqual(["ada"]);
    const { signers } = await ringWith(Buffer.from("SSHKRL\n"));
    expect((await signers.fault())?.message).toContain("line 1");
  });
});
