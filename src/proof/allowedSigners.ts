import { readBase64 } from "./base64.ts";
import { fingerprintOf, isKeyType, readSshKeyText } from "./sshPublicKey.ts";
import { SshFault, SshReader } from "./sshWire.ts";

/** The longest file that is read, in characters and in lines. */
export const SIGNERS_LENGTH_MAX = 4 * 1024 * 1024;
const LINES_MAX = 20_000;

/** As `ssh-keygen -l` prints it. */
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

/** A person, and not a pattern or a list: `ssh-keygen` reads those characters otherwise. */
const PERSON = /^[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,126}[A-Za-z0-9])?$/;

/** Namespaces with commas between them, and no pattern. */
const NAMESPACES = /^namespaces="([A-Za-z0-9._@-]+(?:,[A-Za-z0-9._@-]+)*)"$/i;

/** Options that `ssh-keygen` knows and that are not taken here. */
const NOT_TAKEN = /(?:^|,)(?:cert-authority|valid-after|valid-before)\b/i;

/** A line of the file: one key of one person, and in which namespaces it counts. */
interface SignerLine {
  readonly person: string;
  /** Null for all of them, as `ssh-keygen` reads a line that names none. */
  readonly namespaces: readonly string[] | null;
  readonly fingerprint: string;
  readonly wire: Uint8Array;
}

/** Whose keys are listed for what. Fingerprints are those of `ssh-keygen -l`. */
export class AllowedSigners {
  readonly #byPerson: ReadonlyMap<string, readonly SignerLine[]>;

  constructor(lines: readonly SignerLine[] = []) {
    const byPerson = new Map<string, SignerLine[]>();
    for (const line of lines) {
      const listed = byPerson.get(line.person);
      if (listed === undefined) byPerson.set(line.person, [line]);
      else listed.push(line);
    }
    this.#byPerson = byPerson;
  }

  /** The keys listed for a person in a namespace, in the order of the file. */
  keysOf(person: string, namespace: string): readonly string[] {
    return [...this.wiresOf(person, namespace).keys()];
  }

  /** The same keys with their wire forms, by fingerprint. */
  wiresOf(person: string, namespace: string): ReadonlyMap<string, Uint8Array> {
    const lines = this.#byPerson.get(person) ?? [];
    const counting = lines.filter(({ namespaces }) => namespaces?.includes(namespace) ?? true);
    return new Map(counting.map(({ fingerprint, wire }) => [fingerprint, wire]));
  }

  /** Whether a key is listed for a person in a namespace. */
  has(person: string, fingerprint: string, namespace: string): boolean {
    return this.keysOf(person, namespace).includes(fingerprint);
  }

  /** Whose key this is, for whatever use; null for nobody's. */
  holderOf(fingerprint: string): string | null {
    for (const [person, lines] of this.#byPerson) {
      if (lines.some((line) => line.fingerprint === fingerprint)) return person;
    }
    return null;
  }

  /** Everybody for whom a key is listed, in the order of the file. */
  persons(): readonly string[] {
    return [...this.#byPerson.keys()];
  }
}

/**
 * Reads a file as `ssh-keygen -Y verify -f` takes it, except that each line names one person and no
 * pattern, no certificate authority and no time, and that a key is one person's: two who share one
 * could not be told apart (rule 5.3). Returns every fault, by its line, and repeats no value.
 */
export function parseAllowedSigners(text: string): AllowedSigners | readonly string[] {
  const lines: SignerLine[] = [];
  const faults: string[] = [];
  const owners = new Map<string, { readonly person: string; readonly line: number }>();
  for (const { number, words } of linesOf(text, faults)) {
    const read = signerOf(words);
    if (typeof read === "string") {
      faults.push(`line ${number}: ${read}`);
      continue;
    }
    const owner = owners.get(read.fingerprint) ?? { person: read.person, line: number };
    owners.set(read.fingerprint, owner);
    if (owner.person === read.person) lines.push(read);
    else faults.push(`line ${number}: the key is that of another person on line ${owner.line}`);
  }
  return faults.length > 0 ? faults : new AllowedSigners(lines);
}

/**
 * Reads a file of keys that no longer count: on each line a fingerprint as `ssh-keygen -l` prints
 * it, or a public key of whatever type. Returns the fingerprints, or every fault by its line.
 */
export function parseRevokedKeys(text: string): ReadonlySet<string> | readonly string[] {
  const revoked = new Set<string>();
  const faults: string[] = [];
  for (const { number, words } of linesOf(text, faults)) {
    const fingerprint = revokedOf(words);
    if (fingerprint === null) {
      faults.push(`line ${number}: is neither a fingerprint (SHA256:...) nor a public key`);
    } else revoked.add(fingerprint);
  }
  return faults.length > 0 ? faults : revoked;
}

interface Line {
  readonly number: number;
  readonly words: readonly string[];
}

/** What is neither blank nor a comment. */
function linesOf(text: string, faults: string[]): readonly Line[] {
  const lines = text.length > SIGNERS_LENGTH_MAX ? [] : text.split(/\r?\n/);
  if (text.length > SIGNERS_LENGTH_MAX || lines.length > LINES_MAX) {
    faults.push(`the file is longer than ${LINES_MAX} lines or ${SIGNERS_LENGTH_MAX} characters`);
    return [];
  }
  return lines
    .map((line, index) => ({
      number: index + 1,
      words: line.split(/[ \t]+/).filter((word) => word !== ""),
    }))
    .filter(({ words }) => words.length > 0 && words[0]?.startsWith("#") === false);
}

/** What a line says, or what is wrong with it. */
function signerOf([person = "", ...rest]: readonly string[]): SignerLine | string {
  if (!PERSON.test(person)) {
    return "must begin with the name of one person, without a pattern, a quote or a comma";
  }
  const [options, type = "", key = ""] = isKeyType(rest[0] ?? "") ? [undefined, ...rest] : rest;
  const namespaces = options === undefined ? null : namespacesOf(options);
  if (typeof namespaces === "string") return namespaces;
  const read = readSshKeyText(type, key);
  if (read instanceof SshFault) return read.why;
  return { person, namespaces, fingerprint: read.fingerprint, wire: read.wire };
}

function namespacesOf(options: string): readonly string[] | string {
  if (NOT_TAKEN.test(options)) {
    return "cert-authority, valid-after and valid-before do not count here: list each key itself, and remove the line or revoke the key when it ends (rule 6.1)";
  }
  const listed = NAMESPACES.exec(options)?.[1];
  return (
    listed?.split(",") ??
    'after the name must come a key of a type that counts, or namespaces="..." without patterns and then the key'
  );
}

function revokedOf([first = "", second = ""]: readonly string[]): string | null {
  if (FINGERPRINT.test(first)) {
    // Another spelling of the same bytes would match no key, ever, in silence.
    return readBase64(`${first.slice("SHA256:".length)}=`) === null ? null : first;
  }
  const wire = readBase64(second);
  if (wire === null || new SshReader(wire).text("the type") !== first) return null;
  return fingerprintOf(wire);
}
