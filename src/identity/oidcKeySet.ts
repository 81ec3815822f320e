import { createPublicKey, type JsonWebKey } from "node:crypto";
import { createLocalJWKSet, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { jsonOf } from "./fileKind.ts";

/** The most bytes of a key set. */
export const KEY_SET_BYTES_MAX = 256 * 1024;

const KEYS_MAX = 100;
const RSA_BITS_MIN = 2_048;
const CURVES: Readonly<Record<string, readonly string[]>> = {
  EC: ["P-256", "P-384", "P-521"],
  OKP: ["Ed25519"],
};

/** Members that only a key has which can sign (RFC 7518, section 6). */
const SECRET_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const KeySetText = z.looseObject({
  keys: z.array(z.record(z.string(), z.unknown())).max(KEYS_MAX),
});

/** Keys that can verify, and nothing else. */
export interface KeySet {
  /** How jose asks for the one key that a token names. */
  readonly keyFor: JWTVerifyGetKey;
  /** The same for two sets of the same keys. */
  readonly mark: string;
  readonly size: number;
}

/** KEPT: the provider does not answer, and its last good keys go on for a while; NO_KEYS: nobody comes by it. */
export type KeysState = "OK" | "KEPT" | "NO_KEYS";

/** The keys that count at present. */
export interface OidcKeys {
  /** Looks for newer ones if that is due; null while none count. */
  present(): Promise<KeySet | null>;
  /** Those that count after a key was asked for that these do not have. */
  without(keys: KeySet): Promise<KeySet | null>;
  /** Resolves to a number that grows whenever other keys count, or none any more. */
  look(): Promise<number>;
  state(): KeysState;
  /** Resolves when nothing of it is under way any more. */
  close(): Promise<void>;
}

/**
 * Reads a JSON Web Key Set (RFC 7517); returns what is wrong with it, without a value, where it
 * cannot be used. Keys that are for something else are passed over. A set that gives away a secret
 * is not used at all: whoever has read it could sign.
 */
export function readKeySet(text: string): KeySet | { readonly fault: string } {
  const json = jsonOf(text);
  if ("fault" in json) return json;
  const parsed = KeySetText.safeParse(json.value);
  if (!parsed.success) return { fault: `it must be a key set with at most ${KEYS_MAX} keys` };
  const keys = parsed.data.keys as JsonWebKey[];
  const giving = keys.findIndex((key) =>
    SECRET_MEMBERS.some((member) => Object.hasOwn(key, member)),
  );
  if (giving !== -1) return { fault: `keys.${giving}: is secret, and must not be published` };
  const usable = keys.filter(isForSignatures);
  const broken = usable.findIndex((key) => !isSound(key));
  if (broken !== -1) return { fault: "one of its keys for signatures is malformed or too short" };
  return {
    keyFor: createLocalJWKSet({ keys: usable.map((key) => ({ ...key, kty: String(key.kty) })) }),
    mark: JSON.stringify(usable),
    size: usable.length,
  };
}

function isForSignatures({ kty, crv, use, kid }: JsonWebKey): boolean {
  if (typeof kid !== "string" || (use !== undefined && use !== "sig")) return false;
  return kty === "RSA" || (CURVES[kty ?? ""] ?? []).includes(crv ?? "");
}

function isSound(key: JsonWebKey): boolean {
  try {
    const { asymmetricKeyDetails: details } = createPublicKey({ key, format: "jwk" });
    return key.kty !== "RSA" || (details?.modulusLength ?? 0) >= RSA_BITS_MIN;
  } catch {
    return false;
  }
}
