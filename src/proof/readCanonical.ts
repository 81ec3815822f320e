import { canonicalBytes, NotCanonical, type StoredValue } from "./canonical.ts";

/**
 * Reads bytes that must be the canonical form of what they say. White space, a byte order mark,
 * invalid UTF-8, a repeated or misplaced member and every other spelling of a number or string are
 * refused, because two byte sequences that say the same would be one document with two digests.
 *
 * @throws {NotCanonical} if they are anything else.
 */
export function readCanonical(bytes: Uint8Array): StoredValue {
  let value: StoredValue;
  try {
    value = parseStored(bytes);
  } catch (cause) {
    throw new NotCanonical("", "these bytes are not JSON; send the exact bytes that were hashed", {
      cause,
    });
  }
  const expected = canonicalBytes(value);
  if (Buffer.compare(bytes, expected) !== 0) {
    const offset = firstDifference(bytes, expected);
    throw new NotCanonical(
      "",
      `these bytes are JSON, but from byte ${offset} on not in RFC 8785 form; send those that were hashed`,
    );
  }
  return value;
}

/**
 * Reads bytes that are already known by their digest, and so were canonical when they were written.
 *
 * @throws {SyntaxError} if they are not JSON, which means that the digest was not checked.
 */
export function parseStored(bytes: Uint8Array): StoredValue {
  return JSON.parse(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"),
  ) as StoredValue;
}

function firstDifference(left: Uint8Array, right: Uint8Array): number {
  const shorter = Math.min(left.length, right.length);
  for (let index = 0; index < shorter; index += 1) {
    if (left[index] !== right[index]) return index;
  }
  return shorter;
}
