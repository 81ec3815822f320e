import { base64 } from "./base64.ts";

/** How long a whole note may be, as UTF-8; sixteen of the largest known signatures take a tenth. */
export const noteBytesMax = 1_048_576;

/** How many signature lines a note may have; C2SP signed-note asks for 16 at least. */
export const noteSignaturesMax = 100;

/** What a signature line starts with: an em dash and a space. */
export const signatureLineStart = "\u2014 ";

const nameLengthMax = 512;
const lastControl = 0x1f;
const newline = 0x0a;

/**
 * Whether a text may be in a note (C2SP signed-note, "Format"): well-formed, and without ASCII
 * control characters but the newline.
 */
export function isNoteText(text: string): boolean {
  if (!text.isWellFormed()) return false;
  for (let offset = 0; offset < text.length; offset += 1) {
    const unit = text.charCodeAt(offset);
    if (unit <= lastControl && unit !== newline) return false;
  }
  return true;
}

/**
 * Whether a text may name a key of a note: one line of it, not empty, without Unicode spaces and
 * plus signs, at most 512 UTF-16 units.
 */
export function isNoteKeyName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= nameLengthMax &&
    isNoteText(name) &&
    !/[\p{White_Space}+]/u.test(name)
  );
}

/** One signature line without its newline: em dash, space, name, space, base64 of hash and signature. */
export function signatureLine(name: string, keyHash: number, signature: Uint8Array): string {
  const bytes = Buffer.alloc(4 + signature.length);
  bytes.writeUInt32BE(keyHash);
  bytes.set(signature, 4);
  return `${signatureLineStart}${name} ${base64(bytes)}`;
}
