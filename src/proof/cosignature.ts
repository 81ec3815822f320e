import { sign, verify } from "node:crypto";
import { signatureLine } from "./noteForm.ts";
import {
  ed25519SignatureLength,
  NoteKeyMalformed,
  noteKeyHash,
  noteKeyType,
  readPrivateNoteKey,
  readVerifierKey,
  verifierKeyText,
} from "./noteKey.ts";
import { readCheckpoint } from "./checkpoint.ts";

/** Who says of checkpoints that it has seen them grow: the key of a witness. */
export interface Cosigner {
  readonly name: string;
  /** Of type 0x04. */
  readonly verifierKey: string;
  /**
   * One signature line, without its newline, over the text of a checkpoint as of a time in POSIX
   * seconds.
   *
   * @throws {CheckpointMalformed} if the text is no checkpoint.
   * @throws {RangeError} if the time is not from 0 to 2^63 - 1.
   */
  cosign(checkpointText: string, nowSeconds: bigint): string;
}

/** Checks the cosignatures of one witness; a `NoteVerifier` as well. */
export interface CosignatureVerifier {
  readonly name: string;
  readonly keyHash: number;
  /** Whether these 72 bytes (the time, and the signature) cosign the text of a checkpoint. */
  verify(text: string, signature: Uint8Array): boolean;
}

const timeLength = 8;
const timeMax = (1n << 63n) - 1n;

/**
 * Makes cosignatures by C2SP tlog-cosignature, "cosignature/v1" with Ed25519.
 *
 * @throws {NoteKeyMalformed} if the text is no private key of a note.
 */
export function cosigner(privateNoteKey: string): Cosigner {
  const own = readPrivateNoteKey(privateNoteKey);
  const keyHash = noteKeyHash(own.name, noteKeyType.cosignature, own.publicKey);
  return {
    name: own.name,
    verifierKey: verifierKeyText(own, noteKeyType.cosignature),
    cosign(checkpointText, nowSeconds) {
      readCheckpoint(checkpointText);
      if (nowSeconds < 0n || nowSeconds > timeMax)
        throw new RangeError("a cosignature is of a time from 0 to 2^63 - 1 seconds");
      const signature = Buffer.alloc(timeLength + ed25519SignatureLength);
      signature.writeBigUInt64BE(nowSeconds);
      signature.set(sign(null, cosignedMessage(checkpointText, nowSeconds), own.key), timeLength);
      return signatureLine(own.name, keyHash, signature);
    },
  };
}

/**
 * Reads a verifier key of type 0x04.
 *
 * @throws {NoteKeyMalformed} if it is anything else.
 */
export function cosignatureVerifier(verifierKey: string): CosignatureVerifier {
  const { name, keyHash, type, key } = readVerifierKey(verifierKey);
  if (type !== noteKeyType.cosignature)
    throw new NoteKeyMalformed(`a witness's key is of type 4 (cosignature), not ${type}`);
  return {
    name,
    keyHash,
    verify(text, signature) {
      const time = cosignatureSeconds(signature);
      return (
        time !== null &&
        verify(null, cosignedMessage(text, time), key, signature.subarray(timeLength))
      );
    },
  };
}

/**
 * When a cosignature was made, in POSIX seconds; null if these bytes are not a time up to 2^63 - 1
 * and an Ed25519 signature. To be believed only of a verified one.
 */
export function cosignatureSeconds(signature: Uint8Array): bigint | null {
  if (signature.length !== timeLength + ed25519SignatureLength) return null;
  const time = Buffer.from(signature.subarray(0, timeLength)).readBigUInt64BE();
  return time > timeMax ? null : time;
}

function cosignedMessage(checkpointText: string, seconds: bigint): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${seconds}\n${checkpointText}`, "utf8");
}
