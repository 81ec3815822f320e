import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readSshPublicKey, type SshPublicKey } from "#proof/sshPublicKey.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault, sshString } from "#proof/sshWire.ts";
import {
  armor,
  blobOf,
  type MadeSigner,
  makeSigner,
  mpint,
  partsOf,
  type SignerWish,
  type SshsigParts,
  TYPES,
} from "./sshMaker.ts";
import { MESSAGE, NAMESPACE, VECTORS } from "./sshVectors.ts";

const verified = (armored: string, message: Uint8Array = MESSAGE): SshPublicKey | SshFault =>
  verifySshSignature({ armored, message, namespace: NAMESPACE });

/** Why it is refused; null where it is not. */
const whyNot = (armored: string): string | null => {
  const key = verified(armored);
  return key instanceof SshFault ? key.why : null;
};

const armoredOf = (signer: MadeSigner, changes: Partial<SshsigParts> = {}): string =>
  armor(blobOf({ ...partsOf(signer, MESSAGE, NAMESPACE), ...changes }));

const ed25519 = makeSigner({ type: "ssh-ed25519" });
const ecdsa = makeSigner({ type: "ecdsa-sha2-nistp256" });
const rsa = makeSigner({ type: "ssh-rsa" });
const sound = armoredOf(ed25519);

describe("what is signed as OpenSSH signs", () => {
  test.each(VECTORS)("the $type of $fingerprint counts", ({ armored, ...vector }) => {
    const key = verified(armored);
    if (key instanceof SshFault) throw new Error(key.why);
    expect(key.type).toBe(vector.type);
    expect(key.fingerprint).toBe(vector.fingerprint);
    expect(Buffer.from(key.wire).toString("base64")).toBe(vector.publicKey);
    expect(verified(armored, Buffer.from("another message"))).toBeInstanceOf(SshFault);
  });

  test.each(TYPES)("a new %s counts, with either hash", (type) => {
    const signer = makeSigner({ type });
    for (const hash of ["sha256", "sha512"]) {
      expect(whyNot(armor(blobOf(partsOf(signer, MESSAGE, NAMESPACE, hash))))).toBeNull();
    }
  });

  test("an RSA signature counts with SHA-256, too", () => {
    expect(
      whyNot(armoredOf(makeSigner({ type: "ssh-rsa", algorithm: "rsa-sha2-256" }))),
    ).toBeNull();
  });

  test("lines may be broken anywhere, and are put into one form", () => {
    const vector = VECTORS[0]?.armored ?? "";
    const [first, ...lines] = vector.trimEnd().split("\n");
    const last = lines.pop();
    const joined = [first, lines.join(""), last].join("\n");
    expect(whyNot(joined)).toBeNull();
    const read = readSshSignature(joined);
    expect(read instanceof SshFault ? read : read.armored).toBe(vector);
  });
});

describe("what is not exactly an armored signature is refused", () => {
  test.each([
    ["nothing", ""],
    ["no first line", sound.split("\n").slice(1).join("\n")],
    ["no last line", sound.split("\n").slice(0, -2).join("\n")],
    ["nothing between them", "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n"],
    [
      "an empty line between them",
      "-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----\n",
    ],
    ["carriage returns", sound.replaceAll("\n", "\r\n")],
    ["something before it", ` ${sound}`],
    ["something after it", `${sound}x`],
    ["two newlines after it", `${sound}\n`],
    ["an empty line", sound.replace("\nU1", "\n\nU1")],
    ["a space in a line", sound.replace("\nU1", "\nU1 ")],
    ["base64 of URLs", sound.replace("\nU", "\n-")],
    ["what is no ASCII", sound.replace("\nU", "\n\u212a")],
    ["another kind of armor", sound.replaceAll("SSH SIGNATURE", "PGP SIGNATURE")],
    ["more than 16 KiB", armor(new Uint8Array(12_500))],
  ])("%s", (_what, armored) => {
    expect(verified(armored)).toBeInstanceOf(SshFault);
  });

  test("unused bits of the base64 that are not zero", () => {
    const padded = [sound, ...VECTORS.map(({ armored }) => armored)].filter((text) =>
      /[A-Za-z0-9+/]=+\n-/.test(text),
    );
    expect(padded.length).toBeGreaterThan(0);
    for (const text of padded) {
      const other = text.replace(/.(?==+\n-)/, (last) =>
        String.fromCharCode(last.charCodeAt(0) + 1),
      );
      expect(whyNot(other)).toContain("base64");
      expect(whyNot(text.replace(/=+\n-/, "\n-"))).toContain("base64");
    }
  });
});

describe("what is not exactly a signature of version 1 is refused", () => {
  const { signature } = partsOf(ed25519, MESSAGE, NAMESPACE);
  test.each<[string, Partial<SshsigParts>, string]>([
    ["another magic", { magic: "SSHSIH" }, "SSHSIG"],
    ["version 0", { version: 0 }, "version"],
    ["version 2", { version: 2 }, "version"],
    ["another namespace", { namespace: "entry@holdfast" }, "namespace"],
    ["an empty namespace", { namespace: "" }, "namespace"],
    ["a namespace that goes on behind a zero byte", { namespace: `${NAMESPACE}\0x` }, "namespace"],
    ["what is reserved", { reserved: "x" }, "reserved"],
    ["SHA-1", { hash: "sha1" }, "hash"],
    ["SHA-384", { hash: "sha384" }, "hash"],
    ["a hash in capitals", { hash: "SHA512" }, "hash"],
    ["the other hash", { hash: "sha256" }, "no signature of this message"],
    ["a byte too many", { trailing: "x" }, "after its end"],
    [
      "a signature with a byte too many",
      { signature: Buffer.concat([signature, Buffer.of(0)]) },
      "after its end",
    ],
    ["a signature cut short", { signature: signature.subarray(0, -1) }, "too early"],
    ["no signature", { signature: new Uint8Array() }, "algorithm"],
    [
      "a key with a byte too many",
      { wire: Buffer.concat([ed25519.wire, Buffer.of(0)]) },
      "after its end",
    ],
    ["a key cut short", { wire: ed25519.wire.subarray(0, -1) }, "too early"],
    [
      "somebody else's key",
      { wire: makeSigner({ type: "ssh-ed25519" }).wire },
      "no signature of this",
    ],
    ["a key of another type", { wire: ecdsa.wire }, "algorithm"],
  ])("%s", (_what, changes, why) => {
    expect(whyNot(armoredOf(ed25519, changes))).toContain(why);
  });

  test("a length that lies", () => {
    const blob = blobOf(partsOf(ed25519, MESSAGE, NAMESPACE));
    for (const at of [10, 14, 29]) {
      const lying = Buffer.from(blob);
      lying.writeUInt32BE(0xffffffff, at);
      expect(verified(armor(lying))).toBeInstanceOf(SshFault);
    }
  });
});

describe("an algorithm that is not exactly its key's is refused", () => {
  test.each<[string, SignerWish]>([
    ["SHA-1 with RSA", { type: "ssh-rsa", algorithm: "ssh-rsa" }],
    ["an unknown one with RSA", { type: "ssh-rsa", algorithm: "rsa-sha2-384" }],
    ["another curve's", { type: "ecdsa-sha2-nistp256", algorithm: "ecdsa-sha2-nistp384" }],
    [
      "that of FIDO with a plain key",
      { type: "ssh-ed25519", algorithm: "sk-ssh-ed25519@openssh.com" },
    ],
    [
      "that of plain keys with a FIDO key",
      { type: "sk-ssh-ed25519@openssh.com", algorithm: "ssh-ed25519" },
    ],
    [
      "that of web sites",
      {
        type: "sk-ecdsa-sha2-nistp256@openssh.com",
        algorithm: "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
      },
    ],
    ["one that nobody knows", { type: "ssh-ed25519", algorithm: "ssh-mldsa65" }],
    ["none", { type: "ssh-ed25519", algorithm: "" }],
  ])("%s", (_what, wish) => {
    expect(whyNot(armoredOf(makeSigner(wish)))).toContain("algorithm");
  });
});

describe("a FIDO key", () => {
  test("counts only if somebody touched it", () => {
    for (const flags of [0x00, 0x04, 0xfe]) {
      const signer = makeSigner({ type: "sk-ssh-ed25519@openssh.com", flags });
      expect(whyNot(armoredOf(signer))).toContain("touched");
    }
    const verifiedUser = makeSigner({ type: "sk-ssh-ed25519@openssh.com", flags: 0x05 });
    expect(whyNot(armoredOf(verifiedUser))).toBeNull();
  });

  test("counts only if it was made for SSH", () => {
    const type = "sk-ecdsa-sha2-nistp256@openssh.com";
    expect(whyNot(armoredOf(makeSigner({ type, application: "ssh:holdfast" })))).toBeNull();
    for (const application of ["", "https://holdfast.example", "ssh", `ssh:${"x".repeat(300)}`]) {
      expect(whyNot(armoredOf(makeSigner({ type, application })))).toContain("application");
    }
  });

  test("does not count with another counter or flags than it signed", () => {
    const parts = partsOf(makeSigner({ type: "sk-ssh-ed25519@openssh.com" }), MESSAGE, NAMESPACE);
    for (const back of [1, 5]) {
      const signature = Uint8Array.from(parts.signature);
      const at = signature.length - back;
      signature[at] = (signature[at] ?? 0) ^ 4;
      expect(whyNot(armor(blobOf({ ...parts, signature })))).toContain(
        "no signature of this message",
      );
    }
  });
});

describe("numbers have one spelling and are those of their type", () => {
  const longer = (bytes: Uint8Array): Uint8Array =>
    sshString(Buffer.concat([Buffer.of(0, 0), bytes]));
  const rsaKey = (e: Uint8Array, n: Uint8Array): SshPublicKey | SshFault =>
    readSshPublicKey(Buffer.concat([sshString("ssh-rsa"), e, n]));
  const modulus = Buffer.from(rsa.wire.subarray(-384));
  const e65537 = Buffer.of(1, 0, 1);

  test("an RSA key as it should be is read", () => {
    expect(rsaKey(mpint(e65537), mpint(modulus))).not.toBeInstanceOf(SshFault);
    expect(rsaKey(mpint(Buffer.of(3)), mpint(modulus))).not.toBeInstanceOf(SshFault);
  });

  test.each<[string, Uint8Array, Uint8Array]>([
    ["an exponent with zeros before it", longer(e65537), mpint(modulus)],
    ["a modulus with zeros before it", mpint(e65537), longer(modulus)],
    ["a modulus below zero", mpint(e65537), sshString(modulus)],
    ["an exponent of nothing", sshString(""), mpint(modulus)],
    ["an exponent of zero", sshString(Buffer.of(0)), mpint(modulus)],
    ["an exponent of one", mpint(Buffer.of(1)), mpint(modulus)],
    ["an even exponent", mpint(Buffer.of(4)), mpint(modulus)],
    ["an exponent above 64 bits", mpint(Buffer.alloc(9, 1)), mpint(modulus)],
    [
      "an even modulus",
      mpint(e65537),
      mpint(Buffer.concat([modulus.subarray(0, -1), Buffer.of(2)])),
    ],
    [
      "a modulus of 3071 bits",
      mpint(e65537),
      mpint(Buffer.concat([Buffer.of(0x7f), modulus.subarray(1)])),
    ],
    [
      "a modulus of 16385 bits",
      mpint(e65537),
      mpint(Buffer.concat([Buffer.of(1), Buffer.alloc(2048, 1)])),
    ],
  ])("%s", (_what, e, n) => {
    expect(rsaKey(e, n)).toBeInstanceOf(SshFault);
  });

  test("an RSA key of 2048 bits is refused, and one of the most bits is none too many", () => {
    expect(whyNot(armoredOf(makeSigner({ type: "ssh-rsa", bits: 2048 })))).toContain("3072");
    const most = rsaKey(mpint(e65537), mpint(Buffer.alloc(2048, 0xff)));
    expect(most).not.toBeInstanceOf(SshFault);
  });

  test("an RSA signature that is shorter than its modulus is refused", () => {
    const signature = Buffer.concat([sshString("rsa-sha2-512"), sshString(Buffer.alloc(383, 1))]);
    expect(whyNot(armoredOf(rsa, { signature }))).toContain("length");
  });

  test.each<[string, (half: Uint8Array) => Uint8Array]>([
    ["zeros before it", longer],
    ["the value zero", () => sshString("")],
    ["a value below zero", (half) => sshString(Buffer.concat([Buffer.of(0x80), half]))],
    ["more bytes than its curve", (half) => mpint(Buffer.concat([Buffer.of(1), half]))],
  ])("half of an ECDSA signature with %s is refused", (_what, change) => {
    const half = createHash("sha256").update("half").digest();
    const inner = Buffer.concat([mpint(half), change(half)]);
    const signature = Buffer.concat([sshString("ecdsa-sha2-nistp256"), sshString(inner)]);
    const why = whyNot(armoredOf(ecdsa, { signature })) ?? "";
    expect(why).not.toContain("message");
    expect(why).not.toBe("");
  });

  test("a point that is not on its curve, in its short form, or of another curve is refused", () => {
    const point = Buffer.from(ecdsa.wire.subarray(-65));
    const key = (curve: string, bytes: Uint8Array): SshPublicKey | SshFault =>
      readSshPublicKey(
        Buffer.concat([sshString("ecdsa-sha2-nistp256"), sshString(curve), sshString(bytes)]),
      );
    expect(key("nistp256", point)).not.toBeInstanceOf(SshFault);
    const beside = Buffer.from(point);
    beside[64] = (beside[64] ?? 0) ^ 1;
    const short = Buffer.concat([Buffer.of(2), point.subarray(1, 33)]);
    for (const bytes of [beside, short, Buffer.of(0), Buffer.alloc(65), Buffer.alloc(65, 0xff)]) {
      expect(key("nistp256", bytes)).toBeInstanceOf(SshFault);
    }
    expect(key("nistp384", point)).toBeInstanceOf(SshFault);
  });
});

test("a key of a type that does not count is refused by its name, not by an error", () => {
  const types = ["ssh-dss", "ssh-ed448", "ssh-mldsa65", "toString", "__proto__", ""];
  const certificates = TYPES.map(
    (type) => `${type.replace("@openssh.com", "")}-cert-v01@openssh.com`,
  );
  for (const type of [...types, ...certificates]) {
    const wire = Buffer.concat([sshString(type), sshString(Buffer.alloc(32))]);
    expect(whyNot(armoredOf(ed25519, { wire }))).toContain("type");
  }
});

test("no reason repeats what was sent", () => {
  const secret = "hf_very.secret";
  const tries = [
    sound.replace("\nU1", `\n${secret}`),
    armoredOf(ed25519, { namespace: secret }),
    armoredOf(ed25519, { hash: secret }),
    armoredOf(ed25519, { wire: sshString(secret) }),
    armoredOf(ed25519, { signature: sshString(secret) }),
  ];
  for (const armored of tries) expect(whyNot(armored)).toMatch(/^(?!.*secret)./);
});
