import { timingSafeEqual } from "node:crypto";
import { CursorForeign, CursorForged, type Refusal } from "#packet/refusal.ts";
import { framed, hmacSha256 } from "#proof/digest.ts";

const VERSION = 1;
const TAG_BYTES = 9;
const POSITION_BYTES = 16;
const MAC_BYTES = 16;
const TAG_AT = 1;
const POSITION_AT = TAG_AT + TAG_BYTES;
const MAC_AT = POSITION_AT + POSITION_BYTES;
const CURSOR_BYTES = MAC_AT + MAC_BYTES;
/** A multiple of three bytes is written without a remainder, so every character counts whole. */
const CURSOR_CHARACTERS = (CURSOR_BYTES / 3) * 4;

/** Room for a number of Postgres and for a UUID. */
const POSITION_MAX = 2n ** 128n - 1n;
const LOW_HALF = 2n ** 64n - 1n;

/**
 * Writes and reads cursors (decision 7): a version, the scope, a position and a MAC over all of
 * it, in base64url without padding (RFC 4648). The scope stands there as a keyed tag, so that
 * a cursor names nothing. Every node of a deployment has the same key; it survives restarts.
 */
export class Cursors {
  readonly #key: Uint8Array;

  /** `key` is 32 bytes that only this deployment knows. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /**
   * The cursor of a position in a scope such as `log` or `revisions <packet id>`.
   *
   * @throws {RangeError} if the position is not one of 0 to 2^128 - 1.
   */
  write(scope: string, position: bigint): string {
    return this.#written(this.#tag(scope), position);
  }

  /** {@link write} for many positions of one scope. */
  of(scope: string): (position: bigint) => string {
    const tag = this.#tag(scope);
    return (position) => this.#written(tag, position);
  }

  #written(tag: Uint8Array, position: bigint): string {
    if (position < 0n || position > POSITION_MAX) {
      throw new RangeError("a cursor's position is 0 to 2^128 - 1");
    }
    const cursor = Buffer.alloc(CURSOR_BYTES);
    cursor.writeUInt8(VERSION);
    cursor.set(tag, TAG_AT);
    cursor.writeBigUInt64BE(position >> 64n, POSITION_AT);
    cursor.writeBigUInt64BE(position & LOW_HALF, POSITION_AT + 8);
    cursor.set(this.#mac(cursor), MAC_AT);
    return cursor.toString("base64url");
  }

  /**
   * The position that a cursor of this scope has. Whether there is such a position yet, only
   * who knows the newest one can say.
   */
  read(scope: string, text: string): bigint | Refusal {
    if (text.length !== CURSOR_CHARACTERS) return new CursorForged();
    const cursor = Buffer.from(text, "base64url");
    // The decoder passes over what is not of its alphabet and takes that of plain base64 as well.
    const isCanonical = cursor.length === CURSOR_BYTES && cursor.toString("base64url") === text;
    if (!isCanonical || cursor.readUInt8() !== VERSION) return new CursorForged();
    if (!timingSafeEqual(cursor.subarray(MAC_AT), this.#mac(cursor))) return new CursorForged();
    const tag = cursor.subarray(TAG_AT, POSITION_AT);
    if (!timingSafeEqual(tag, this.#tag(scope))) return new CursorForeign();
    const high = cursor.readBigUInt64BE(POSITION_AT);
    return (high << 64n) | cursor.readBigUInt64BE(POSITION_AT + 8);
  }

  #tag(scope: string): Uint8Array {
    return hmacSha256(this.#key, framed("holdfast/cursor-scope/1", [scope])).subarray(0, TAG_BYTES);
  }

  #mac(cursor: Buffer): Uint8Array {
    const named = cursor.subarray(0, MAC_AT);
    return hmacSha256(this.#key, framed("holdfast/cursor/1", [named])).subarray(0, MAC_BYTES);
  }
}
