import { base64, readBase64 } from "./base64.ts";
import { readSshPublicKey, type SshPublicKey } from "./sshPublicKey.ts";
import { SshFault, SshReader } from "./sshWire.ts";

/** The longest armored signature that is looked at, in characters; the longest RSA key takes half. */
export const ARMORED_LENGTH_MAX = 16_384;

/** What every signature, and everything that is signed, begins with (PROTOCOL.sshsig). */
export const SSHSIG_MAGIC = "SSHSIG";

const BEGIN = "-----BEGIN SSH SIGNATURE-----\n";
const END = "\n-----END SSH SIGNATURE-----";
const VERSION = 1;

/** How wide `ssh-keygen` writes the lines between the first and the last, in characters. */
const LINE_LENGTH = 70;

/** How the message is hashed before it is signed. */
export type SshsigHash = "sha256" | "sha512";

/** A signature that was read and not yet verified. */
export interface SshSignature {
  readonly publicKey: SshPublicKey;
  readonly namespace: string;
  readonly hash: SshsigHash;
  /** The signature itself: an algorithm and what that makes (RFC 4253, section 6.6). */
  readonly signature: Uint8Array;
  /** The whole in the one form that `ssh-keygen` writes: lines of 70 characters, a newline at the end. */
  readonly armored: string;
}

/**
 * Reads an armored OpenSSH signature (PROTOCOL.sshsig) strictly: version 1, SHA-256 or SHA-512, a
 * namespace, nothing reserved, no byte after the end. Where the text breaks its lines is free. No
 * input throws.
 */
export function readSshSignature(armored: string): SshSignature | SshFault {
  const blob = dearmored(armored);
  if (blob instanceof SshFault) return blob;
  const reader = new SshReader(blob);
  const magic = reader.bytes(SSHSIG_MAGIC.length, "the signature");
  const version = reader.uint32("the version");
  const wire = reader.string("the key");
  const namespace = reader.text("the namespace");
  const reserved = reader.string("what is reserved");
  const hash = reader.text("the hash algorithm");
  const signature = reader.string("the signature");
  const fault = reader.end("the signature");
  if (fault !== null) return fault;
  if (Buffer.from(magic).toString("latin1") !== SSHSIG_MAGIC || version !== VERSION) {
    return new SshFault(`it is no ${SSHSIG_MAGIC} of version ${VERSION}`);
  }
  if (namespace === "") return new SshFault("the namespace is empty");
  if (reserved.length > 0) return new SshFault("what is reserved is not empty");
  if (hash !== "sha256" && hash !== "sha512") {
    return new SshFault("the hash algorithm is neither sha256 nor sha512");
  }
  const publicKey = readSshPublicKey(wire);
  if (publicKey instanceof SshFault) return publicKey;
  return { publicKey, namespace, hash, signature, armored: armoredForm(blob) };
}

function dearmored(armored: string): Uint8Array | SshFault {
  if (armored.length > ARMORED_LENGTH_MAX) {
    return new SshFault(`it is longer than ${ARMORED_LENGTH_MAX} characters`);
  }
  const text = armored.endsWith("\n") ? armored.slice(0, -1) : armored;
  if (!text.startsWith(BEGIN) || !text.endsWith(END) || text.length <= BEGIN.length + END.length) {
    return new SshFault("it does not begin and end as an armored SSH signature does");
  }
  const lines = text.slice(BEGIN.length, -END.length).split("\n");
  if (lines.includes("")) return new SshFault("it has an empty line");
  return (
    readBase64(lines.join("")) ?? new SshFault("it is no base64 between its first and last line")
  );
}

function armoredForm(blob: Uint8Array): string {
  const text = base64(blob);
  let lines = "";
  for (let at = 0; at < text.length; at += LINE_LENGTH) {
    lines += `${text.slice(at, at + LINE_LENGTH)}\n`;
  }
  return `${BEGIN}${lines}${END.slice(1)}\n`;
}
