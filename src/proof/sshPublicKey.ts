import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { base64, readBase64 } from "./base64.ts";
import { sha256 } from "./digest.ts";
import { SshFault, SshReader } from "./sshWire.ts";

/** The least and the most bits of an RSA modulus; OpenSSH and OpenSSL stop at the same most. */
const RSA_BITS_MIN = 3_072;
const RSA_BITS_MAX = 16_384;

/** The longest RSA exponent, in bytes: OpenSSL takes no longer one with a modulus above 3072 bits. */
const RSA_EXPONENT_BYTES_MAX = 8;

/** The longest wire form, in bytes: that of the longest RSA key, with room. */
const WIRE_BYTES_MAX = 4_096;

/** What the application of a FIDO key begins with, which sets it apart from those of web sites. */
const APPLICATION_PREFIX = "ssh:";
const APPLICATION_LENGTH_MAX = 255;

const CURVES = {
  nistp256: { jwk: "P-256", coordinateBytes: 32, hash: "sha256" },
  nistp384: { jwk: "P-384", coordinateBytes: 48, hash: "sha384" },
  nistp521: { jwk: "P-521", coordinateBytes: 66, hash: "sha512" },
} as const;
type CurveName = keyof typeof CURVES;

/** The types of key that count. A certificate, DSA and whatever is newer are refused by name. */
export type SshKeyType =
  | "ssh-ed25519"
  | "ssh-rsa"
  | `ecdsa-sha2-${CurveName}`
  | "sk-ssh-ed25519@openssh.com"
  | "sk-ecdsa-sha2-nistp256@openssh.com";

/** How signatures of a key are made; `coordinateBytes` is the length of each half of an ECDSA one. */
export type SshScheme =
  | { readonly family: "ed25519" }
  | { readonly family: "rsa"; readonly modulusBytes: number }
  | { readonly family: "ecdsa"; readonly hash: string; readonly coordinateBytes: number };

/** An OpenSSH public key. `wire` is RFC 4253's form, without a comment. */
export interface SshPublicKey {
  readonly type: SshKeyType;
  readonly wire: Uint8Array;
  /** `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  readonly scheme: SshScheme;
  /** Of a FIDO key (`sk-`): what it was made for. Null for every other. */
  readonly application: string | null;
  readonly object: KeyObject;
}

type Point = Pick<SshPublicKey, "scheme" | "object">;
type PointReader = (reader: SshReader) => Point | SshFault;

const POINTS: Readonly<Record<SshKeyType, PointReader>> = {
  "ssh-ed25519": readEd25519,
  "ssh-rsa": readRsa,
  "ecdsa-sha2-nistp256": (reader) => readEcdsa(reader, "nistp256"),
  "ecdsa-sha2-nistp384": (reader) => readEcdsa(reader, "nistp384"),
  "ecdsa-sha2-nistp521": (reader) => readEcdsa(reader, "nistp521"),
  "sk-ssh-ed25519@openssh.com": readEd25519,
  "sk-ecdsa-sha2-nistp256@openssh.com": (reader) => readEcdsa(reader, "nistp256"),
};

/** Reads a public key in wire form (RFC 4253, 5656, 8709; PROTOCOL.u2f), exactly and whole. */
export function readSshPublicKey(wire: Uint8Array): SshPublicKey | SshFault {
  if (wire.length > WIRE_BYTES_MAX) return new SshFault("the key is too long");
  const reader = new SshReader(wire);
  const type = reader.text("the key's type");
  if (!isKeyType(type)) return new SshFault("the key's type is none of those that count");
  const point = POINTS[type](reader);
  const application = type.startsWith("sk-") ? readApplication(reader) : null;
  const fault = reader.end("the key");
  if (fault !== null) return fault;
  if (point instanceof SshFault) return point;
  const fingerprint = fingerprintOf(wire);
  return { type, wire: Uint8Array.from(wire), fingerprint, application, ...point };
}

/** The name of a key by its wire form: `SHA256:` and base64 without padding, as `ssh-keygen -l` prints it. */
export function fingerprintOf(wire: Uint8Array): string {
  return `SHA256:${base64(sha256(wire)).replace("=", "")}`;
}

/** Reads a key as a line of a file has it: its type, and its wire form in base64. */
export function readSshKeyText(type: string, encoded: string): SshPublicKey | SshFault {
  const wire = readBase64(encoded);
  if (wire === null) return new SshFault("the key is no base64");
  const key = readSshPublicKey(wire);
  if (key instanceof SshFault || key.type === type) return key;
  return new SshFault("the key is of another type than is said before it");
}

/** Whether a word names a type of key that counts. */
export function isKeyType(word: string): word is SshKeyType {
  return Object.hasOwn(POINTS, word);
}

function readEd25519(reader: SshReader): Point | SshFault {
  const x = reader.string("the Ed25519 point");
  if (x.length !== 32) return new SshFault("an Ed25519 point has 32 bytes");
  const object = imported({ kty: "OKP", crv: "Ed25519", x: url(x) });
  return object instanceof SshFault ? object : { object, scheme: { family: "ed25519" } };
}

function readEcdsa(reader: SshReader, curve: CurveName): Point | SshFault {
  const { jwk, coordinateBytes, hash } = CURVES[curve];
  if (reader.text("the curve") !== curve) {
    return new SshFault("the curve is not that of the key's type");
  }
  const point = reader.string("the point");
  if (point.length !== 1 + 2 * coordinateBytes || point[0] !== 4) {
    return new SshFault("the point is not in its long form, or has another length");
  }
  const x = url(point.subarray(1, 1 + coordinateBytes));
  const y = url(point.subarray(1 + coordinateBytes));
  const object = imported({ kty: "EC", crv: jwk, x, y });
  if (object instanceof SshFault) return object;
  return { object, scheme: { family: "ecdsa", hash, coordinateBytes } };
}

function readRsa(reader: SshReader): Point | SshFault {
  const exponent = reader.positive("the exponent");
  const modulus = reader.positive("the modulus");
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (modulus.length === 0 || bits < RSA_BITS_MIN || bits > RSA_BITS_MAX) {
    return new SshFault(`an RSA key has ${RSA_BITS_MIN} to ${RSA_BITS_MAX} bits`);
  }
  const isOne = exponent.length === 1 && exponent[0] === 1;
  if (isOne || exponent.length > RSA_EXPONENT_BYTES_MAX || isEven(exponent) || isEven(modulus)) {
    return new SshFault("the numbers of the RSA key are none of an RSA key");
  }
  const object = imported({ kty: "RSA", n: url(modulus), e: url(exponent) });
  if (object instanceof SshFault) return object;
  return { object, scheme: { family: "rsa", modulusBytes: modulus.length } };
}

function readApplication(reader: SshReader): string {
  const application = reader.text("the application");
  if (!application.startsWith(APPLICATION_PREFIX) || application.length > APPLICATION_LENGTH_MAX) {
    reader.refuse(`the application does not begin with ${APPLICATION_PREFIX}, or is too long`);
  }
  return application;
}

function imported(jwk: JsonWebKey): KeyObject | SshFault {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    // OpenSSL has no other way to say that a point is not on its curve.
    return new SshFault("the numbers of the key are none of a key of its type");
  }
}

function isEven(number: Uint8Array): boolean {
  return ((number.at(-1) ?? 0) & 1) === 0;
}

function url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
