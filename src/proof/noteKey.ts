import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { base64, readBase64 } from "./base64.ts";
import { sha256 } from "./digest.ts";
import { isNoteKeyName } from "./noteForm.ts";

/** The byte that says what a key of a note signs (C2SP signed-note, "Signature types"). */
export const noteKeyType = {
  /** Ed25519 over the text of the note. */
  ed25519: 0x01,
  /** Ed25519 over a checkpoint and the time at which a witness saw it. */
  cosignature: 0x04,
} as const;

/** One of {@link noteKeyType}. */
export type NoteKeyType = (typeof noteKeyType)[keyof typeof noteKeyType];

/** A verifier key, read. */
export interface PublicNoteKey {
  readonly name: string;
  readonly keyHash: number;
  readonly type: NoteKeyType;
  readonly key: KeyObject;
}

/** A private key, read. */
export interface PrivateNoteKey {
  readonly name: string;
  readonly key: KeyObject;
  /** As RFC 8032 encodes it, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A text that is no key of a note. It is never repeated in the message: it may be a private key. */
export class NoteKeyMalformed extends Error {
  override readonly name = "NoteKeyMalformed";
}

/** The length of an Ed25519 signature in bytes (RFC 8032 section 5.1.6). */
export const ed25519SignatureLength = 64;

const keyLength = 32;
const keyTextLengthMax = 1_024;
const privatePrefix = "PRIVATE+KEY+";

// What DER writes in front of the 32 bytes (RFC 8410).
const seedPrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");

/**
 * The private key of a name, as text: `PRIVATE+KEY+<name>+<hash>+<base64(0x01 || seed)>`, the form
 * of Go's sumdb/note. The same key signs notes or, in a witness, cosigns checkpoints.
 *
 * @throws {NoteKeyMalformed} if the name may not name a key.
 * @throws {RangeError} if the seed is not 32 bytes long.
 */
export function privateNoteKeyText(name: string, seed: Uint8Array): string {
  if (!isNoteKeyName(name))
    throw new NoteKeyMalformed("the name of a key is not empty and has neither spaces nor plus");
  if (seed.length !== keyLength)
    throw new RangeError(`a seed has ${keyLength} bytes, not ${seed.length}`);
  const publicKey = publicKeyOf(privateKeyOf(seed));
  const hash = noteKeyHash(name, noteKeyType.ed25519, publicKey);
  return `${privatePrefix}${keyText(name, hash, noteKeyType.ed25519, seed)}`;
}

/**
 * Reads what {@link privateNoteKeyText} wrote.
 *
 * @throws {NoteKeyMalformed} if it is anything else, its hash included.
 */
export function readPrivateNoteKey(text: string): PrivateNoteKey {
  if (!text.startsWith(privatePrefix))
    throw new NoteKeyMalformed(`a private key of a note starts with ${privatePrefix}`);
  const { name, keyHash, type, bytes } = readKeyText(text.slice(privatePrefix.length));
  if (type !== noteKeyType.ed25519)
    throw new NoteKeyMalformed(`a private key of a note is Ed25519, type 1, not ${type}`);
  const key = privateKeyOf(bytes);
  const publicKey = publicKeyOf(key);
  if (noteKeyHash(name, type, publicKey) !== keyHash)
    throw new NoteKeyMalformed("the hash in the private key is not that of its name and key");
  return { name, key, publicKey };
}

/** The verifier key of a private key, for what it is to sign: `<name>+<hash>+<base64(type || key)>`. */
export function verifierKeyText({ name, publicKey }: PrivateNoteKey, type: NoteKeyType): string {
  return keyText(name, noteKeyHash(name, type, publicKey), type, publicKey);
}

/**
 * Reads a verifier key: `<name>+<hash as 8 lower-case hex digits>+<base64(type || 32 bytes)>`.
 *
 * @throws {NoteKeyMalformed} if it is anything else, or of a type that is not in
 * {@link noteKeyType}.
 */
export function readVerifierKey(text: string): PublicNoteKey {
  const { name, keyHash, type, bytes } = readKeyText(text);
  if (noteKeyHash(name, type, bytes) !== keyHash)
    throw new NoteKeyMalformed("the hash in the verifier key is not that of its name and key");
  const der = Buffer.concat([publicPrefix, bytes]);
  return { name, keyHash, type, key: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

/** The first four bytes of SHA-256(name || 0x0A || type || public key), big-endian. */
export function noteKeyHash(name: string, type: NoteKeyType, publicKey: Uint8Array): number {
  const digest = sha256(
    Buffer.concat([Buffer.from(`${name}\n`, "utf8"), Uint8Array.of(type), publicKey]),
  );
  return Buffer.from(digest).readUInt32BE();
}

function readKeyText(text: string) {
  if (text.length > keyTextLengthMax)
    throw new NoteKeyMalformed(`a key of a note has at most ${keyTextLengthMax} characters`);
  // The base64 part may have plus signs of its own.
  const [, name = "", hash = "", encoded = ""] =
    /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text) ?? [];
  const bytes = readBase64(encoded);
  if (!isNoteKeyName(name) || bytes === null || bytes.length !== 1 + keyLength)
    throw new NoteKeyMalformed(
      "a key of a note is <name>+<hash, 8 lower-case hex digits>+<base64 of a type and 32 bytes>",
    );
  const type = Object.values(noteKeyType).find((known) => known === bytes[0]);
  if (type === undefined)
    throw new NoteKeyMalformed("a key of a note is of type 1 (Ed25519) or 4 (cosignature)");
  return { name, keyHash: Number.parseInt(hash, 16), type, bytes: bytes.subarray(1) };
}

function keyText(name: string, keyHash: number, type: NoteKeyType, key: Uint8Array): string {
  const hash = keyHash.toString(16).padStart(8, "0");
  return `${name}+${hash}+${base64(Buffer.concat([Uint8Array.of(type), key]))}`;
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([seedPrefix, seed]), format: "der", type: "pkcs8" });
}

function publicKeyOf(privateKey: KeyObject): Uint8Array {
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return der.subarray(publicPrefix.length);
}
