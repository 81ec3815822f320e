import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { IdentityDesk } from "#identity/desk.ts";
import { openSigners } from "#identity/signers.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { armor, blobOf, makeSigner, partsOf } from "../proof/sshMaker.ts";
import { heardLog } from "./heardLog.ts";
import { lineOf } from "./offlineWorld.ts";
import { bearer, openDesk, ownFolder, passport } from "./passports.ts";

const folder = ownFolder();
const ruth = passport("ruth");
const ann = passport("ann");

/** What a node's copy says, as the test has it. */
function copyOf() {
  const revoked = new Set<string>();
  const lost = { all: false };
  return {
    revoked,
    lost,
    revocations: {
      get generation() {
        return revoked.size;
      },
      revokesPrincipal: (name: string) => lost.all || revoked.has(name),
      revokesKey: (key: string) => lost.all || revoked.has(key),
      namesKey: (key: string) => revoked.has(key),
    },
  };
}

describe("somebody whom a list names", () => {
  test("is nobody by whatever way they come, and whoever looks learns that something changed", async () => {
    const { revoked, revocations } = copyOf();
    const { principals } = await openDesk(folder.path, ruth, ann);
    const offline = {
      authenticate: () =>
        Promise.resolve({ actor: "ann", kind: "PERSON", roles: ["READER"] } as const),
      look: () => Promise.resolve(1),
    };
    const identity = new IdentityDesk({ principals, oidc: null, offline, revocations });
    const [token, statement] = [bearer(ann), "Holdfast-Sshsig a.b"];
    const who = async (by: string) => (await identity.authenticate(by))?.actor ?? null;
    expect([await who(token), await who(statement)]).toEqual(["ann", "ann"]);
    const before = await identity.look();
    revoked.add("ann");
    expect(await identity.look()).not.toBe(before);
    expect([await who(token), await who(statement)]).toEqual([null, null]);
    expect(await who(bearer(ruth))).toBe("ruth");
  });
});

describe("a key that a list names", () => {
  const signer = makeSigner({ type: "ssh-ed25519" });
  const fingerprint = fingerprintOf(signer.wire);
  const message = Buffer.from("canonical bytes");
  const [approval, revocation] = ["approval@holdfast", "revocation@holdfast"] as const;

  async function ring() {
    const [file, revokedFile] = [path.join(folder.path, "s"), path.join(folder.path, "r")];
    await writeFile(file, lineOf("ann", signer, `${approval},${revocation}`));
    await writeFile(revokedFile, "");
    const copy = copyOf();
    const { log } = heardLog();
    const { revocations } = copy;
    const signers = await openSigners({ file, revokedFile, revocations, log, now: () => 0 });
    const counts = (namespace: typeof approval | typeof revocation): boolean => {
      const armored = armor(blobOf(partsOf(signer, message, namespace)));
      return !(signers.keyFor("ann", armored, message, namespace) instanceof SignatureInvalid);
    };
    return { ...copy, signers, counts };
  }

  test("counts for nothing, is no key of its holder's any more, and still says whose it was", async () => {
    const { revoked, signers, counts } = await ring();
    expect([counts(approval), counts(revocation)]).toEqual([true, true]);
    expect(signers.holdings()?.get("ann")).toHaveLength(2);
    revoked.add(fingerprint);
    expect([counts(approval), counts(revocation)]).toEqual([false, false]);
    expect(signers.holdings()?.get("ann")).toEqual([]);
    // Whoever had to sign before has to still: a revocation frees nobody.
    expect(signers.mustSign("ann", false)).toBe(true);
    expect(signers.holderOf(fingerprint)).toBe("ann");
    expect(signers.holderOf("SHA256:of-nobody")).toBeNull();
  });

  test("counts for nothing but revoking while the list that may name it is lost", async () => {
    const { lost, counts } = await ring();
    lost.all = true;
    expect([counts(approval), counts(revocation)]).toEqual([false, true]);
  });

  test("is told to be revoked whoever's it is, also while that cannot be known", async () => {
    const { revoked, lost, signers } = await ring();
    const stranger = makeSigner({ type: "ecdsa-sha2-nistp256" });
    const why = ({ wire }: typeof stranger) =>
      signers.whyRevoked({ wire, fingerprint: fingerprintOf(wire) });
    expect([why(signer), why(stranger)]).toEqual([null, null]);
    revoked.add(fingerprintOf(stranger.wire));
    expect([why(signer), why(stranger)]).toEqual([null, "it is revoked"]);
    lost.all = true;
    expect(why(signer)).toContain("push that list again");
    signers.close();
    expect(why(signer)).toBe("the service is ending");
  });
});
