import { digestLength } from "./digest.ts";
import {
  CertificateCollector,
  keyIdForm,
  readExtension,
  type RevokedCertificates,
} from "./krlCertificates.ts";
import { charsOf, fingerprintForm, readNamedKey, sha1Of } from "./krlKey.ts";
import { KrlFault, type KrlLimits, KrlReader } from "./krlReader.ts";
import { fingerprintOf } from "./sshPublicKey.ts";

/** The longest list that is read, in bytes: as much as OpenSSH takes into memory. */
const KRL_BYTES_MAX = 134_217_728;

const LIMITS: KrlLimits = { entriesMax: 4_194_304, namedKeysMax: 4_096 };

/** What every list begins with. */
export const KRL_MAGIC = "SSHKRL\n\0";
const FORMAT_VERSION = 1;

const SHA1_LENGTH = 20;

/** A plain public key that is asked about. */
export interface KrlKey {
  /** RFC 4253's form, in its only spelling. */
  readonly wire: Uint8Array;
  /** `SHA256:` and base64 without padding, where it is at hand: it is then not computed again. */
  readonly fingerprint?: string;
}

/** A certificate that is asked about (PROTOCOL.certkeys). */
export interface KrlCertificate {
  readonly serial: bigint;
  readonly keyId: Uint8Array;
  /** The key that is certified, as a plain one. */
  readonly key: KrlKey;
  /** The key that signed. */
  readonly authority: KrlKey;
}

/** An OpenSSH key revocation list that was read. Nothing in it changes. */
export class Krl {
  /** The list's own number, which grows whenever it is changed. */
  readonly version: bigint;
  /** When it was made, by the clock that made it, in seconds since 1970. */
  readonly generatedAt: bigint;
  /** What it says of itself, byte by byte. */
  readonly comment: string;
  readonly #contents: Contents;

  constructor(header: KrlHeader, contents: Contents) {
    this.version = header.version;
    this.generatedAt = header.generatedAt;
    this.comment = header.comment;
    this.#contents = contents;
  }

  /** How many keys it names, whole or by a hash; certificates are not counted. */
  get size(): number {
    return this.#contents.fingerprints.size + this.#contents.sha1s.size;
  }

  /** The keys that it names whole or by SHA-256; those that it names by SHA-1 alone are not among them. */
  get fingerprints(): ReadonlySet<string> {
    return this.#contents.fingerprints;
  }

  /**
   * Whether a key or a certificate is revoked, as `ssh-keygen -Q` answers: a certificate also is if
   * its key or the key that signed it is, and by its number only if that is not zero.
   */
  revokes(subject: KrlKey | KrlCertificate): boolean {
    if (!("serial" in subject)) return this.#revokesKey(subject);
    const { key, authority } = subject;
    return (
      this.#revokesKey(key) || this.#revokesCertificate(subject) || this.#revokesKey(authority)
    );
  }

  #revokesKey({ wire, fingerprint }: KrlKey): boolean {
    const { fingerprints, sha1s } = this.#contents;
    if (fingerprints.size > 0 && fingerprints.has(fingerprint ?? fingerprintOf(wire))) return true;
    return sha1s.size > 0 && sha1s.has(sha1Of(wire));
  }

  #revokesCertificate({ authority, serial, keyId }: KrlCertificate): boolean {
    const { certificates, everybodys } = this.#contents;
    const own = certificates.size > 0 ? certificates.get(charsOf(authority.wire)) : undefined;
    return [own, everybodys].some(
      (revoked) =>
        revoked !== undefined &&
        ((serial !== 0n && revoked.serials.has(serial)) ||
          (revoked.keyIds.size > 0 && revoked.keyIds.has(keyIdForm(keyId)))),
    );
  }
}

interface KrlHeader {
  readonly version: bigint;
  readonly generatedAt: bigint;
  readonly comment: string;
}

interface Contents {
  /** SHA-256 of keys, of those too that are listed whole: one look tells of both. */
  readonly fingerprints: ReadonlySet<string>;
  readonly sha1s: ReadonlySet<string>;
  /** By the wire form of who signed them. */
  readonly certificates: ReadonlyMap<string, RevokedCertificates>;
  /** Whoever signed them. */
  readonly everybodys: RevokedCertificates | undefined;
}

interface Collected {
  readonly fingerprints: Set<string>;
  readonly sha1s: Set<string>;
  readonly certificates: CertificateCollector;
}

const SIGNATURE = 4;

/** The sections by their types (PROTOCOL.krl, section 1). */
const SECTIONS = new Map<number, (section: KrlReader, into: Collected) => void>([
  [1, (section, { certificates }) => certificates.read(section)],
  [
    2,
    (section, { fingerprints }) =>
      readBlobs(section, "a key", (key) => fingerprints.add(fingerprintOf(key))),
  ],
  [
    3,
    (section, { sha1s }) =>
      readDigests(section, SHA1_LENGTH, (digest) => sha1s.add(charsOf(digest))),
  ],
  // Who may write the list may leave its signature out, so only its form is looked at.
  [SIGNATURE, readSigner],
  [
    5,
    (section, { fingerprints }) =>
      readDigests(section, digestLength, (digest) => fingerprints.add(fingerprintForm(digest))),
  ],
  [255, readExtension],
]);

/** Whether a file claims to be a key revocation list, by its first eight bytes. */
export function isKrl(bytes: Uint8Array): boolean {
  return charsOf(bytes.subarray(0, KRL_MAGIC.length)) === KRL_MAGIC;
}

/**
 * Reads a binary key revocation list (PROTOCOL.krl) whole: work and memory grow with the file
 * alone, whatever ranges it names. No input throws.
 */
export function readKrl(bytes: Uint8Array): Krl | KrlFault {
  if (bytes.length > KRL_BYTES_MAX) return new KrlFault("the list is too long", KRL_BYTES_MAX);
  if (!isKrl(bytes)) return new KrlFault("it does not begin as a key revocation list does", 0);
  const file = KrlReader.ofFile(bytes, LIMITS);
  const header = readHeader(file);
  const collected = {
    fingerprints: new Set<string>(),
    sha1s: new Set<string>(),
    certificates: new CertificateCollector(),
  };
  let isSigned = false;
  while (file.left > 0) {
    const type = file.byte("the type of a section");
    const readSection = SECTIONS.get(type);
    if (readSection === undefined) file.refuse("a section is of no known type");
    if (isSigned && type !== SIGNATURE) file.refuse("a section stands after a signature");
    readSection?.(file.section("a section"), collected);
    if (type === SIGNATURE) {
      file.string("a signature");
      isSigned = true;
    }
  }
  if (file.fault !== null) return file.fault;
  const { fingerprints, sha1s } = collected;
  const certificates = collected.certificates.all();
  return new Krl(header, { fingerprints, sha1s, certificates, everybodys: certificates.get("") });
}

function readHeader(file: KrlReader): KrlHeader {
  file.bytes(KRL_MAGIC.length, "the start of the list");
  if (file.uint32("the version of the form") !== FORMAT_VERSION) {
    file.refuse(`the form is not of version ${FORMAT_VERSION}`);
  }
  const version = file.uint64("the number of the list");
  const generatedAt = file.uint64("the time of the list");
  file.uint64("the flags");
  file.string("what is reserved");
  return { version, generatedAt, comment: file.chars("the comment") };
}

function readSigner(section: KrlReader): void {
  if (section.countsNamedKey()) readNamedKey(section, "the key of a signature");
}

function readBlobs(section: KrlReader, what: string, take: (blob: Uint8Array) => void): void {
  while (section.left > 0) {
    const blob = section.string(what);
    if (section.countsEntry()) take(blob);
  }
}

function readDigests(section: KrlReader, length: number, take: (digest: Uint8Array) => void): void {
  readBlobs(section, "a fingerprint", (digest) => {
    if (digest.length === length) take(digest);
    else section.refuse(`a fingerprint has ${length} bytes here`);
  });
}
