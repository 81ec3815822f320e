import { sign, verify } from "node:crypto";
import { readBase64 } from "./base64.ts";
import { cosignatureVerifier } from "./cosignature.ts";
import {
  isNoteKeyName,
  isNoteText,
  noteBytesMax,
  noteSignaturesMax,
  signatureLine,
  signatureLineStart,
} from "./noteForm.ts";
import {
  ed25519SignatureLength,
  noteKeyHash,
  noteKeyType,
  privateNoteKeyText,
  readPrivateNoteKey,
  readVerifierKey,
  verifierKeyText,
} from "./noteKey.ts";

const keyHashLength = 4;

/** A key that signs notes. */
export interface NoteSigner {
  readonly name: string;
  /** What those who verify are to be given. */
  readonly verifierKey: string;
  /**
   * One signature line, without its newline.
   *
   * @throws {NoteMalformed} if the text cannot be that of a note.
   */
  sign(text: string): string;
}

/** A key that is trusted to sign notes, or a witness's to cosign them. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyHash: number;
  /** Whether the signature (without the key's hash) is one of this text. */
  verify(text: string, signature: Uint8Array): boolean;
}

/** A signature line, read and nothing more. */
export interface NoteSignature {
  readonly name: string;
  readonly keyHash: number;
  /** What follows the key's hash. */
  readonly signature: Uint8Array;
  /** The line itself, without its newline. */
  readonly line: string;
}

/** A note in its parts. */
export interface ReadNote {
  /** Including its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** What is no signed note, and why. */
export class NoteMalformed extends Error {
  override readonly name = "NoteMalformed";

  constructor(reason: string) {
    super(`no signed note: ${reason}`);
  }
}

/** A note that no known key signed, or that claims a known key's signature and has a wrong one. */
export class NoteUnverified extends Error {
  override readonly name = "NoteUnverified";
  readonly fault: "NO_KNOWN_SIGNATURE" | "WRONG_SIGNATURE";

  constructor(fault: "NO_KNOWN_SIGNATURE" | "WRONG_SIGNATURE", reason: string) {
    super(`the note is not verified: ${reason}`);
    this.fault = fault;
  }
}

/**
 * The private key of a name as text, for {@link noteSigner} or a cosigner, from 32 bytes of chance.
 *
 * @throws {NoteKeyMalformed} if the name is empty or has spaces, control characters or plus signs.
 * @throws {RangeError} if the seed is not 32 bytes long.
 */
export function newNoteKey(name: string, seed: Uint8Array): string {
  return privateNoteKeyText(name, seed);
}

/**
 * The verifier key, of type 0x01, of a private key.
 *
 * @throws {NoteKeyMalformed} if the text is no private key of a note.
 */
export function verifierKeyOf(privateNoteKey: string): string {
  return verifierKeyText(readPrivateNoteKey(privateNoteKey), noteKeyType.ed25519);
}

/**
 * Signs notes with Ed25519, type 0x01 (C2SP signed-note, "Ed25519 signatures").
 *
 * @throws {NoteKeyMalformed} if the text is no private key of a note.
 */
export function noteSigner(privateNoteKey: string): NoteSigner {
  const own = readPrivateNoteKey(privateNoteKey);
  const keyHash = noteKeyHash(own.name, noteKeyType.ed25519, own.publicKey);
  return {
    name: own.name,
    verifierKey: verifierKeyText(own, noteKeyType.ed25519),
    sign(text) {
      requireText(text);
      return signatureLine(own.name, keyHash, sign(null, Buffer.from(text, "utf8"), own.key));
    },
  };
}

/**
 * Verifies what one verifier key signed: the text of notes (type 0x01), or checkpoints that a
 * witness cosigned (type 0x04).
 *
 * @throws {NoteKeyMalformed} if the text is no verifier key of either type.
 */
export function noteVerifier(verifierKey: string): NoteVerifier {
  const { name, keyHash, type, key } = readVerifierKey(verifierKey);
  if (type === noteKeyType.cosignature) return cosignatureVerifier(verifierKey);
  return {
    name,
    keyHash,
    verify: (text, signature) =>
      signature.length === ed25519SignatureLength &&
      verify(null, Buffer.from(text, "utf8"), key, signature),
  };
}

/**
 * The text with a signature line by each signer, in their order.
 *
 * @throws {NoteMalformed} if the text does not end with a newline or cannot be in a note, if there
 * is no signer, or if the note would be above the limits of {@link readNote}.
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  requireText(text);
  const note = `${text}\n${signers.map((signer) => `${signer.sign(text)}\n`).join("")}`;
  readNote(note);
  return note;
}

/**
 * Takes a note apart, and believes nothing of it: only {@link verifyNote} says who signed it.
 *
 * @throws {NoteMalformed} for anything that C2SP signed-note does not allow, for base64 that has
 * another spelling, and above 1 MiB or 100 signatures.
 */
export function readNote(note: string): ReadNote {
  if (Buffer.byteLength(note, "utf8") > noteBytesMax)
    throw new NoteMalformed(`it is above ${noteBytesMax} bytes`);
  if (!isNoteText(note)) throw new NoteMalformed("it has control characters or lone surrogates");
  const end = note.lastIndexOf("\n\n");
  if (end === -1) throw new NoteMalformed("no empty line is between its text and its signatures");
  const lines = note.slice(end + 2).split("\n");
  if (lines.pop() !== "") throw new NoteMalformed("its last line has no end");
  if (lines.length === 0) throw new NoteMalformed("it has no signature");
  if (lines.length > noteSignaturesMax)
    throw new NoteMalformed(`it has more than ${noteSignaturesMax} signatures`);
  return {
    text: note.slice(0, end + 1),
    signatures: lines.map((line, offset) => readSignatureLine(line, offset + 1)),
  };
}

/**
 * The text of bytes that came from outside, a note or what holds one.
 *
 * @throws {NoteMalformed} if they are not UTF-8; a byte order mark is a character like any other.
 */
export function decodeNote(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NoteMalformed("it is not UTF-8");
  }
}

/**
 * Reads a note and keeps the signatures of the known keys, the first by each. Those of unknown keys
 * are ignored; every one that a known key's name and hash claim must be right, repeated ones too.
 *
 * @throws {NoteMalformed} as {@link readNote}.
 * @throws {NoteUnverified} if no known key signed it, or one of their signatures is wrong.
 */
export function verifyNote(note: string, verifiers: readonly NoteVerifier[]): ReadNote {
  const { text, signatures } = readNote(note);
  const verified = new Map<string, NoteSignature>();
  for (const signature of signatures) {
    const { name, keyHash } = signature;
    const known = verifiers.filter((key) => key.name === name && key.keyHash === keyHash);
    if (known.length === 0) continue;
    if (!known.some((key) => key.verify(text, signature.signature)))
      throw new NoteUnverified("WRONG_SIGNATURE", `the signature by ${name} is wrong`);
    const key = `${name}+${keyHash}`;
    if (!verified.has(key)) verified.set(key, signature);
  }
  if (verified.size === 0)
    throw new NoteUnverified("NO_KNOWN_SIGNATURE", "none of its signatures is by a known key");
  return { text, signatures: [...verified.values()] };
}

/**
 * Reads one signature line, without its newline, as a witness answers it.
 *
 * @throws {NoteMalformed} if it is none.
 */
export function readSignatureLine(line: string, number = 1): NoteSignature {
  const [name = "", encoded = "", ...rest] = line.slice(signatureLineStart.length).split(" ");
  const bytes = readBase64(encoded);
  const isForm = line.startsWith(signatureLineStart) && rest.length === 0 && isNoteKeyName(name);
  if (!isForm || bytes === null || bytes.length <= keyHashLength)
    throw new NoteMalformed(
      `signature line ${number} is not an em dash, a name and the base64 of a hash and a signature`,
    );
  const keyHash = Buffer.from(bytes.subarray(0, keyHashLength)).readUInt32BE();
  return { name, keyHash, signature: bytes.subarray(keyHashLength), line };
}

function requireText(text: string): void {
  if (!text.endsWith("\n")) throw new NoteMalformed("its text does not end with a newline");
  if (!isNoteText(text))
    throw new NoteMalformed("its text has control characters or lone surrogates");
}
