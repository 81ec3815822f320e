import {
  constants,
  createHash,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  type KeyPairKeyObjectResult,
  sign,
} from "node:crypto";
import { sshString } from "#proof/sshWire.ts";

const CURVES = {
  nistp256: { named: "P-256", hash: "sha256" },
  nistp384: { named: "P-384", hash: "sha384" },
  nistp521: { named: "P-521", hash: "sha512" },
} as const;
type Curve = keyof typeof CURVES;

/** What kind of key to make, and how it is to sign; what is left out is as OpenSSH has it. */
export interface SignerWish {
  readonly type: string;
  /** Of an RSA key. */
  readonly bits?: number;
  /** How the signature is named. */
  readonly algorithm?: string;
  /** Of a FIDO key: its flags, and what it was made for. */
  readonly flags?: number;
  readonly application?: string;
}

/** A key of the test's own, which signs in the wire form of SSH. */
export interface MadeSigner {
  readonly wire: Uint8Array;
  /** As a file has the public key. */
  readonly line: string;
  /** RFC 4253, section 6.6, and PROTOCOL.u2f for FIDO keys. */
  readonly sign: (data: Uint8Array) => Uint8Array;
}

/** The parts of a signature as PROTOCOL.sshsig lays them out; each can be made wrong. */
export interface SshsigParts {
  readonly magic: string;
  readonly version: number;
  readonly wire: Uint8Array;
  readonly namespace: string;
  readonly reserved: string;
  readonly hash: string;
  readonly signature: Uint8Array;
  readonly trailing: string;
}

/** Every type of key that counts. */
export const TYPES = [
  "ssh-ed25519",
  "ssh-rsa",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
] as const;

/** An integer in the wire form; `bytes` is big-endian and has no zero byte at its front. */
export function mpint(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const shortest = bytes.subarray(first);
  return sshString((shortest[0] ?? 0) < 0x80 ? shortest : Buffer.concat([Buffer.of(0), shortest]));
}

/** Makes a new key. */
export function makeSigner(wish: SignerWish): MadeSigner {
  const isFido = wish.type.startsWith("sk-");
  const { parts, raw } = coreOf(wish);
  const application = wish.application ?? "ssh:";
  const own = isFido ? [sshString(application)] : [];
  const wire = Buffer.concat([sshString(wish.type), ...parts, ...own]);
  const line = `${wish.type} ${wire.toString("base64")}`;
  if (!isFido) {
    return {
      wire,
      line,
      sign: (data) => named(wish.algorithm ?? algorithmOf(wish.type), raw(data)),
    };
  }
  const touch = Buffer.of(wish.flags ?? 1, 0, 0, 1, 7);
  return {
    wire,
    line,
    sign: (data) => {
      const signed = Buffer.concat([digest(application), touch, digest(data)]);
      return Buffer.concat([named(wish.algorithm ?? wish.type, raw(signed)), touch]);
    },
  };
}

/** A signature's parts as `ssh-keygen -Y sign` fills them. */
export function partsOf(
  signer: MadeSigner,
  message: Uint8Array,
  namespace: string,
  hash = "sha512",
): SshsigParts {
  const digestOf = hash === "sha256" || hash === "sha512" ? hash : "sha512";
  const data = Buffer.concat([
    Buffer.from("SSHSIG"),
    sshString(namespace),
    sshString(""),
    sshString(hash),
    sshString(createHash(digestOf).update(message).digest()),
  ]);
  const rest = { wire: signer.wire, namespace, reserved: "", hash, trailing: "" };
  return { magic: "SSHSIG", version: 1, ...rest, signature: signer.sign(data) };
}

/** The bytes of a signature. */
export function blobOf(parts: SshsigParts): Uint8Array {
  const version = Buffer.alloc(4);
  version.writeUInt32BE(parts.version);
  return Buffer.concat([
    Buffer.from(parts.magic),
    version,
    ...[parts.wire, parts.namespace, parts.reserved, parts.hash, parts.signature].map(sshString),
    Buffer.from(parts.trailing),
  ]);
}

/** As `ssh-keygen` writes a signature to a file. */
export function armor(blob: Uint8Array): string {
  const lines =
    Buffer.from(blob)
      .toString("base64")
      .match(/.{1,70}/g) ?? [];
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----\n`;
}

interface Core {
  readonly parts: readonly Uint8Array[];
  readonly raw: (data: Uint8Array) => Uint8Array;
}

function coreOf({ type, bits, algorithm }: SignerWish): Core {
  if (type.includes("ed25519")) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    return {
      parts: [sshString(bytesOf(publicKey, "x"))],
      raw: (data) => sign(null, data, privateKey),
    };
  }
  if (type === "ssh-rsa") {
    const { publicKey, privateKey } = rsaPair(bits ?? 3072);
    const hashes: Record<string, string> = { "rsa-sha2-256": "sha256", "ssh-rsa": "sha1" };
    const hash = hashes[algorithm ?? ""] ?? "sha512";
    const key = { key: privateKey, padding: constants.RSA_PKCS1_PADDING };
    const parts = [mpint(bytesOf(publicKey, "e")), mpint(bytesOf(publicKey, "n"))];
    return { parts, raw: (data) => sign(hash, data, key) };
  }
  return ecdsaCore(
    type.includes("nistp384") ? "nistp384" : type.includes("521") ? "nistp521" : "nistp256",
  );
}

const rsaPairs = new Map<number, KeyPairKeyObjectResult>();

/** One for each length: they take seconds to make. */
function rsaPair(modulusLength: number): KeyPairKeyObjectResult {
  const pair = rsaPairs.get(modulusLength) ?? generateKeyPairSync("rsa", { modulusLength });
  rsaPairs.set(modulusLength, pair);
  return pair;
}

function ecdsaCore(curve: Curve): Core {
  const { named: namedCurve, hash } = CURVES[curve];
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
  const point = Buffer.concat([Buffer.of(4), bytesOf(publicKey, "x"), bytesOf(publicKey, "y")]);
  return {
    parts: [sshString(curve), sshString(point)],
    raw: (data) => {
      const halves = sign(hash, data, { key: privateKey, dsaEncoding: "ieee-p1363" });
      const middle = halves.length / 2;
      return Buffer.concat([mpint(halves.subarray(0, middle)), mpint(halves.subarray(middle))]);
    },
  };
}

function bytesOf(key: KeyObject, member: keyof JsonWebKey): Uint8Array {
  return Buffer.from(String(key.export({ format: "jwk" })[member]), "base64url");
}

function algorithmOf(type: string): string {
  return type === "ssh-rsa" ? "rsa-sha2-512" : type;
}

function named(algorithm: string, raw: Uint8Array): Uint8Array {
  return Buffer.concat([sshString(algorithm), sshString(raw)]);
}

function digest(data: Uint8Array | string): Uint8Array {
  return createHash("sha256").update(data).digest();
}
