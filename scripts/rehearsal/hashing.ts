import { createHash, webcrypto } from "node:crypto";
import type { Digest } from "#packet/name.ts";
import { type Bytes, openBytes } from "./bytes.ts";

/** Two ways to the same digest: piece by piece, or over the whole at once. */
export type HashingWay = "STREAMED" | "WHOLE";

/** The SHA-512 of the bytes as they are read now, as a manifest writes digests. */
export function hashBytes(bytes: Bytes, way: HashingWay): Promise<Digest> {
  return way === "STREAMED" ? hashStreamed(openBytes(bytes)) : hashWhole(openBytes(bytes));
}

/** Piece by piece, never holding more than one. */
export async function hashStreamed(pieces: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash("sha512");
  for await (const piece of pieces) hash.update(piece);
  return `sha512:${hash.digest("hex")}`;
}

async function hashWhole(pieces: AsyncIterable<Uint8Array>): Promise<Digest> {
  const whole: Uint8Array[] = [];
  for await (const piece of pieces) whole.push(piece);
  const digest = await webcrypto.subtle.digest("SHA-512", Buffer.concat(whole));
  return `sha512:${Buffer.from(digest).toString("hex")}`;
}

/** The same bytes with one bit turned, as a bad disk or a bad actor would leave them. */
export async function* damaged(bytes: Bytes): AsyncIterable<Uint8Array> {
  let isTurned = false;
  for await (const piece of openBytes(bytes)) {
    if (isTurned || piece.length === 0) yield piece;
    else {
      isTurned = true;
      const copy = Uint8Array.from(piece);
      copy[0] = (copy[0] ?? 0) ^ 1;
      yield copy;
    }
  }
}
