import { expect, test } from "vitest";
import { BLOCK_BYTES, decipherBlocks, encipherBlocks } from "#proof/blockCipher.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

test("is AES-128, as FIPS 197 shows it in appendix C.1", () => {
  const key = bytes("000102030405060708090a0b0c0d0e0f");
  const plain = bytes("00112233445566778899aabbccddeeff");
  const enciphered = encipherBlocks(key, plain);
  expect(enciphered.toString("hex")).toBe("69c4e0d86a7b0430d8cdb78070b4c55a");
  expect(decipherBlocks(key, enciphered)).toEqual(plain);
});

test("takes each block by itself", () => {
  const key = new Uint8Array(BLOCK_BYTES).fill(7);
  const [one, other] = [Buffer.alloc(BLOCK_BYTES, 1), Buffer.alloc(BLOCK_BYTES, 2)];
  const together = encipherBlocks(key, Buffer.concat([one, other]));
  expect(together).toEqual(Buffer.concat([encipherBlocks(key, one), encipherBlocks(key, other)]));
});

test("refuses what is no whole block, and a key of another length", () => {
  const key = new Uint8Array(BLOCK_BYTES);
  expect(() => encipherBlocks(key, new Uint8Array(BLOCK_BYTES - 1))).toThrow("block length");
  expect(() => encipherBlocks(new Uint8Array(1), new Uint8Array(BLOCK_BYTES))).toThrow(
    "key length",
  );
});
