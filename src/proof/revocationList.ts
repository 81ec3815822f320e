import { canonicalBytes } from "./canonical.ts";
import { sha256, sha256Hex } from "./digest.ts";
import { ARMORED_LENGTH_MAX } from "./sshSignature.ts";
import { isEpochText, membersOf } from "./statementForm.ts";

const FORMAT = "holdfast/revocation/1";

/** The namespace in which lists are signed (PROTOCOL.sshsig). */
export const REVOCATION_NAMESPACE = "revocation@holdfast";

/** How many lists there are: one for each first byte of the SHA-256 of a credential's id. */
export const SHARDS = 256;

/** The longest list, in bytes: about 17,000 keys in each shard, four million together. */
const LIST_BYTES_MAX = 1024 * 1024;

/** The longest text that {@link readSignedList} looks at, in bytes. */
export const SIGNED_LIST_BYTES_MAX = LIST_BYTES_MAX + 1 + ARMORED_LENGTH_MAX;

/** Versions are signed 64-bit counters, as epochs are. */
const VERSION_MAX = 9_223_372_036_854_775_807n;

const NAME = "[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,126}[A-Za-z0-9])?";

/** A principal or a service node by its name, or a key by its fingerprint as `ssh-keygen -l` prints it. */
const CREDENTIAL_ID = new RegExp(
  `^(?:(?:principal|node):${NAME}|key:SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048])$`,
);

/** Every credential of one shard that is revoked, for one deployment. */
export interface RevocationList {
  readonly deployment: string;
  /** 0 to 255. */
  readonly shard: number;
  /** From 1; only rises. */
  readonly version: bigint;
  /** The name of the person who signs it. */
  readonly issuedBy: string;
  /** Ids of credentials, in order, each once. */
  readonly revoked: readonly string[];
}

/** A list as it is handed on, its signature not yet verified. */
export interface SignedList {
  readonly list: RevocationList;
  /** The exact bytes that are signed. */
  readonly bytes: Uint8Array;
  readonly armored: string;
  /** The SHA-256 of the signed bytes, in hexadecimal. */
  readonly digest: string;
}

/** Whether a text is the id of a credential. */
export function isCredentialId(id: string): boolean {
  return CREDENTIAL_ID.test(id);
}

/** The shard of a credential, by its id. */
export function shardOf(id: string): number {
  return sha256(id)[0] ?? 0;
}

/** A shard as it stands in addresses and names of files: two hexadecimal digits. */
export function shardText(shard: number): string {
  return shard.toString(16).padStart(2, "0");
}

/** Reads what {@link shardText} wrote; null for anything else. */
export function readShardText(text: string): number | null {
  return /^[0-9a-f]{2}$/.test(text) ? Number.parseInt(text, 16) : null;
}

/** The exact bytes that are signed: canonical JSON (RFC 8785), without a line feed at the end. */
export function revocationListBytes(list: RevocationList): Uint8Array {
  const { deployment, shard, version, issuedBy, revoked } = list;
  return canonicalBytes({ deployment, shard, version, issuedBy, revoked, format: FORMAT });
}

/** Reads what {@link revocationListBytes} wrote, sorted and each id in its one form; null for anything else. */
export function readRevocationList(bytes: Uint8Array): RevocationList | null {
  const members = bytes.length > LIST_BYTES_MAX ? null : membersOf(bytes);
  if (members === null) return null;
  const { deployment, shard, version, issuedBy, revoked, format } = members;
  if (format !== FORMAT || Object.keys(members).length !== 6) return null;
  if (typeof deployment !== "string" || typeof issuedBy !== "string") return null;
  if (typeof shard !== "number" || shard < 0 || shard >= SHARDS) return null;
  if (!isEpochText(version) || !isSortedIds(revoked)) return null;
  const number = BigInt(version);
  if (number < 1n || number > VERSION_MAX) return null;
  return { deployment, shard, version: number, issuedBy, revoked };
}

/** A list and its armored signature as one text: the list is its first line. */
export function signedListText(bytes: Uint8Array, armored: string): string {
  return `${Buffer.from(bytes).toString("utf8")}\n${armored}`;
}

/** Reads what {@link signedListText} wrote, without verifying anything; null for anything else. */
export function readSignedList(text: Uint8Array): SignedList | null {
  const end = text.length > SIGNED_LIST_BYTES_MAX ? -1 : text.indexOf(0x0a);
  if (end === -1) return null;
  const bytes = text.subarray(0, end);
  const list = readRevocationList(bytes);
  if (list === null) return null;
  const armored = Buffer.from(text.subarray(end + 1)).toString("latin1");
  return { list, bytes, armored, digest: sha256Hex(bytes) };
}

function isSortedIds(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false;
  let previous = "";
  for (const id of value as readonly unknown[]) {
    if (typeof id !== "string" || id <= previous || !isCredentialId(id)) return false;
    previous = id;
  }
  return true;
}
