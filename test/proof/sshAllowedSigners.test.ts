import { describe, expect, test } from "vitest";
import { AllowedSigners, parseAllowedSigners, parseRevokedKeys } from "#proof/allowedSigners.ts";
import { fingerprintOf } from "#proof/sshPublicKey.ts";
import { sshString } from "#proof/sshWire.ts";
import { makeSigner } from "./sshMaker.ts";

const keys = [1, 2, 3].map(() => makeSigner({ type: "ssh-ed25519" }));
const [ada = "", adas = "", ben = ""] = keys.map(({ line }) => line);
const [adaPrint = "", adasPrint = "", benPrint = ""] = keys.map(({ wire }) => fingerprintOf(wire));

function listed(text: string): AllowedSigners {
  const read = parseAllowedSigners(text);
  if (read instanceof AllowedSigners) return read;
  throw new Error(read.join("; "));
}

function faults(text: string): readonly string[] {
  const read = parseAllowedSigners(text);
  return read instanceof AllowedSigners ? [] : read;
}

describe("the allowed signers", () => {
  test("list keys by person and namespace", () => {
    const signers = listed(
      [
        "# responders",
        `ada namespaces="sign-in@holdfast,approval@holdfast" ${ada} ada's laptop`,
        "",
        `\tada  NAMESPACES="sign-in@holdfast"\t${adas}`,
        `ben.b@releases.example ${ben}`,
      ].join("\r\n"),
    );
    expect(signers.persons()).toEqual(["ada", "ben.b@releases.example"]);
    expect(signers.keysOf("ada", "sign-in@holdfast")).toEqual([adaPrint, adasPrint]);
    expect(signers.keysOf("ada", "approval@holdfast")).toEqual([adaPrint]);
    expect(signers.keysOf("ada", "entry@holdfast")).toEqual([]);
    expect(signers.keysOf("ben.b@releases.example", "entry@holdfast")).toEqual([benPrint]);
    expect(signers.keysOf("Ada", "sign-in@holdfast")).toEqual([]);
    expect(signers.has("ada", benPrint, "sign-in@holdfast")).toBe(false);
  });

  test("may list one key of one person twice, for more namespaces", () => {
    const signers = listed(`ada namespaces="a" ${ada}\nada namespaces="b" ${ada}\nada ${ada}\n`);
    expect(signers.keysOf("ada", "a")).toEqual([adaPrint]);
    expect(signers.keysOf("ada", "c")).toEqual([adaPrint]);
  });

  test("are nobody where the file is empty", () => {
    expect(listed("").persons()).toEqual([]);
    expect(listed("# nobody\n\n").persons()).toEqual([]);
  });

  test.each([
    ["a pattern of persons", `*@releases.example ${ada}`, "one person"],
    ["a person left out", `!ben,ada ${ada}`, "one person"],
    ["two persons", `ada,ben ${ada}`, "one person"],
    ["a person in quotes", `"ada" ${ada}`, "one person"],
    ["a pattern of namespaces", `ada namespaces="*@holdfast" ${ada}`, "namespaces"],
    ["no namespace", `ada namespaces="" ${ada}`, "namespaces"],
    ["a namespace without quotes", `ada namespaces=file ${ada}`, "namespaces"],
    ["namespaces twice", `ada namespaces="a",namespaces="b" ${ada}`, "namespaces"],
    ["a certificate authority", `ada cert-authority ${ada}`, "cert-authority"],
    ["a beginning", `ada valid-after="20260101" ${ada}`, "rule 6.1"],
    ["an end", `ada namespaces="a",valid-before="20270101Z" ${ada}`, "rule 6.1"],
    ["an unknown option", `ada no-touch-required ${ada}`, "a key of a type that counts"],
    ["no key", "ada ssh-ed25519", "key"],
    ["a name alone", "ada", "key"],
    ["a type that does not count", "ada ssh-dss AAAAB3NzaC1kc3M=", "type"],
    ["a key of another type than its word", `ada ${ada.replace("ssh-ed25519", "ssh-rsa")}`, "type"],
    ["a key cut short", `ada ${ada.slice(0, -4)}`, "early"],
    ["a key that is no base64", `ada ${ada.replace("AAAA", "AA-A")}`, "base64"],
    ["what is no key", `ada ssh-ed25519 ${Buffer.from(sshString("x")).toString("base64")}`, "type"],
  ])("have a fault where a line has %s", (_what, line, told) => {
    const found = faults(`# first\n${line}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^line 2: /);
    expect(found[0]).toContain(told);
  });

  test("have a fault where two persons share a key, and every fault is told", () => {
    const found = faults(`ada ${ada}\nben ${ada}\ncy ${ada}\n*x ${ben}`);
    expect(found).toEqual([
      "line 2: the key is that of another person on line 1",
      "line 3: the key is that of another person on line 1",
      expect.stringContaining("line 4: "),
    ]);
  });

  test("are bounded", () => {
    expect(faults("#\n".repeat(20_001))).toHaveLength(1);
    expect(faults("#".repeat(4 * 1024 * 1024 + 1))).toHaveLength(1);
  });
});

describe("the revoked keys", () => {
  test("are fingerprints and public keys of whatever type", () => {
    const wire = Buffer.concat([sshString("ssh-dss"), sshString("old")]);
    const read = parseRevokedKeys(
      `# lost\n${adaPrint} ada's\n\n${ben} ben's\nssh-dss ${wire.toString("base64")}\n`,
    );
    expect(read).toEqual(new Set([adaPrint, benPrint, fingerprintOf(wire)]));
  });

  test("are none in an empty file", () => {
    expect(parseRevokedKeys("")).toEqual(new Set());
  });

  test.each([
    ["another hash", "MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"],
    ["a fingerprint cut short", adaPrint.slice(0, -1)],
    ["a fingerprint whose last character matches no key", `${adaPrint.slice(0, -1)}/`],
    ["a key of another type than its word", ben.replace("ssh-ed25519", "ssh-rsa")],
    ["a name", "ada"],
    ["a fingerprint behind a name", `ada ${adaPrint}`],
  ])("have a fault where a line is %s", (_what, line) => {
    const read = parseRevokedKeys(`${benPrint}\n${line}\n`);
    expect(read).toEqual([expect.stringMatching(/^line 2: /)]);
  });
});
