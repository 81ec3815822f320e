import { describe, expect, test } from "vitest";
import { readCanonical } from "#proof/readCanonical.ts";
import {
  type SignedRelease,
  readReleaseStatement,
  releaseFaults,
  releaseStatementBytes,
} from "#proof/releaseStatement.ts";
import { digestOf, release } from "../gate/train.ts";
import { makeReleaseKey, signatureOf, signedRelease } from "./releaseKeys.ts";
import { TYPES } from "./sshMaker.ts";

const old = makeReleaseKey();
const fresh = makeReleaseKey();
const plain = { ...release("r2", 5, 4), denied: [digestOf("r0")], trustedKeys: ["key-1"] };
const both = signedRelease("core", plain, old, fresh);

function faults(changed: Partial<SignedRelease>, component = "core"): string[] {
  return releaseFaults(component, { ...both, ...changed }).map(({ path }) => path.join("."));
}

describe("the metadata of a release", () => {
  test("are one canonical statement that covers all that a component goes by", () => {
    const { denied, digest, masvn, release: name, svn, trustedKeys } = plain;
    expect(readCanonical(releaseStatementBytes({ ...plain, component: "core" }))).toEqual({
      component: "core",
      denied,
      digest,
      format: "holdfast/release/1",
      masvn,
      release: name,
      svn,
      trustedKeys,
    });
  });

  test("are read back as they were written, and in no other spelling", () => {
    const { signedBy: _signedBy, ...said } = { ...plain, component: "core" };
    const text = Buffer.from(releaseStatementBytes(said)).toString("utf8");
    expect(readReleaseStatement(Buffer.from(text))).toEqual(said);
    for (const other of [
      `${text}\n`,
      text.replace("release/1", "release/2"),
      text.replace('"svn":5', '"svn":5.5'),
      text.replace('"svn":5', '"svn":"5"'),
      text.replace('["key-1"]', '["key-1",7]'),
      text.replace('"svn":5', '"svn":5,"until":6'),
      "[]",
      "",
    ]) {
      expect(readReleaseStatement(Buffer.from(other)), other).toBeNull();
    }
  });

  test("count with both signatures, in either order, and with one where one key is named", () => {
    expect(faults({})).toEqual([]);
    expect(faults({ signatures: [...(both.signatures ?? [])].reverse() })).toEqual([]);
    expect(releaseFaults("core", signedRelease("core", plain, old))).toEqual([]);
  });

  test.each(TYPES)("are signed by keys of type %s", (type) => {
    expect(releaseFaults("core", signedRelease("core", plain, makeReleaseKey(type)))).toEqual([]);
  });

  test("need no signature where nobody is said to have signed", () => {
    expect(releaseFaults("core", plain)).toEqual([]);
  });

  test.each([
    ["name", { release: "r3" }],
    ["digest", { digest: digestOf("r3") }],
    ["security version", { svn: 6 }],
    ["minimum", { masvn: 3 }],
    ["deny list", { denied: [] }],
    ["keys", { trustedKeys: [] }],
  ])("are refused with another %s", (_what, changed) => {
    const all = ["signatures.0", "signatures.1", "signedBy.0", "signedBy.1"];
    expect(faults(changed)).toEqual(all);
  });

  test("are those of one component alone", () => {
    expect(faults({}, "edge")).toHaveLength(4);
  });

  test("name nobody who is only claimed, and no name", () => {
    const claimed = [...both.signedBy, makeReleaseKey().fingerprint, "key-1"];
    expect(faults({ signedBy: claimed })).toEqual(["signedBy.2", "signedBy.3"]);
    expect(faults({ signatures: undefined })).toEqual(["signedBy.0", "signedBy.1"]);
  });

  test("bear no signature of somebody who is not named", () => {
    expect(faults({ signedBy: [old.fingerprint] })).toEqual(["signatures.1"]);
  });

  test("take no signature that was made for another use", () => {
    const elsewhere = signatureOf("core", both, old, "entry@holdfast");
    expect(faults({ signedBy: [old.fingerprint], signatures: [elsewhere] })).toEqual([
      "signatures.0",
      "signedBy.0",
    ]);
  });

  test("are refused without a crash where a signature is none at all", () => {
    for (const armored of ["", "x", "-----BEGIN SSH SIGNATURE-----\n", "\ud800"]) {
      const signatures = [armored];
      expect(faults({ signedBy: [old.fingerprint], signatures })).toHaveLength(2);
    }
  });
});
