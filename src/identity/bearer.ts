import { sha256Hex } from "#proof/digest.ts";

/** The longest token of our own that is looked at, in characters. */
const TOKEN_LENGTH_MAX = 512;

/** The longest bearer token that is looked at, one of an identity provider, in characters. */
const BEARER_LENGTH_MAX = 8_192;

/** How many random bytes a token is made of. */
export const TOKEN_BYTES = 32;

const SCHEME = /^bearer $/i;

/** A `b64token` of RFC 6750, section 2.1. */
const B64_TOKEN = /^[A-Za-z0-9._~+/-]+={0,2}$/;

/**
 * The token of an `Authorization` header: `Bearer`, exactly one space, and the token (RFC 6750).
 * Null where the header is absent or anything else.
 */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined || !SCHEME.test(authorization.slice(0, 7))) return null;
  const token = authorization.slice(7);
  return token.length <= BEARER_LENGTH_MAX && B64_TOKEN.test(token) ? token : null;
}

/** The SHA-256, in hexadecimal, of the token of our own that a header brings; null where there is none. */
export function tokenDigestOf(authorization: string | undefined): string | null {
  const token = bearerOf(authorization);
  return token === null || token.length > TOKEN_LENGTH_MAX ? null : sha256Hex(token);
}

/** A token of {@link TOKEN_BYTES} random bytes: `hf_`, so that a secret scanner knows it, and base64url. */
export function tokenOf(random: Uint8Array): string {
  if (random.length !== TOKEN_BYTES) throw new RangeError(`a token has ${TOKEN_BYTES} bytes`);
  return `hf_${Buffer.from(random).toString("base64url")}`;
}
