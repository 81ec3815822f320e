import { constants, createHash, verify } from "node:crypto";
import { sha256 } from "./digest.ts";
import type { SshPublicKey, SshScheme } from "./sshPublicKey.ts";
import { readSshSignature, SSHSIG_MAGIC, type SshSignature } from "./sshSignature.ts";
import { SshFault, SshReader, sshString } from "./sshWire.ts";

/** The flag of a FIDO signature which says that a person touched the key (PROTOCOL.u2f). */
const USER_PRESENT = 0x01;

const RSA_HASHES: ReadonlyMap<string, string> = new Map([
  ["rsa-sha2-256", "sha256"],
  ["rsa-sha2-512", "sha512"],
]);

/** A text that claims to be the signature of a message, and what it must have been made for. */
export interface SshsigClaim {
  readonly armored: string;
  readonly message: Uint8Array;
  readonly namespace: string;
}

/**
 * The key that signed exactly this message in this namespace (PROTOCOL.sshsig). That the key is
 * anybody's is for the caller to know. An RSA signature is rsa-sha2-256 or rsa-sha2-512 and as long
 * as its modulus (RFC 8332); a FIDO one says that somebody touched the key. No input throws.
 */
export function verifySshSignature(claim: SshsigClaim): SshPublicKey | SshFault {
  const read = readSshSignature(claim.armored);
  if (read instanceof SshFault) return read;
  if (read.namespace !== claim.namespace) {
    return new SshFault("it was made in another namespace, for another use");
  }
  const proof = readProof(read);
  if (proof instanceof SshFault) return proof;
  const signed = proof.signedOf(signedDataOf(read, claim.message));
  return isValid(read.publicKey, proof, signed)
    ? read.publicKey
    : new SshFault("it is no signature of this message by its key");
}

/** What the mathematics are asked: the raw signature, the hash that goes with it, and what it covers. */
interface Proof {
  readonly raw: Uint8Array;
  /** Null where the scheme hashes by itself. */
  readonly hash: string | null;
  readonly signedOf: (data: Uint8Array) => Uint8Array;
}

function signedDataOf({ namespace, hash }: SshSignature, message: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(SSHSIG_MAGIC),
    sshString(namespace),
    sshString(""),
    sshString(hash),
    sshString(createHash(hash).update(message).digest()),
  ]);
}

function readProof({ publicKey, signature }: SshSignature): Proof | SshFault {
  const { type, scheme, application } = publicKey;
  const reader = new SshReader(signature);
  const algorithm = reader.text("the signature's algorithm");
  const hash = scheme.family === "rsa" ? RSA_HASHES.get(algorithm) : hashOf(scheme);
  if (hash === undefined || (scheme.family !== "rsa" && algorithm !== type)) {
    return new SshFault("the signature's algorithm is not that of its key");
  }
  const raw = readRaw(reader, scheme);
  const signedOf =
    application === null ? (data: Uint8Array) => data : readTouch(reader, application);
  const fault = reader.end("the signature");
  if (fault !== null) return fault;
  return raw instanceof SshFault ? raw : { raw, hash, signedOf };
}

function hashOf(scheme: SshScheme): string | null {
  return scheme.family === "ecdsa" ? scheme.hash : null;
}

function readRaw(reader: SshReader, scheme: SshScheme): Uint8Array | SshFault {
  const bytes = reader.string("the signature");
  if (scheme.family === "ecdsa") return readHalves(bytes, scheme.coordinateBytes);
  const length = scheme.family === "rsa" ? scheme.modulusBytes : 64;
  return bytes.length === length
    ? bytes
    : new SshFault("the signature has another length than its key");
}

/** The r and s of RFC 5656, section 3.1.2, side by side at their full length. */
function readHalves(bytes: Uint8Array, coordinateBytes: number): Uint8Array | SshFault {
  const reader = new SshReader(bytes);
  const halves = [reader.positive("r"), reader.positive("s")];
  const fault = reader.end("the signature");
  if (fault !== null) return fault;
  const raw = new Uint8Array(2 * coordinateBytes);
  for (const [index, half] of halves.entries()) {
    if (half.length > coordinateBytes)
      return new SshFault("the signature is longer than its curve");
    raw.set(half, (index + 1) * coordinateBytes - half.length);
  }
  return raw;
}

/** A FIDO key signs two digests around its own flags and counter, which stand after the signature. */
function readTouch(reader: SshReader, application: string): Proof["signedOf"] {
  const own = reader.bytes(5, "the key's flags and counter");
  if (((own[0] ?? 0) & USER_PRESENT) === 0) reader.refuse("nobody touched the key");
  return (data) => Buffer.concat([sha256(application), own, sha256(data)]);
}

function isValid(key: SshPublicKey, { raw, hash }: Proof, signed: Uint8Array): boolean {
  if (key.scheme.family === "ecdsa") {
    return verify(hash, signed, { key: key.object, dsaEncoding: "ieee-p1363" }, raw);
  }
  if (key.scheme.family === "ed25519") return verify(null, signed, key.object, raw);
  return verify(hash, signed, { key: key.object, padding: constants.RSA_PKCS1_PADDING }, raw);
}
