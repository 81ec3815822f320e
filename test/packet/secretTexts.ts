import { createECDH, createHash, generateKeyPairSync } from "node:crypto";
import type { SecretKind } from "#packet/secrets.ts";

/** Stands in every secret that can hold it, so that a trace of one is seen wherever it is. */
export const SENTINEL = "Zq7SentinelZq7SentinelZq7Sentinel99";

/** Put together here, so that no scanner of repositories takes them for real ones. */
function pem(label: string, dashes = "-----"): string {
  return [`${dashes}BEGIN ${label}${dashes}`, SENTINEL, `${dashes}END ${label}${dashes}`].join(
    "\n",
  );
}

function token(prefix: string): string {
  return `${prefix}${SENTINEL}`;
}

/** The body of a private key without the lines around it, as it would be pasted by somebody careful. */
function bare(type: "ed25519" | "x25519" | "ec" | "rsa", form: "pkcs8" | "pkcs1" | "sec1"): string {
  const { privateKey } =
    type === "ec"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : type === "rsa"
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : type === "ed25519"
          ? generateKeyPairSync("ed25519")
          : generateKeyPairSync("x25519");
  return privateKey.export({ format: "der", type: form }).toString("base64").slice(0, 1900);
}

const WORDS = "zone abandon ability able about above absent absorb abstract absurd abuse access";

const KEYS: readonly string[] = [
  ...["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"].map((label) =>
    pem(label),
  ),
  pem("OPENSSH PRIVATE KEY"),
  pem("PGP PRIVATE KEY BLOCK"),
  pem("SSH2 ENCRYPTED PRIVATE KEY", "---- ").replaceAll(" ----", "----"),
  pem("private key"),
  `the key:\\n-----BEGIN PRIVATE KEY-----\\n${SENTINEL}`,
  `\u200b--\u200b---BEGIN PRI\u200bVATE KEY-----${SENTINEL}`,
  `PuTTY-User-Key-File-3: ssh-ed25519 ${SENTINEL}`,
  `AGE-SECRET-KEY-1${SENTINEL.toUpperCase()}`,
  `untrusted comment: minisign encrypted secret key\n${SENTINEL}`,
  `PRIVATE+KEY+holdfast+0a0b0c0d+${SENTINEL}`,
  `{"kty":"OKP","crv":"Ed25519","d":"${SENTINEL}"}`,
  `b3BlbnNzaC1rZXktdjEAAAAABG5vbmU${SENTINEL}`,
  bare("ed25519", "pkcs8"),
  bare("x25519", "pkcs8"),
  bare("ec", "pkcs8"),
  bare("ec", "sec1"),
  bare("rsa", "pkcs8"),
  bare("rsa", "pkcs1"),
];

const SEEDS: readonly string[] = [
  WORDS,
  WORDS.toUpperCase(),
  WORDS.split(" ").join("\n"),
  `${WORDS} ${WORDS}`,
  `the phrase was ${WORDS}, as Dan has it`,
  `written down for the vault:\n${WORDS}\nkeep it`,
  WORDS.split(" ")
    .map((word, at) => `${at + 1}. ${word}`)
    .join(" "),
  "recovery phrase: zone abandon ability able about above",
  `seed: ${createHash("sha256").update(SENTINEL).digest("hex")}`,
];

const PINS: readonly string[] = [
  "PIN: 1234",
  "pin=482913",
  "The PIN is 48 29 13.",
  "PIN 4829",
  "pin code: 4829",
  "\uff30\uff29\uff2e\uff1a 4829",
  "PUK: 12345678",
  `password: ${SENTINEL}`,
  `passphrase=${SENTINEL}`,
];

const TOKENS: readonly string[] = [
  token("hf_"),
  `use hf_${SENTINEL} for now`,
  `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.${SENTINEL}`,
  ...[
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "npm_",
    "xoxb-",
    "xoxp-",
    "hvs.",
    "dckr_pat_",
  ].map(token),
  `pypi-AgE${SENTINEL}`,
  `sk_live_${SENTINEL}`,
  `AIza${SENTINEL}`,
  `AKIA${"Z".repeat(16)}`,
  `aws_secret_access_key = ${SENTINEL}`,
  `Authorization: Basic ${SENTINEL}`,
  `curl -H "authorization: Bearer ${SENTINEL}"`,
  `Bearer ${SENTINEL}`,
  `api_key=${SENTINEL}`,
  `postgres://holdfast:${SENTINEL}@db.example/holdfast`,
  `https://bot:${SENTINEL}@git.example/train.git`,
];

/** One of everything that is looked for, by what it is. */
export const SECRETS: readonly (readonly [SecretKind, string])[] = [
  ...KEYS.map((text) => ["a private key", text] as const),
  ...SEEDS.map((text) => ["a seed", text] as const),
  ...PINS.map((text) => ["a PIN or password", text] as const),
  ...TOKENS.map((text) => ["a token", text] as const),
];

const ecdh = createECDH("prime256v1");

/** What people write about a release, and what machines make that may be seen. */
export const HARMLESS: readonly string[] = [
  "Seal 4711 checked at the north vault; the bag is intact, photographed by two of us.",
  "The PIN pad of HSM 2 was replaced; the new one takes four to twelve digits.",
  "Nobody wrote the PIN down. The PIN is known to its holder alone.",
  "PIN entry failed twice in shift early, see ticket OPS-2231.",
  "PIN was changed on 2026-11-20 by both custodians.",
  "We pin 2024.1 of the toolchain, and pin: 20.19 of Node.",
  "Private key ceremony moved to 14:00 UTC; the public key is unchanged.",
  "The token ring at site B is down; tokens were handed back to the desk.",
  "YubiKey serial 12345678 is with Dan, spare 87654321 in the safe.",
  "Bearer of the seal is Carla. Authorization is by rule 5.1 alone.",
  "password rotation is due next week; passphrase: unchanged",
  "The seed of the reproducible build is fixed by SOURCE_DATE_EPOCH=1763769600.",
  "seed phrase ceremony: postponed",
  "Which order of words is right? The owner reads the digest aloud over the phone.",
  "Ana, Ben, Cleo, Dan, Eve, Finn, Gus, Hana, Ines, Jon, Kim, Lea, Max and Nora are on the roster",
  "Ana Ben Cleo Dan Eve Finn Gus Hana Ines Jon Kim Lea Max Nora",
  "checks out fine after reboot, will look again when the next shift comes",
  "rebuild of libhold 3.2.1-rc4 differs in build-id only",
  "see https://desk.example/tickets/4711?from=wall&page=2#notes",
  "git clone ssh://git@git.example:2222/train.git at v4.19.302",
  `sha256:${"a1".repeat(32)}`,
  `sha512:${"0f".repeat(64)}`,
  "a1b2c3d4".repeat(8),
  "deadbeef".repeat(5),
  createHash("sha256").update("x").digest("base64"),
  `SHA256:${createHash("sha256").update("x").digest("base64").slice(0, 43)}`,
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFtZ0mP0u8n0XAu3mCqI5m2VqOQnSx6m2kQm3mQ0ZbqA olga@desk",
  "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIB olga",
  "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTk=\n-----END SSH SIGNATURE-----",
  "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----",
  "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END CERTIFICATE-----",
  "-----BEGIN PGP SIGNATURE-----\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----",
  generateKeyPairSync("ed25519")
    .publicKey.export({ format: "der", type: "spki" })
    .toString("base64"),
  generateKeyPairSync("rsa", { modulusLength: 2048 })
    .publicKey.export({ format: "der", type: "spki" })
    .toString("base64"),
  ecdh.generateKeys("base64"),
  "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kgds5sf9q0j5q8d",
  "holdfast+0a0b0c0d+AZ3xq1dQ5p2o0c9b8a7",
  "01a1ff9f-f613-75f0-a6ff-9051e6983bf8",
  "modules/part-00042",
  "registry.example",
  "vault-north",
  "core@2.0.1+build.7",
  "aardvark adroitness absurd adviser accrue aftermath acme aggregate adrift alkali adult almighty",
  "\u041f\u043b\u043e\u043c\u0431\u0430 4711 \u0446\u0435\u043b\u0430; \u5c01\u5370\u5b8c\u597d; \u{1f512} ok",
];
