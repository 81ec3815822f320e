import { hex } from "#proof/digest.ts";

/** The bytes of hexadecimal digits; a digest is bytes in a row and digits everywhere else. */
export function bytesOf(digits: string): Uint8Array {
  return Buffer.from(digits, "hex");
}

/** {@link hex} of what may be absent. */
export function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : hex(bytes);
}

const SHA256 = "sha256:";

/** A source's digest as it is written for people: `sha256:` and hexadecimal digits. */
export function sourceDigest(bytes: Uint8Array): string {
  return `${SHA256}${hex(bytes)}`;
}

/** The bytes of a digest that starts with `sha256:`. */
export function sourceDigestBytes(digest: string): Uint8Array {
  return bytesOf(digest.slice(SHA256.length));
}
