import { createCipheriv, createDecipheriv } from "node:crypto";

/** The key and the block of AES-128 (FIPS 197), in bytes. */
export const BLOCK_BYTES = 16;

const CIPHER = "aes-128-ecb";

/**
 * Each block by itself under AES-128: equal blocks become equal ones, so that it is for names of
 * what has one number each, and never for content.
 *
 * @throws {Error} if the key is not 16 bytes long, or the text is not whole blocks.
 */
export function encipherBlocks(key: Uint8Array, blocks: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** What {@link encipherBlocks} was given. */
export function decipherBlocks(key: Uint8Array, blocks: Uint8Array): Buffer {
  const decipher = createDecipheriv(CIPHER, key, null).setAutoPadding(false);
  return Buffer.concat([decipher.update(blocks), decipher.final()]);
}
