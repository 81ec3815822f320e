import { digestLength, framed, hmacSha256, sha256 } from "./digest.ts";
import { type InclusionProof, verifyInclusion } from "./merkleProof.ts";

/**
 * What a section's Merkle map holds for one subject, and the salt that opens it to a receiver. 32
 * bytes each.
 */
export interface SealedLeaf {
  /** The key of the map; the same for every value of the subject. */
  readonly key: Uint8Array;
  /** The leaf of the map. */
  readonly commitment: Uint8Array;
  /** Given away together with the value when, and only when, the value is disclosed. */
  readonly leafSalt: Uint8Array;
}

/**
 * One value that a redacted document discloses, with all that a receiver needs beside the section's
 * root.
 */
export interface DisclosedLeaf {
  readonly key: Uint8Array;
  readonly leafSalt: Uint8Array;
  readonly subject: string;
  /** The canonical bytes of the value. */
  readonly value: Uint8Array;
  readonly proof: InclusionProof;
}

const keyDomain = "holdfast/leaf-key/v1";
const leafSaltDomain = "holdfast/leaf-salt/v1";
const commitmentDomain = "holdfast/leaf/v1";

/**
 * Seals one value of a section so that it can later be withheld without changing a digest
 * (ADR 0010). With the packet's secret salt of 32 random bytes:
 *
 *     key        = HMAC-SHA256(salt, key domain || section || subject)
 *     leafSalt   = HMAC-SHA256(salt, leaf-salt domain || section || subject || value)
 *     commitment = SHA-256(leaf domain || leafSalt || section || subject || value)
 *
 * where every part is framed by its length. Everything follows from the salt and the ledger, so the
 * same ledger folds to the same bytes on any node (rule 3.7), and no random number need be kept for
 * each leaf.
 *
 * What a receiver without the packet's salt learns:
 * - Of a hidden leaf nothing but that it is there. Its key and its leafSalt are outputs of a MAC
 *   under a key that it does not have, so it cannot try a guessed name or value against them: the
 *   commitment is a hash over 32 bytes that it cannot guess either. The leafSalts of disclosed
 *   leaves do not help: the value goes into the MAC, so another subject, and another value of the
 *   same subject, has an unrelated leafSalt.
 * - Between two exports of one packet: which hidden leaves are equal in both, as their key and
 *   commitment are equal. A subject that returns to an earlier value returns to its commitment; a
 *   value that says at which revision or entry it was set, as ledger entries do, never does.
 *   Different packets have different salts and share nothing.
 * - Of a disclosed leaf: that section, subject and value are the committed ones. Another opening of
 *   the same commitment would be a collision in SHA-256.
 * - Not that the subject has only this leaf: that the key belongs to the subject is checked by who
 *   has the salt.
 * - Of a section: about how many leaves it has, from the length of a proof (its logarithm), even
 *   when it discloses one alone.
 *
 * `value` is the canonical bytes of the value.
 *
 * @throws {RangeError} if the salt is not 32 bytes long, or section or subject has a lone
 * surrogate.
 */
export function sealLeaf(
  salt: Uint8Array,
  section: string,
  subject: string,
  value: Uint8Array,
): SealedLeaf {
  return { key: leafKey(salt, section, subject), ...sealValue(salt, section, subject, value) };
}

/** {@link sealLeaf} for a value that is in no map, and so needs no key. */
export function sealValue(
  salt: Uint8Array,
  section: string,
  subject: string,
  value: Uint8Array,
): Omit<SealedLeaf, "key"> {
  const leafSalt = mac(salt, framed(leafSaltDomain, [section, subject, value]));
  return { leafSalt, commitment: leafCommitment(leafSalt, section, subject, value) };
}

/**
 * The map key of a subject, as in {@link sealLeaf}: for taking a subject out, or proving that it is
 * absent.
 */
export function leafKey(salt: Uint8Array, section: string, subject: string): Uint8Array {
  return mac(salt, framed(keyDomain, [section, subject]));
}

/**
 * Whether a disclosed value is the one that a section's root commits to, by the leafSalt alone,
 * without the packet's salt. Malformed input is false, never a crash.
 */
export function verifyDisclosedLeaf(
  root: Uint8Array,
  section: string,
  leaf: DisclosedLeaf,
): boolean {
  if (!section.isWellFormed() || !leaf.subject.isWellFormed()) return false;
  const commitment = leafCommitment(leaf.leafSalt, section, leaf.subject, leaf.value);
  return verifyInclusion(root, leaf.key, commitment, leaf.proof);
}

/** The leaf of the map for a value that is disclosed together with its leafSalt, as in {@link sealLeaf}. */
export function leafCommitment(
  leafSalt: Uint8Array,
  section: string,
  subject: string,
  value: Uint8Array,
): Uint8Array {
  return sha256(framed(commitmentDomain, [leafSalt, section, subject, value]));
}

function mac(salt: Uint8Array, message: Uint8Array): Uint8Array {
  if (salt.length !== digestLength) {
    throw new RangeError(`a packet's salt has ${digestLength} bytes, not ${salt.length}`);
  }
  return hmacSha256(salt, message);
}
