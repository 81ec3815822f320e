import type { Fault, Path } from "./refusal.ts";

/** What a text carries that nobody may hand over (rule 7.3). */
export type SecretKind = "a private key" | "a seed" | "a PIN or password" | "a token";

/**
 * Longer texts are not looked through: no member of any input may be so long, so that they are
 * refused for that, and what is looked for is short.
 */
const LOOKED_AT_MAX = 64 * 1024;

/** No secret that is looked for is shorter, as `pin=1234`. */
const LOOKED_AT_MIN = 8;

/** The words in which key material is wrapped, and how the bare bytes of private keys begin in base64. */
const PRIVATE_KEYS: readonly RegExp[] = [
  /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/i,
  /PuTTY-User-Key-File-\d/,
  /AGE-(?:SECRET-KEY|PLUGIN)-[A-Z0-9-]{8}/,
  /(?:minisign|signify) (?:encrypted )?secret key/i,
  /PRIVATE\+KEY\+/,
  /"(?:d|k)" {0,4}: {0,4}"[A-Za-z0-9_-]{22}/,
  // openssh-key-v1, and PKCS #8 and #1 of Ed25519, X25519, the NIST curves and RSA.
  /b3BlbnNzaC1rZXktdjE|M(?:C4|Ec|Ew)CAQAwBQYDK2V[n-x]|M[IHG][A-Za-z0-9+/]{1,2}AgEAM[BD][A-Za-z0-9+/]GByqGSM49/,
  /M(?:HcCAQEEI|IGkAgEBBD|IHcAgEBBE)|MII[A-Za-z0-9+/]{3}(?:IBAAKC|IBADANBgkqhkiG9w0BAQEF)/,
];

const SEEDS: readonly RegExp[] = [
  /\b(?:seed|recovery|backup|mnemonic)(?: (?:phrase|words?))? ?[:=]\s{0,8}(?:[a-z]{3,8}[ ,]{1,3}){5}/i,
  /\b(?:seed|private key|secret key|signing key) ?[:=]\s{0,8}["']?(?:0x)?[0-9a-f]{32}/i,
];

const PINS: readonly RegExp[] = [
  /\b(?:pin|puk)(?:[ _-]?(?:code|number|no\.?))?["']?(?: {0,8}[:=#]| is| was)\s{0,8}["']?(?!\d{4}-\d\d-\d\d)\d[\d -]{2,14}\d\b/i,
  /\bP(?:IN|UK) \d{4,12}\b(?![.\w])/,
  /\b(?:pass(?:word|phrase|code|wd)|pwd)["']? {0,8}[:=]\s{0,8}(?=\S{0,64}[\d@#$%^&*])\S{4}/i,
];

/** By the prefixes that their issuers gave them so that they can be told. */
const TOKENS: readonly RegExp[] = [
  /(?<![A-Za-z0-9])hf_[A-Za-z0-9_-]{20}/,
  // A change token, which begins as in packet/change.ts, lets nobody in and may be read by anybody.
  /(?<![A-Za-z0-9+/_-])(?!eyJhbGciOiJFZERTQSIsInR5cCI6ImNoYW5nZStqd3Qi)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\./,
  /(?<![A-Za-z0-9])(?:gh[opsur]_[A-Za-z0-9]{20}|github_pat_\w{20}|gl(?:pat|rt|dt)-[\w-]{20})/,
  /(?<![A-Za-z0-9+/])A(?:KI|SI)A[0-9A-Z]{16}(?![A-Za-z0-9+/])/,
  /aws_(?:secret_access_key|session_token)["' ]{0,4}[:=]["' ]{0,4}\w/i,
  /(?<![A-Za-z0-9])(?:xox[abeprs]-[A-Za-z0-9-]{10}|xapp-\d-\w{8}|npm_[A-Za-z0-9]{30}|pypi-AgE[\w-]{16})/,
  /(?<![A-Za-z0-9])(?:hv[bs]\.[\w-]{20}|dckr_pat_[\w-]{20}|[rs]k_live_\w{16}|AIza[\w-]{35}|ya29\.[\w-]{20})/,
  /\b(?:proxy-)?authorization["']? {0,8}[:=]\s{0,8}\S/i,
  /\b(?:bearer |(?:token|api[_-]?key)["']?\s{0,8}[:=]\s{0,8}["']?)(?=[^\s"']{0,64}\d)(?=[^\s"']{0,64}[a-z])[a-z0-9._~+/-]{20}/i,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,64}:[^\s/@]{1,128}@/i,
];

const LOOKED_FOR: readonly (readonly [SecretKind, readonly RegExp[]])[] = [
  ["a private key", PRIVATE_KEYS],
  ["a seed", SEEDS],
  ["a PIN or password", PINS],
  ["a token", TOKENS],
];

/** One pattern for all with these flags: most texts are tried against it and no more. */
function anyOf(flags: "" | "i"): RegExp {
  const all = LOOKED_FOR.flatMap(([, patterns]) => patterns);
  const own = all.filter((pattern) => pattern.flags === flags);
  return new RegExp(own.map(({ source }) => `(?:${source})`).join("|"), flags);
}
const ANY_PLAIN = anyOf("");
const ANY_LABELLED = anyOf("i");

/** What names and digests are made of: nothing in it has a label before it. */
const NAME_LIKE = /^[A-Za-z0-9@._+~/-]*$|^sha\d{3}:[0-9a-f]*$/;

/** Nothing but ASCII, which has no other form and hides nothing. */
const ASCII = /^[\x20-\x7e\t\r\n]*$/;

/**
 * What secret a text seems to carry, or null. Public keys, certificates, signatures and digests
 * are none. Only what can be told from ordinary words is found: a bare number may be a PIN, too.
 */
export function secretIn(text: string): SecretKind | null {
  if (text.length < LOOKED_AT_MIN || text.length > LOOKED_AT_MAX) return null;
  if (NAME_LIKE.test(text)) return ANY_PLAIN.test(text) ? kindIn(text) : null;
  // Full-width letters and characters of no width would hide it from us and not from a reader.
  const plain = ASCII.test(text) ? text : text.normalize("NFKC").replaceAll(/\p{Cf}/gu, "");
  if (hasSeedWords(plain)) return "a seed";
  return ANY_PLAIN.test(plain) || ANY_LABELLED.test(plain) ? kindIn(plain) : null;
}

function kindIn(plain: string): SecretKind | null {
  const found = LOOKED_FOR.find(([, patterns]) => patterns.some((one) => one.test(plain)));
  return found?.[0] ?? null;
}

/**
 * Every place of an input where a text carries a secret; what the secret is stands there, not the
 * text. Names of members count, too: such a fault is told where the object is.
 */
export function secretsIn(input: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  look(input, [], faults);
  return faults;
}

function look(value: unknown, path: Path, faults: Fault[]): void {
  if (typeof value === "string") {
    note(value, path, faults);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) look(item, [...path, index], faults);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const isTold = !MEMBER.test(name) && note(name, path, faults);
      look(member, isTold ? path : [...path, name], faults);
    }
  }
}

/** Such as ours: shorter than any token. */
const MEMBER = /^[A-Za-z]{1,19}$/;

function note(text: string, path: Path, faults: Fault[]): boolean {
  const kind = secretIn(text);
  if (kind === null) return false;
  const message = `seems to carry ${kind}: it was not kept; take it out, and replace it if it is one`;
  faults.push({ path, message });
  return true;
}

/** Words of sentences, of which no list of seed words has one. */
const OF_SENTENCES =
  "and|are|but|for|from|had|has|have|its|not|our|the|their|was|were|which|with|been|did|does";

/** The shortest phrase of BIP 39 has so many words, each of three to eight letters. */
const PHRASE_WORDS_MIN = 12;

/** Words of one phrase in a row, numbered or not, as no sentence has them: of one case, and with nothing between. */
function phraseOf(letter: string, ofSentences: string): RegExp {
  const word = `(?:\\d{1,2}[.)]? ?)?(?!(?:${ofSentences})\\b)${letter}{3,8}\\b`;
  return new RegExp(`\\b${word}(?:\\s{1,3}${word}){${PHRASE_WORDS_MIN - 1}}`);
}
const PHRASES = [phraseOf("[a-z]", OF_SENTENCES), phraseOf("[A-Z]", OF_SENTENCES.toUpperCase())];

function hasSeedWords(text: string): boolean {
  return PHRASES.some((phrase) => phrase.test(text));
}
