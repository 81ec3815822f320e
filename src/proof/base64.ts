/**
 * Standard base64 (RFC 4648 section 4) read strictly: with its padding, with unused bits of zero,
 * with no other characters, so that equal bytes have one spelling. Null for anything else.
 */
export function readBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  // Node reads leniently, so what it read must be what it would write.
  return bytes.toString("base64") === text ? bytes : null;
}

/** Bytes as standard base64 with padding. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
