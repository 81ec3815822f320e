import { createHash, createHmac, hash } from "node:crypto";

/** The length of a SHA-256 digest, a salt and a map key, in bytes. */
export const digestLength = 32;

/** The block of SHA-256, to which HMAC pads its key, in bytes. */
const blockLength = 64;

// Above this many bytes, copying a message behind its prefix costs more than a streaming hash.
const oneShotMax = 4096;

const domainPrefixes = new Map<string, Uint8Array>();
const domainForm = /^[a-z0-9][a-z0-9./-]{0,62}$/;

/** SHA-256 (FIPS 180-4) of bytes, or of a text as UTF-8. 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  // By way of a string: a Buffer from the hash has an ArrayBuffer of its own, at thrice the cost.
  return Buffer.from(hash("sha256", data, "binary"), "latin1");
}

/** SHA-256 as 64 lower-case hexadecimal digits. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}

/** Bytes as lower-case hexadecimal digits, two for each byte. */
export function hex(bytes: Uint8Array): string {
  return view(bytes).toString("hex");
}

/**
 * SHA-256 of bytes for one use only. The preimage is the length of the domain (one byte), the
 * domain (ASCII) and then the bytes: since the length says where the domain ends, no bytes under
 * one domain are a preimage under another, whatever they hold. Domains are constants in the code,
 * such as `holdfast/revision/v1`, never data.
 *
 * @throws {RangeError} if the domain is not 1 to 63 of `a-z 0-9 . / -`.
 */
export function digestOf(domain: string, bytes: Uint8Array): Uint8Array {
  const prefix = domainPrefix(domain);
  if (bytes.length > oneShotMax) return createHash("sha256").update(prefix).update(bytes).digest();
  return sha256(Buffer.concat([prefix, bytes]));
}

/**
 * A domain and parts, each behind its length: equal bytes come only from an equal domain and equal
 * parts, so that no part can borrow from its neighbour. One byte of length for the domain, four
 * (big-endian) for each part. Texts are taken as UTF-8.
 *
 * @throws {RangeError} if a text has a lone surrogate, which UTF-8 cannot tell from another.
 */
export function framed(domain: string, parts: readonly (Uint8Array | string)[]): Uint8Array {
  const prefix = domainPrefix(domain);
  const lengths = parts.map(byteLength);
  const frame = Buffer.allocUnsafe(
    lengths.reduce((total, length) => total + 4 + length, prefix.length),
  );
  frame.set(prefix);
  let offset = prefix.length;
  for (const [index, part] of parts.entries()) {
    const length = lengths[index] ?? 0;
    offset = frame.writeUInt32BE(length, offset);
    if (typeof part === "string") frame.write(part, offset, "utf8");
    else frame.set(part, offset);
    offset += length;
  }
  return frame;
}

/** HMAC-SHA256 (RFC 2104) of a message under a key. 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  if (key.length > blockLength || message.length > oneShotMax) {
    return createHmac("sha256", key).update(message).digest();
  }
  // Two hashes in one shot each cost half as much as an Hmac, which is an object to be made and ended.
  const inner = Buffer.allocUnsafe(blockLength + message.length);
  const outer = Buffer.allocUnsafe(blockLength + digestLength);
  for (let at = 0; at < blockLength; at += 1) {
    const byte = key[at] ?? 0;
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  inner.set(message, blockLength);
  outer.write(hash("sha256", inner, "binary"), blockLength, "latin1");
  return sha256(outer);
}

function domainPrefix(domain: string): Uint8Array {
  const known = domainPrefixes.get(domain);
  if (known !== undefined) return known;
  if (!domainForm.test(domain))
    throw new RangeError("a hash domain is 1 to 63 of a-z 0-9 . / - and starts with a-z 0-9");
  const prefix = Buffer.from(`${String.fromCharCode(domain.length)}${domain}`, "latin1");
  domainPrefixes.set(domain, prefix);
  return prefix;
}

function byteLength(part: Uint8Array | string): number {
  if (typeof part !== "string") return part.length;
  if (!part.isWellFormed()) throw new RangeError("a text to be hashed must be well-formed Unicode");
  return Buffer.byteLength(part, "utf8");
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
